"""Transactions stay all or nothing, on shared copies too, and nothing is kept that was only read."""

import gc
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from local.resources import client
from tests import store

EVENT = {"TableName": "OrderEventsTable"}
UNIQUE = {"TableName": "UniquesTable"}


def item(key: str, stock: int, **more: Any) -> dict[str, Any]:
    return {"key": {"S": key}, "stock": {"N": str(stock)}} | more


def event(version: int, stock: int) -> dict[str, Any]:
    return {"order_id": {"S": "1"}, "version": {"N": str(version)}, "stock": {"N": str(stock)}}


def set_stock(table: dict[str, str], key: dict[str, Any], stock: int) -> dict[str, Any]:
    values = {":stock": {"N": str(stock)}}
    changes = {"UpdateExpression": "SET stock = :stock", "ExpressionAttributeValues": values}
    return {"Update": table | {"Key": key} | changes}


def everything() -> dict[str, list[dict[str, Any]]]:
    found = {table["TableName"]: store.client("dynamodb").scan(**table)["Items"] for table in (UNIQUE, EVENT)}
    return {name: sorted(items, key=str) for name, items in found.items()}


def test_a_cancelled_transaction_changed_nothing() -> None:
    client("dynamodb").put_item(**UNIQUE, Item=item("kept", 1))
    client("dynamodb").put_item(**UNIQUE, Item=item("updated", 1, list={"L": [{"M": {"a": {"N": "1"}}}]}))
    client("dynamodb").put_item(**UNIQUE, Item=item("deleted", 1))
    client("dynamodb").put_item(**EVENT, Item=event(1, 1))
    before = everything()
    calls = [
        {"Put": UNIQUE | {"Item": item("kept", 2)}},
        {"Put": UNIQUE | {"Item": item("new", 2)}},
        {
            "Update": UNIQUE
            | {
                "Key": {"key": {"S": "updated"}},
                "UpdateExpression": "SET #list[0].a = :two REMOVE stock",
                "ExpressionAttributeNames": {"#list": "list"},
                "ExpressionAttributeValues": {":two": {"N": "2"}},
            }
        },
        {"Delete": UNIQUE | {"Key": {"key": {"S": "deleted"}}}},
        set_stock(EVENT, {"order_id": {"S": "1"}, "version": {"N": "1"}}, 2),
        {"Put": EVENT | {"Item": event(2, 2)}},
        set_stock(UNIQUE, {"key": {"S": "made by an update"}}, 2),
    ]
    fails = {
        "ConditionCheck": UNIQUE | {"Key": {"key": {"S": "absent"}}, "ConditionExpression": "attribute_exists(#key)"}
    }
    fails["ConditionCheck"]["ExpressionAttributeNames"] = {"#key": "key"}
    with pytest.raises(ClientError) as cancelled:
        client("dynamodb").transact_write_items(TransactItems=[*calls, fails])
    reasons = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert reasons == ["None"] * 7 + ["ConditionalCheckFailed"]
    assert everything() == before

    client("dynamodb").transact_write_items(TransactItems=calls)
    updated = {"key": {"S": "updated"}, "list": {"L": [{"M": {"a": {"N": "2"}}}]}}
    assert everything() == {
        "UniquesTable": sorted([item("kept", 2), item("new", 2), updated, item("made by an update", 2)], key=str),
        "OrderEventsTable": sorted([event(1, 2), event(2, 2)], key=str),
    }


def test_an_update_outside_a_transaction() -> None:
    client("dynamodb").put_item(**UNIQUE, Item=item("a", 1))
    changed = set_stock(UNIQUE, {"key": {"S": "a"}}, 2)["Update"] | {"ReturnValues": "ALL_OLD"}
    assert client("dynamodb").update_item(**changed)["Attributes"] == item("a", 1)
    assert client("dynamodb").get_item(**UNIQUE, Key={"key": {"S": "a"}})["Item"] == item("a", 2)


def test_a_key_that_is_none_of_the_table() -> None:
    with pytest.raises(ClientError) as refused:
        client("dynamodb").update_item(**set_stock(UNIQUE, {"sku": {"S": "a"}}, 2)["Update"])
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_what_was_only_read_or_copied_is_not_kept() -> None:
    client("dynamodb").put_item(**UNIQUE, Item=item("a", 1))
    gc.collect()
    before = sum(isinstance(thing, Item | Table) for thing in gc.get_objects())
    for stock in range(20):
        store.client("dynamodb").scan(**UNIQUE)
        client("dynamodb").transact_write_items(TransactItems=[set_stock(UNIQUE, {"key": {"S": "a"}}, stock)])
    gc.collect()
    assert sum(isinstance(thing, Item | Table) for thing in gc.get_objects()) == before


def test_a_transaction_copies_what_it_changes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[Item] = []
    copy_item = Item.__deepcopy__

    def counted(self: Item, memo: dict[int, Any]) -> Item:
        copied.append(self)
        return copy_item(self, memo)

    monkeypatch.setattr(Item, "__deepcopy__", counted)
    copies = []
    for rows in (1, 200):
        for number in range(rows):
            client("dynamodb").put_item(**UNIQUE, Item=item(str(number), 1))
        copied.clear()
        client("dynamodb").transact_write_items(TransactItems=[set_stock(UNIQUE, {"key": {"S": "0"}}, 2)])
        copies.append(len(copied))
    assert copies == [2, 2]  # ours, and moto's own of the item before
