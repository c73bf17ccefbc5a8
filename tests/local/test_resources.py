"""What stands in the template is what is made."""

import os
import subprocess
import sys

import pytest

import local
from core import aws
from core.config import settings
from local import embedded, resources
from local.resources import client
from local.template import ROOT, TemplateError
from tests import store
from tests.local.conftest import make_laptop, make_template


def test_tables_with_their_indexes() -> None:
    table = client("dynamodb").describe_table(TableName="ProductsTable")["Table"]
    declared = local.running().template.resources["ProductsTable"].properties
    assert table["KeySchema"] == declared["KeySchema"]
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert len(indexes) == 7
    for index in declared["GlobalSecondaryIndexes"]:
        made = indexes[index["IndexName"]]
        assert (made["KeySchema"], made["Projection"]) == (index["KeySchema"], index["Projection"])


def test_queues_with_their_attributes() -> None:
    answer = aws.sqs().get_queue_attributes(QueueUrl=settings().mail_queue_url, AttributeNames=["All"])
    attributes = answer["Attributes"]
    assert (attributes["VisibilityTimeout"], attributes["MessageRetentionPeriod"]) == ("180", "345600")
    assert attributes["RedrivePolicy"] == (
        '{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:MailDeadLetterQueue", "maxReceiveCount": 5}'
    )


def test_the_user_pool_its_client_and_group() -> None:
    given = settings()
    pool = client("cognito-idp").describe_user_pool(UserPoolId=given.user_pool_id)["UserPool"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 10
    app = client("cognito-idp").describe_user_pool_client(
        UserPoolId=given.user_pool_id, ClientId=given.user_pool_client_id
    )["UserPoolClient"]
    assert app["AccessTokenValidity"] == 15
    groups = client("cognito-idp").list_groups(UserPoolId=given.user_pool_id)["Groups"]
    assert [group["GroupName"] for group in groups] == ["admins"]


def test_the_sender_of_mails_is_known() -> None:
    identities = aws.ses().list_email_identities()["EmailIdentities"]
    assert [identity["IdentityName"] for identity in identities] == [settings().mail_from]


def test_buckets_and_parameters() -> None:
    make_laptop("""
        Media: {Type: AWS::S3::Bucket}
        Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "kiosk-uploads-${AWS::AccountId}"}}
        Rate: {Type: AWS::SSM::Parameter, Properties: {Name: /kiosk/rate, Type: String, Value: "7"}}
    """)
    buckets = client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["media", "kiosk-uploads-123456789012"]
    assert client("ssm").get_parameter(Name="/kiosk/rate")["Parameter"]["Value"] == "7"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("[{AttributeName: b, KeyType: HASH}]", "Things.KeySchema: 'b' is not in AttributeDefinitions"),
        ("[]", "Things.AttributeDefinitions: 'a' is no key of the table or an index"),
    ],
)
def test_keys_and_definitions_belong_together(schema: str, message: str) -> None:
    text = f"""
        Things:
          Type: AWS::DynamoDB::Table
          Properties:
            AttributeDefinitions: [{{AttributeName: a, AttributeType: S}}]
            KeySchema: {schema}
    """
    with pytest.raises(TemplateError) as error:
        resources.check_keys(make_template(text).resources["Things"])
    assert str(error.value) == message


def test_tables_on_dynamodb_local_are_made_there_and_kept_as_they_are() -> None:
    """Another process' tables go to the endpoint it is given (here: this one's server), its queues do not."""
    client("dynamodb").delete_table(TableName="ProductsTable")
    item = {"key": {"S": "kept"}}
    client("dynamodb").put_item(TableName="UniquesTable", Item=item)
    script = (
        "import local; local.start()\n"
        "from core import aws; from core.config import settings\n"
        "aws.sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody='{}')\n"
        "from models.product import Product\n"
        "print(Product.find('1'))"
    )
    environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": embedded.listen()}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "None\n"
    assert "ProductsTable" in client("dynamodb").list_tables()["TableNames"]
    assert client("dynamodb").get_item(TableName="UniquesTable", Key=item)["Item"] == item
    waiting = aws.sqs().receive_message(QueueUrl=settings().mail_queue_url)
    assert "Messages" not in waiting


def test_reset_empties_everything() -> None:
    client("dynamodb").put_item(TableName="UniquesTable", Item={"key": {"S": "a"}})
    aws.sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody="{}")
    local.reset()
    assert store.rows("UniquesTable") == []
    assert "Messages" not in aws.sqs().receive_message(QueueUrl=settings().mail_queue_url)
