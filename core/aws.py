"""One botocore session for the process, and one client a service, made on first use.

Without KIOSK_AWS=account the session sends to this machine only: a request that the embedded AWS did not
answer, and that is not for loopback, is refused before it leaves.
"""

import ipaddress
import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_s3 import S3Client
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sqs import SQSClient
    from types_boto3_ssm import SSMClient

TIMEOUTS = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
ONE_TRY = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})
QUICK = Config(connect_timeout=0.3, read_timeout=0.3, retries={"mode": "standard", "total_max_attempts": 1})
_creating = Lock()  # botocore's client creation is not thread-safe


class NoAccountConfigured(RuntimeError):
    """A call would have left this machine although nothing says that it may."""


def is_deployed() -> bool:
    return os.environ.get("KIOSK_AWS") == "account"


@cache
def session() -> botocore.session.Session:
    made = botocore.session.get_session()
    if not is_deployed():
        made.set_credentials("local", "local")
        made.register("before-send", _refuse_to_leave)
    return made


def refusal_to_call(url: str) -> NoAccountConfigured | None:
    """Why nothing may be sent there; None where it may."""
    host = urlsplit(url).hostname or ""
    if is_deployed() or host == "localhost" or _is_loopback(host):
        return None
    return NoAccountConfigured(
        f"refused to call {host}: Kiosk runs locally and nothing on this machine answers for it "
        "(set KIOSK_AWS=account to use real accounts)"
    )


class _LastAnswer:
    """Stands last in the line of answers to a request: botocore reads it only if nothing else answered."""

    def __init__(self, refusal: NoAccountConfigured) -> None:
        self._refusal = refusal

    def __getattr__(self, _: str) -> Any:
        raise self._refusal


def _refuse_to_leave(**event: Any) -> Any:
    refusal = refusal_to_call(event["request"].url)
    return _LastAnswer(refusal) if refusal else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _client(service: str, config: Config = TIMEOUTS) -> Any:
    with _creating:
        return session().create_client(service, config=config)


@cache
def cognito() -> "CognitoIdentityProviderClient":
    client: CognitoIdentityProviderClient = _client("cognito-idp")
    return client


@cache
def s3() -> "S3Client":
    """Signs forms as every region takes them."""
    client: S3Client = _client("s3", TIMEOUTS.merge(Config(signature_version="s3v4")))
    return client


@cache
def ses() -> "SESV2Client":
    """Never tries again by itself: after a lost answer that would be another copy of the mail."""
    client: SESV2Client = _client("sesv2", ONE_TRY)
    return client


@cache
def sqs() -> "SQSClient":
    client: SQSClient = _client("sqs")
    return client


@cache
def quick_sqs() -> "SQSClient":
    """For what must not keep anybody waiting, and may get lost."""
    client: SQSClient = _client("sqs", QUICK)
    return client


@cache
def ssm() -> "SSMClient":
    client: SSMClient = _client("ssm")
    return client
