"""moto is exact under threads, on this machine only, and not there when it is stopped."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from botocore.exceptions import ClientError

import local
from core import aws
from core.config import settings
from local import embedded
from local.resources import client
from local.template import ROOT

KEY = {"key": {"S": "stock"}}
ONE_LESS = {
    "TableName": "UniquesTable",
    "Key": KEY,
    "UpdateExpression": "SET stock = stock - :one",
    "ConditionExpression": "stock >= :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
}


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """They give way so often that without the lock these tests fail every time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def update() -> None:
    client("dynamodb").update_item(**ONE_LESS)


def transact() -> None:
    client("dynamodb").transact_write_items(TransactItems=[{"Update": ONE_LESS}])


@pytest.mark.usefixtures("impatient_threads")
@pytest.mark.parametrize("buy", [update, transact])
def test_32_threads_sell_exactly_what_is_there(buy: Callable[[], None]) -> None:
    client("dynamodb").put_item(TableName="UniquesTable", Item=KEY | {"stock": {"N": "100"}})

    def shop(_: int) -> str:
        try:
            buy()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "sold"

    with ThreadPoolExecutor(32) as buyers:
        outcomes = Counter(buyers.map(shop, range(160)))
    refused = "ConditionalCheckFailedException" if buy is update else "TransactionCanceledException"
    assert outcomes == {"sold": 100, refused: 60}
    left = client("dynamodb").get_item(TableName="UniquesTable", Key=KEY)["Item"]["stock"]["N"]
    assert left == "0"


@pytest.mark.usefixtures("impatient_threads")
def test_threads_receive_each_message_once() -> None:
    url = settings().mail_queue_url
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: aws.sqs().send_message(QueueUrl=url, MessageBody=str(number)), range(60)))
        batches = pool.map(lambda _: aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10), range(16))
    bodies = [message["Body"] for batch in batches for message in batch.get("Messages", [])]
    assert sorted(map(int, bodies)) == list(range(60))


@pytest.fixture
def nothing_embedded() -> Iterator[None]:
    local.stop()
    yield
    local.start()


@pytest.mark.usefixtures("nothing_embedded")
def test_without_the_embedded_aws_nothing_is_called() -> None:
    from models.product import Product

    given = settings()
    calls = {
        "sqs": lambda: aws.sqs().send_message(QueueUrl=given.mail_queue_url, MessageBody="{}"),
        "cognito-idp": lambda: aws.cognito().list_groups(UserPoolId=given.user_pool_id),
        "email": lambda: aws.ses().list_email_identities(),
        "dynamodb": lambda: Product.find("1"),
    }
    for service, call in calls.items():
        with pytest.raises(aws.NoAccountConfigured) as refusal:
            call()
        assert str(refusal.value).startswith(f"refused to call {service}.eu-central-1.amazonaws.com: ")


def ask_server(path: str, **headers: str) -> tuple[int, bytes]:
    request = Request(f"{embedded.listen()}{path}", headers=headers)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def test_the_server_answers_from_the_same_state() -> None:
    status, body = ask_server(f"/{settings().user_pool_id}/.well-known/jwks.json")
    assert status == 200
    assert [key["use"] for key in json.loads(body)["keys"]] == ["sig"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_the_server_is_for_this_machine_and_its_own_pages(headers: dict[str, str]) -> None:
    assert ask_server("/moto-api/data.json", **headers) == (403, b"Only this machine.\n")


def test_what_a_service_needs_is_made_on_its_first_use_and_once() -> None:
    made: list[str] = []
    embedded.on_first_use("sqs", lambda: made.append("sqs"))
    embedded.on_first_use("cognito-idp", lambda: made.append("cognito"))
    with ThreadPoolExecutor(4) as pool:
        queues = list(pool.map(lambda _: len(aws.sqs().list_queues()["QueueUrls"]), range(8)))
    assert made == ["sqs"]
    assert len(set(queues)) == 1
    embedded.make()
    embedded.make()
    assert made == ["sqs", "cognito"]


def test_what_the_first_query_does_not_need_is_not_loaded_for_it() -> None:
    """Its budget is one and a half times the bare import of the libraries."""
    script = (
        "import sys\n"
        "from api.main import app\n"
        "from models.product import Product\n"
        "list(Product.all_created.query('ALL'))\n"
        "print(sorted({'cryptography', 'jwt', 'jinja2', 'PIL', 'stripe', 'vl_convert', 'moto.iam', 'moto.s3', 'flask'}"
        " & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_iam_is_there_for_who_asks() -> None:
    script = (
        "import sys, local; local.start()\n"
        "from core import aws\n"
        "from moto.iam.models import iam_backends\n"
        "print(aws.session().create_client('iam').list_users()['Users'], type(iam_backends).__name__)"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[] BackendDict\n"
