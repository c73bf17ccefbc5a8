"""What a laptop's process is given, whatever its user has configured."""

import os
import subprocess
import sys

import pytest

from core.config import settings
from local import environment
from local.template import ROOT


@pytest.mark.parametrize(
    ("arguments", "variables", "address"),
    [
        ("/venv/bin/uvicorn api.main:app", {}, "http://127.0.0.1:8000"),
        ("/venv/bin/uvicorn api.main:app --port 9001", {"PORT": "9002"}, "http://127.0.0.1:9001"),
        ("/venv/bin/uvicorn api.main:app --port=9001 --host localhost", {}, "http://localhost:9001"),
        ("/lib/uvicorn/__main__.py api.main:app", {"UVICORN_PORT": "9003"}, "http://127.0.0.1:9003"),
        ("/venv/bin/uvicorn api.main:app --host 0.0.0.0", {"PORT": "9002"}, "http://127.0.0.1:8000"),
        ("serve.py", {"PORT": "9002"}, "http://127.0.0.1:9002"),
        ("serve.py", {}, "http://127.0.0.1:8000"),
    ],
)
def test_base_url(arguments: str, variables: dict[str, str], address: str) -> None:
    assert environment.base_url(arguments.split(), variables) == address


@pytest.mark.parametrize(
    ("arguments", "variables", "number"),
    [
        ("/venv/bin/uvicorn api.main:app", {}, 1),
        ("/venv/bin/uvicorn api.main:app --workers 2", {}, 2),
        ("/venv/bin/uvicorn api.main:app", {"WEB_CONCURRENCY": "3"}, 3),
        ("/venv/bin/pytest --workers 2", {}, 1),
    ],
)
def test_workers(arguments: str, variables: dict[str, str], number: int) -> None:
    assert environment.workers(arguments.split(), variables) == number


def test_the_process_has_the_templates_environment() -> None:
    given = settings()
    assert (given.kiosk_aws, given.environment) == ("embedded", "dev")
    assert given.mail_queue_url == "https://sqs.eu-central-1.amazonaws.com/123456789012/MailQueue"
    assert given.products_table == "ProductsTable"
    assert given.token_issuer == f"https://cognito-idp.eu-central-1.amazonaws.com/{given.user_pool_id}"
    assert given.jwks_url.startswith("http://127.0.0.1:")
    assert given.jwks_url.endswith(f"/{given.user_pool_id}/.well-known/jwks.json")


def test_the_users_own_account_is_out_of_reach(tmp_path) -> None:
    """Its profile, keys and endpoints, in the environment and in files, with a default profile that names them."""
    (tmp_path / "config").write_text("[default]\nregion = us-west-2\nendpoint_url = http://10.0.0.1\n[profile work]\n")
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n")
    own = {
        "AWS_PROFILE": "work",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": "http://10.0.0.1",
        "AWS_ENDPOINT_URL_SQS": "http://10.0.0.1",
        "KIOSK_AWS": "embedded",
    }
    script = (
        "import local, os; local.start()\n"
        "from core import aws; from core.config import settings\n"
        "aws.sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody='{}')\n"
        "keys = aws.session().get_credentials()\n"
        "print(aws.sqs().meta.region_name, aws.sqs().meta.endpoint_url, keys.access_key, keys.token)\n"
        "print(sorted(name for name in os.environ if 'REAL' in os.environ[name] or '10.0.0.1' in os.environ[name]))"
    )
    here = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=here | own, capture_output=True, text=True, check=True
    )
    expected = ["eu-central-1 https://sqs.eu-central-1.amazonaws.com local None", "[]"]
    assert ran.stdout.splitlines() == expected


@pytest.mark.parametrize("own", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_users_own_region_is_not_the_laptops(own: str) -> None:
    """Buckets and ARNs of such regions are unlike all others'."""
    script = (
        "import local; local.start()\n"
        "from core import aws; from core.config import settings; from local import embedded\n"
        "embedded.make()\n"
        "print(aws.sqs().meta.region_name, aws.s3().head_bucket(Bucket=settings().media_bucket)['BucketRegion'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"AWS_REGION": own, "AWS_DEFAULT_REGION": own},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "eu-central-1 eu-central-1\n"
