"""The template, the models and the settings agree, and the template keeps the promises a linter cannot see."""

import importlib
import pkgutil
from dataclasses import fields
from typing import Any

import pytest

import models
from core.config import Settings
from local.translate import translate
from models.base import Table

TRANSLATED: dict[str, Any] = translate()["Resources"]
FUNCTIONS = {
    name: resource["Properties"] for name, resource in TRANSLATED.items() if resource["Type"] == "AWS::Lambda::Function"
}


def resources(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in TRANSLATED.items() if each["Type"] == kind}


def all_models() -> list[type[Table]]:
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")
    return Table.__subclasses__()


def variable_of(model: type[Table]) -> str:
    """The environment variable that names the model's table: ORDER_EVENTS_TABLE for OrderEvent."""
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in model.__name__).strip("_").upper()
    plural = words if words in {"IDEMPOTENCY", "MAIL_LOG"} else f"{words}{'ES' if words.endswith('H') else 'S'}"
    return f"{plural}_TABLE"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_handler_is_there(name: str) -> None:
    module, _, function = FUNCTIONS[name]["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_environment_is_what_the_settings_read(name: str) -> None:
    assert set(FUNCTIONS[name]["Environment"]["Variables"]) == {field.name.upper() for field in fields(Settings)}


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_model_and_table_agree(model: type[Table]) -> None:
    table = TRANSLATED[_table_of(model)]["Properties"]
    schema = model._get_schema()
    assert _keys(table["KeySchema"]) == _keys(schema["key_schema"])
    indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    assert set(indexes) == {index["index_name"] for index in schema["global_secondary_indexes"]}
    for index in schema["global_secondary_indexes"]:
        promised = indexes[index["index_name"]]
        assert _keys(promised["KeySchema"]) == _keys(index["key_schema"])
        assert promised["Projection"]["ProjectionType"] == index["projection"]["ProjectionType"]
        assert set(promised["Projection"].get("NonKeyAttributes", ())) == set(
            index["projection"].get("NonKeyAttributes", ())
        )
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert types == {each["AttributeName"]: each["AttributeType"] for each in schema["attribute_definitions"]}


def _keys(key_schema: list[dict[str, str]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in key_schema}


def test_every_table_of_rows_that_expire_lets_them() -> None:
    for model in all_models():
        if "expires_at" in model.get_attributes():
            table = TRANSLATED[_table_of(model)]["Properties"]
            assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def _table_of(model: type[Table]) -> str:
    """The resource's name; a table that only some stacks have stands in an !If."""
    reference = FUNCTIONS["ApiFunction"]["Environment"]["Variables"][variable_of(model)]
    name: str = reference["Fn::If"][1]["Ref"] if "Fn::If" in reference else reference["Ref"]
    return name


@pytest.mark.parametrize("name", resources("AWS::DynamoDB::Table"))
def test_table_is_kept(name: str) -> None:
    table = TRANSLATED[name]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    if "Condition" not in TRANSLATED[name]:
        assert table["DeletionProtectionEnabled"] is True
        assert (TRANSLATED[name]["DeletionPolicy"], TRANSLATED[name]["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("name", resources("AWS::Lambda::EventSourceMapping"))
def test_queue_waits_longer_than_its_function_may_run(name: str) -> None:
    mapping = TRANSLATED[name]["Properties"]
    queue = TRANSLATED[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
    dead = TRANSLATED[queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]
    function = FUNCTIONS[mapping["FunctionName"]["Ref"]]
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + window
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_may_only_what_it_names(name: str) -> None:
    role = TRANSLATED[FUNCTIONS[name]["Role"]["Fn::GetAtt"][0]]["Properties"]
    for policy in role["Policies"]:
        for each in policy["PolicyDocument"]["Statement"]:
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            assert "*" not in str(statement["Action"])
            assert statement["Resource"] != "*"


def test_nothing_may_scan() -> None:
    assert "dynamodb:Scan" not in str(TRANSLATED)
