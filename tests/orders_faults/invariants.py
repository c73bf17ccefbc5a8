"""I1 to I13 of the orders' protocol, judged from DynamoDB's rows, the gateway's ledger, the mail queue and the mailbox.

Never from what the application answers, nor by its own tables: the edges stand here once more, as the protocol has
them. `check` may be called at any instant; `check_settled` once faults are over and everything was delivered.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.config import settings
from local import mailbox
from tests import store
from tests.orders_faults import memory

if TYPE_CHECKING:
    from tests.orders_faults.world import World

Row = dict[str, Any]
WORKING = {"PENDING", "CHARGING", "PAID", "REFUNDING"}
AFTER_CONFIRMING = {"CONFIRMED", "SHIPPED", "DELIVERED"}
EDGES = {
    None: {"PENDING"},
    "PENDING": {"CHARGING", "CANCELLED"},
    "CHARGING": {"CHARGING", "PAID", "CANCELLED", "REVIEW"},
    "PAID": {"PAID", "CONFIRMED", "REFUNDING"},
    "CONFIRMED": {"CONFIRMED", "SHIPPED", "REFUNDING"},
    "SHIPPED": {"SHIPPED", "DELIVERED", "REFUNDING"},
    "DELIVERED": {"DELIVERED", "REFUNDING"},
    "REFUNDING": {"REFUNDING", "REFUNDED", "REVIEW"},
    "REFUNDED": {"REFUNDED"},
    "CANCELLED": {"CANCELLED"},
    "REVIEW": {"REVIEW", "PAID", "CANCELLED", "REFUNDING"},
}
MONEY = {
    "PENDING": {(0, 0)},
    "CHARGING": {(0, 0), (1, 0)},
    "PAID": {(1, 0)},
    "CONFIRMED": {(1, 0)},
    "SHIPPED": {(1, 0)},
    "DELIVERED": {(1, 0)},
    "CANCELLED": {(0, 0)},
    "REFUNDING": {(1, 0), (1, 1)},
    "REFUNDED": {(1, 1)},
    "REVIEW": {(0, 0), (1, 0), (1, 1)},
}
"""How many charges and refunds an order's ledger shows, by its state."""


def rows(table: str) -> list[Row]:
    """All of a table."""
    items = memory.items(table) if memory.is_at_hand() else _scanned(table)
    return [{name: _value(value) for name, value in item.items()} for item in items]


def _scanned(table: str) -> Iterator[dict[str, Any]]:
    for page in store.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def orders() -> dict[str, Row]:
    return {row["order_id"]: row | {"lines": json.loads(row["lines"])} for row in rows(settings().orders_table)}


def order(order_id: str) -> Row:
    (found,) = (row for row in rows(settings().orders_table) if row["order_id"] == order_id)
    return found


def histories() -> dict[str, list[Row]]:
    """Each order's events, oldest first."""
    found: dict[str, list[Row]] = {}
    for event in sorted(rows(settings().order_events_table), key=lambda event: event["version"]):
        found.setdefault(event["order_id"], []).append(event)
    return found


def history(order_id: str) -> list[str]:
    """The states that one order has been in."""
    return _statuses(histories().get(order_id, []))


def mail_events(world: "World") -> dict[str, list[str]]:
    """By order, the templates of the events that the mail queue accepted."""
    found: dict[str, list[str]] = defaultdict(list)
    for body in world.mail.accepted:
        with suppress(ValueError, TypeError, KeyError):  # poison that a test put in
            event = json.loads(body)
            found[event["subject_id"]].append(event["template"])
    return found


def due_at(order: Row) -> datetime | None:
    return datetime.fromisoformat(order["due_sort"].partition("#")[0]) if "due_sort" in order else None


def check(world: "World") -> None:
    stored, events, mails = orders(), histories(), mail_events(world)
    _stock(world, stored)
    assert set(events) == set(stored), "every order has a history, every history an order"
    for order_id, order in stored.items():
        _row(order)
        _history(order, events[order_id])
        _money(world, order)
        _mail(order, events[order_id], mails[order_id])
    _requests(world, stored)
    _cancels(world, stored, events)
    if not world.is_faulted:
        parked = [order_id for order_id, happened in events.items() if "REVIEW" in _statuses(happened)]
        assert parked == [], "I13: nothing is parked without a fault"


def check_settled(world: "World", *, waiting: Iterable[str] = ()) -> None:
    """`waiting` are orders whose 500 was saved without an effect: their work is due until their 23 hours are over."""
    check(world)
    stored, events, mails = orders(), histories(), mail_events(world)
    still_due = {order_id for order_id, order in stored.items() if due_at(order)}
    assert still_due == set(waiting), "I5: nothing is due"
    for order_id, order in stored.items():
        if order_id in still_due:
            continue
        assert order["status"] not in WORKING, "I5"
        expected = {_EVENT_OF[status] for status in _statuses(events[order_id]) if status in _EVENT_OF}
        assert set(mails[order_id]) == expected, "I8: a mail for each thing that happened, and no other"
    asked_for = {f"{template}:{order_id}" for order_id, templates in mails.items() for template in templates}
    copies = Counter(mail.headers["X-Kiosk-Event"] for mail in mailbox.newest_first())
    assert set(copies) == asked_for - world.refused_mails, "I8: a mail for each event"
    assert max(copies.values(), default=0) <= 1 + world.mail_crashes, "I8: and only one"


_EVENT_OF = {
    "CONFIRMED": "order_confirmed",
    "CANCELLED": "order_cancelled",
    "SHIPPED": "order_shipped",
    "REFUNDED": "order_refunded",
}


def _stock(world: "World", stored: dict[str, Row]) -> None:
    held: Counter[str] = Counter()
    for order in stored.values():
        is_back = order["status"] == "CANCELLED" or (order["status"] == "REFUNDED" and "shipped_at" not in order)
        for line in [] if is_back else order["lines"]:
            held[line["product_id"]] += line["quantity"]
    for product in rows(settings().products_table):
        product_id = product["product_id"]
        assert product["stock"] >= 0, "I1: never below zero"
        assert product["stock"] + held[product_id] == world.supplied[product_id], "I1: no piece lost or made up"


def _row(order: Row) -> None:
    is_due = order["status"] in WORKING or bool(order.get("mail_owed"))
    assert ("due_sort" in order) == ("due_shard" in order) == is_due, "in the index `due` while there is work"
    assert order["payment_key"] == order["order_id"]
    assert ("payment_token" in order) == (order["status"] in {"PENDING", "CHARGING"}), "the token is gone after use"
    if order["status"] == "CANCELLED":
        reasons = {"CUSTOMER", "ADMIN", "EXPIRED", "PAYMENT_DECLINED"}
        assert order.get("cancel_reason") in reasons, "I12: why it was cancelled"
    assert order["amount_minor"] == sum(line["unit_minor"] * line["quantity"] for line in order["lines"])


def _history(order: Row, events: list[Row]) -> None:
    assert [event["version"] for event in events] == list(range(1, order["version"] + 1)), "I7: no gap"
    before: str | None = None
    for event in events:
        assert event["status"] in EDGES[before], f"I7: no edge from {before} to {event['status']}"
        before = event["status"]
        assert order.get("payment_token", "\0") not in str(event), "no token in an event"
    assert before == order["status"], "I7: the last event says where the order is"


def _money(world: "World", order: Row) -> None:
    charges = world.gateway.moved("charge", order["order_id"])
    refunds = world.gateway.moved("refund", order["order_id"])
    assert len(charges) <= 1, "I2: charged once at most"
    for entry in [*charges, *refunds]:
        assert (entry.amount.minor, entry.amount.currency) == (order["amount_minor"], order["currency"]), "I2: amount"
    for kind, entries, state in (("charge", charges, "CHARGING"), ("refund", refunds, "REFUNDING")):
        assert all(state in entry.history for entry in entries), f"I3: a {kind} before {state}"
    if order["amount_minor"] == 0:
        assert (len(charges), len(refunds)) == (0, 0), "I4: nothing to charge"
    else:
        assert (len(charges), len(refunds)) in MONEY[order["status"]], f"I4: the money of {order['status']}"


def _mail(order: Row, events: list[Row], templates: list[str]) -> None:
    happened = set(_statuses(events))
    for template in templates:
        (status,) = (status for status, name in _EVENT_OF.items() if name == template)
        assert status in happened, f"I8: {template} of an order that was never {status}"
    if "CONFIRMED" in happened:
        assert "order_confirmed" in templates or "order_confirmed" in order.get("mail_owed", ()), (
            "I8: neither queued nor owed"
        )


def _requests(world: "World", stored: dict[str, Row]) -> None:
    keys = {row["key"]: row for row in rows(settings().idempotency_table)}
    for (user_id, key), answered in world.acknowledged.items():
        for order_id in answered:
            assert order_id in stored, "I9: what was acknowledged exists"
            assert stored[order_id]["user_id"] == user_id
        assert len(set(answered)) == 1 + world.expired_keys.count((user_id, key)), "I6: the same order for the same key"
    results = {row["result_id"] for row in keys.values()}
    assert set(stored) - results == world.outlived, "I6: one order a key"
    guards = {row["key"]: row["owner_id"] for row in rows(settings().uniques_table) if row["key"].startswith("ORDER#")}
    assert guards == {f"ORDER#{order['number']}": order_id for order_id, order in stored.items()}


def _cancels(world: "World", stored: dict[str, Row], events: dict[str, list[Row]]) -> None:
    for order_id, version in world.cancelled.items():
        after = {event["status"] for event in events[order_id] if event["version"] >= version}
        assert not after & AFTER_CONFIRMING, "I11: an accepted cancel is final"
        order = stored[order_id]
        if not due_at(order):
            assert order["status"] in {"CANCELLED", "REFUNDED", "REVIEW"}, "I11: where it ends"


def _statuses(events: list[Row]) -> list[str]:
    return [event["status"] for event in events]


def _value(typed: dict[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    return int(value) if kind == "N" else value
