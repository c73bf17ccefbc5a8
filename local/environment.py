"""What the laptop gives the process: the template's environment, and nothing of the user's own AWS configuration."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from local.template import Template, TemplateError

REGION = "eu-central-1"
DEFAULT_PORT = 8000
MAIL_FROM = "kiosk@kiosk.example"


def forget_own_aws() -> None:
    """Profiles, keys, region and endpoints of a real account; but AWS_ENDPOINT_URL_DYNAMODB is asked for."""
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_ENDPOINT_URL_DYNAMODB":
            del os.environ[name]
    os.environ |= {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def base_url(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Where this process serves. Under uvicorn its own arguments say so; PORT is for everything else."""
    variable = "UVICORN_PORT" if _is_uvicorn(argv) else "PORT"
    port = _option("--port", argv) or environ.get(variable) or DEFAULT_PORT
    if not str(port).isdecimal():
        raise ValueError(f"{variable}: {port!r} is no port")
    host = _option("--host", argv) or environ.get("UVICORN_HOST")
    return f"http://{'localhost' if host == 'localhost' else '127.0.0.1'}:{port}"


def workers(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """How many processes serve."""
    given = (_option("--workers", argv) if _is_uvicorn(argv) else None) or environ.get("WEB_CONCURRENCY")
    return int(given) if given else 1


def _is_uvicorn(argv: Sequence[str]) -> bool:
    return "uvicorn" in {Path(argv[0]).stem, Path(argv[0]).parent.name}


def _option(name: str, argv: Sequence[str]) -> str | None:
    for position, argument in enumerate(argv):
        if argument == name:
            return argv[position + 1] if position + 1 < len(argv) else None
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def parameters(environ: Mapping[str, str]) -> dict[str, str]:
    """The template's parameters, for a laptop."""
    return {
        "Environment": "dev",
        "PublicBaseUrl": base_url(sys.argv, environ),
        "MailFrom": MAIL_FROM,
        "Payments": "local",
    }


def stated(template: Template) -> Iterator[tuple[str, str, str]]:
    """Every environment variable of the template: where it stands, its name and value."""
    for resource in [None, *template.of_type("AWS::Serverless::Function")]:
        place = resource.name if resource else "Globals.Function"
        properties = resource.properties if resource else template.globals.get("Function", {})
        for name, value in properties.get("Environment", {}).get("Variables", {}).items():
            yield place, name, str(value)


def variables(template: Template, moto_url: str) -> dict[str, str]:
    """Globals and every function's own: one process is all functions, so they must not contradict each other."""
    set_by: dict[str, str] = {}
    merged: dict[str, str] = {}
    for place, name, value in stated(template):
        if merged.setdefault(name, value) != value:
            raise TemplateError(
                f"{place}.Environment.Variables.{name}: is {value!r}, but {set_by[name]} has {merged[name]!r}; "
                "on a laptop all functions share one environment"
            )
        set_by.setdefault(name, place)
    local = {
        "KIOSK_AWS": "embedded",
        "JWKS_URL": f"{moto_url}/{merged.get('USER_POOL_ID')}/.well-known/jwks.json",
        "UPLOADS_URL": f"{moto_url}/{merged.get('UPLOADS_BUCKET')}",
        "MEDIA_BASE_URL": f"{merged.get('PUBLIC_BASE_URL')}/local/media",
    }
    return merged | {name: value for name, value in local.items() if name in merged}
