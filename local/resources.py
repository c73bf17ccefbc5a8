"""The template's tables, queues, buckets and user pool, made by the calls CloudFormation would make."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from core import aws
from local import embedded, mailbox
from local.environment import REGION
from local.template import Resource, Template, TemplateError

_TABLE = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode")


def make(template: Template) -> None:
    """All but the tables, and each on its first use, for start-up is waited for."""
    embedded.on_first_use("sqs", lambda: make_queues(template))
    embedded.on_first_use("s3", lambda: make_buckets(template))
    embedded.on_first_use("ssm", lambda: make_parameters(template))
    embedded.on_first_use("email", lambda: make_sender(template))
    embedded.on_first_use("cognito-idp", lambda: make_user_pools(template))


@cache
def client(service: str) -> Any:
    """Of Kiosk's own session, which has read the descriptions of its services."""
    return aws._client(service)


def check_keys(table: Resource) -> None:
    """Every index key is declared and everything declared is a key; DynamoDB's own message names neither."""
    schemas = {"KeySchema": table.properties["KeySchema"]} | {
        f"GlobalSecondaryIndexes.{index['IndexName']}": index["KeySchema"]
        for index in table.properties.get("GlobalSecondaryIndexes", [])
    }
    declared = {item["AttributeName"] for item in table.properties["AttributeDefinitions"]}
    used = {key["AttributeName"]: place for place, schema in schemas.items() for key in schema}
    for attribute, place in used.items():
        if attribute not in declared:
            raise TemplateError(f"{table.name}.{place}: {attribute!r} is not in AttributeDefinitions")
    for attribute in declared - set(used):
        raise TemplateError(f"{table.name}.AttributeDefinitions: {attribute!r} is no key of the table or an index")


def check_models(template: Template) -> None:
    """Every index that a model reads is the template's. For when the models are loaded."""
    from models.base import Table  # noqa: PLC0415 - reads its settings when loaded

    tables = {table.physical_id: table for table in template.of_type("AWS::DynamoDB::Table")}
    for model in Table.__subclasses__():
        table = tables.get(model.Meta.table_name)
        if table is None:
            raise TemplateError(
                f"{model.Meta.table_name!r}, which {model.__module__} reads, is no table in the template"
            )
        there = {index["IndexName"] for index in table.properties.get("GlobalSecondaryIndexes", [])}
        for name in set(model._indexes) - there:
            raise TemplateError(
                f"{table.name}.GlobalSecondaryIndexes: there is no {name!r}, which {model.__module__} reads"
            )


def make_tables(template: Template) -> None:
    """A table that is there already (DynamoDB Local keeps them) is left as it is."""
    dynamodb = client("dynamodb")
    for table in template.of_type("AWS::DynamoDB::Table"):
        properties = {name: table.properties[name] for name in _TABLE if name in table.properties}
        with _naming(table), suppress(dynamodb.exceptions.ResourceInUseException):
            dynamodb.create_table(TableName=table.physical_id, **properties)


def make_queues(template: Template) -> None:
    sqs = client("sqs")
    queues = list(template.of_type("AWS::SQS::Queue"))
    for queue in sorted(queues, key=lambda queue: "RedrivePolicy" in queue.properties):  # dead-letter queues first
        attributes = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in queue.properties.items()
            if name not in {"QueueName", "Tags"}
        }
        with _naming(queue):
            sqs.create_queue(QueueName=queue.queue_name, Attributes=attributes)


def make_buckets(template: Template) -> None:
    s3 = client("s3")
    for bucket in template.of_type("AWS::S3::Bucket"):
        with _naming(bucket):
            s3.create_bucket(Bucket=bucket.physical_id, CreateBucketConfiguration={"LocationConstraint": REGION})
            if versioning := bucket.properties.get("VersioningConfiguration"):
                s3.put_bucket_versioning(Bucket=bucket.physical_id, VersioningConfiguration=versioning)


def make_parameters(template: Template) -> None:
    ssm = client("ssm")
    for parameter in template.of_type("AWS::SSM::Parameter"):
        with _naming(parameter):
            ssm.put_parameter(Name=parameter.physical_id, Value=parameter.properties["Value"], Type="String")


def make_sender(template: Template) -> None:
    mailbox.listen_to_ses()
    if sender := template.parameters.get("MailFrom"):
        client("sesv2").create_email_identity(EmailIdentity=sender)


def make_user_pools(template: Template) -> None:
    """Pool and client are named as !Ref gives them, and that is their id."""
    from local.cognito import install  # noqa: PLC0415 - 0.1 s of moto that the first query does not need

    install()
    cognito = client("cognito-idp")
    for pool in template.of_type("AWS::Cognito::UserPool"):
        with _naming(pool):
            cognito.create_user_pool(PoolName=pool.physical_id, **pool.properties)
    for app in template.of_type("AWS::Cognito::UserPoolClient"):
        with _naming(app):
            cognito.create_user_pool_client(ClientName=app.physical_id, **app.properties)
    for group in template.of_type("AWS::Cognito::UserPoolGroup"):
        with _naming(group):
            cognito.create_group(**group.properties)


@contextmanager
def _naming(resource: Resource) -> Iterator[None]:
    """The resource, in an error that the embedded AWS gives or dies of."""
    try:
        yield
    except Exception as error:
        raise TemplateError(f"{resource.name}: {error}") from error
