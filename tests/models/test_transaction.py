"""Transactions: which write failed and on what, and what is tried again."""

import pytest
from pynamodb.exceptions import TransactWriteError

from core.errors import Refused, RetryError
from models import transaction
from models.product import Product
from models.transaction import ConditionFailed, check, commit, delete, put, update
from models.unique import Unique, claim, release
from tests import faults
from tests.makers import make_product
from tests.recorder import recorded
from tests.store import everything

CONFLICT = faults.canceled(["None", "TransactionConflict"])


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(transaction.time, "sleep", waits.append)
    return waits


def guard(name: str, owner_id: str = "me") -> Unique:
    row = Unique(key=name, owner_id=owner_id)
    row.save()
    return row


def test_every_failure_finds_its_write_though_requests_are_reordered():
    held, other = guard("HELD", "somebody"), guard("OTHER", "somebody")
    product = make_product(stock=3)
    writes = [
        update(Product(product_id=product.product_id), [Product.stock.set(Product.stock - 4)], Product.stock >= 4),
        put(Unique(key="HELD", owner_id="me"), Unique.key.does_not_exist()),
        put(Unique(key="FREE", owner_id="me"), Unique.key.does_not_exist()),
        delete(Unique(key="OTHER"), Unique.owner_id == "me"),
        check(Unique(key="ABSENT"), Unique.key.exists()),
    ]
    before = everything()
    with pytest.raises(ConditionFailed) as raised:
        commit(writes)
    failures = [raised.value.of(write) for write in writes]
    stored = [failure and failure.stored and failure.stored.attribute_values for failure in failures]
    assert stored[0]["stock"] == 3
    assert stored[1] == held.attribute_values
    assert failures[2] is None
    assert stored[3] == other.attribute_values
    assert failures[4].stored is None
    assert len(raised.value.failures) == 4
    assert everything() == before


def test_all_or_nothing():
    guard("OLD")
    commit([delete(Unique(key="OLD")), claim("SKU", "A", "me")])
    assert set(Unique.find_many(["OLD", "SKU#A"])) == {"SKU#A"}


@pytest.mark.parametrize("conflicts", [1, 4])
def test_a_conflict_is_tried_again_with_the_same_token(conflicts, no_waiting):
    with faults.faults("TransactWriteItems", *[CONFLICT] * conflicts) as sent:
        commit([claim("SKU", "A", "me"), claim("SLUG", "a", "me")])
    assert len(sent) == conflicts + 1
    assert len({body["ClientRequestToken"] for body in sent}) == 1
    assert len(no_waiting) == conflicts
    assert all(0 <= wait <= 0.8 for wait in no_waiting)
    assert set(Unique.find_many(["SKU#A", "SLUG#a"])) == {"SKU#A", "SLUG#a"}


def test_five_conflicts_are_refused():
    before = everything()
    with faults.faults("TransactWriteItems", *[CONFLICT] * 9) as sent, pytest.raises(Refused) as raised:
        commit([claim("SKU", "A", "me"), claim("SLUG", "a", "me")])
    assert len(sent) == 5
    (error,) = raised.value.errors
    assert isinstance(error, RetryError)
    assert error.code == "RETRY"
    assert everything() == before


def test_a_condition_that_failed_beside_a_conflict_decides_after_the_last_try():
    both = faults.canceled(["ConditionalCheckFailed", "TransactionConflict"])
    first, second = claim("SKU", "A", "me"), claim("SLUG", "a", "me")
    with faults.faults("TransactWriteItems", *[both] * 5) as sent, pytest.raises(ConditionFailed) as raised:
        commit([first, second])
    assert len(sent) == 5
    assert [failure.write for failure in raised.value.failures] == [first]


def test_a_failed_condition_is_not_tried_again():
    guard("SKU#A")
    with recorded() as calls, pytest.raises(ConditionFailed):
        commit([claim("SKU", "A", "me")])
    assert calls == ["TransactWriteItems"]


def test_a_lost_request_is_sent_again():
    with faults.faults("TransactWriteItems", faults.request_lost) as sent:
        commit([claim("SKU", "A", "me")])
    assert len(sent) == 2
    assert Unique.find("SKU#A") is not None


def test_a_lost_response_is_asked_for_with_the_same_token():
    """Its effect is once on AWS and on DynamoDB Local; the embedded AWS ignores tokens: see tests/concurrency."""
    with faults.faults("TransactWriteItems", faults.response_lost) as sent:
        commit([put(Unique(key="A", owner_id="me"))])
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_an_unknown_outcome_is_no_refusal():
    with faults.faults("TransactWriteItems", *[faults.response_lost] * 9), pytest.raises(TransactWriteError):
        commit([put(Unique(key="A", owner_id="me"))])


@pytest.mark.parametrize("code", ["ThrottlingException", "TransactionInProgressException"])
def test_what_passes_is_tried_again(code):
    with faults.faults("TransactWriteItems", *[faults.error(code)] * 2) as sent:
        commit([claim("SKU", "A", "me")])
    assert len(sent) == 3
    assert len({body["ClientRequestToken"] for body in sent}) == 1


def test_what_botocore_tried_before_is_refused_at_once():
    """Fifteen tries would outlast the function."""
    planned = [faults.error("ThrottlingException")] * 9
    with faults.faults("TransactWriteItems", *planned) as sent, pytest.raises(Refused) as raised:
        commit([claim("SKU", "A", "me")])
    assert len(sent) == 3
    assert [error.code for error in raised.value.errors] == ["RETRY"]


SERVER_ERROR = faults.error("InternalServerError", status=500)


@pytest.mark.parametrize("first", [faults.response_lost, faults.request_lost, SERVER_ERROR])
@pytest.mark.parametrize("then", [faults.error("ThrottlingException"), CONFLICT])
def test_refused_after_a_try_that_nobody_heard_of_is_no_refusal(first, then, no_waiting):
    """botocore tells of its last try only; the first may have been written."""
    with faults.faults("TransactWriteItems", first, *[then] * 19) as sent, pytest.raises(TransactWriteError):
        commit([put(Unique(key="A", owner_id="me"))])
    assert len(sent) == (3 if then is not CONFLICT else 6)
    assert (Unique.find("A") is not None) == (first is faults.response_lost)


def test_what_an_earlier_transaction_met_is_forgotten():
    with faults.faults("TransactWriteItems", faults.request_lost):
        commit([claim("SKU", "A", "me")])
    with faults.faults("TransactWriteItems", *[CONFLICT] * 9), pytest.raises(Refused):
        commit([claim("SKU", "B", "me")])


def test_a_try_still_under_way_is_no_refusal():
    """It may yet succeed: nobody can say that nothing was changed."""
    planned = [faults.error("TransactionInProgressException")] * 9
    with faults.faults("TransactWriteItems", *planned) as sent, pytest.raises(TransactWriteError):
        commit([claim("SKU", "A", "me")])
    assert len(sent) == 3


def test_limits_are_checked_before_sending():
    with recorded() as calls:
        with pytest.raises(ValueError, match="1 to 100 writes, not 101"):
            commit([claim("SKU", str(number), "me") for number in range(101)])
        with pytest.raises(ValueError, match="1 to 100 writes, not 0"):
            commit([])
        with pytest.raises(ValueError, match="touch an item once"):
            commit([claim("SKU", "A", "me"), release("SKU", "A", "me")])
    assert calls == []


def test_a_hundred_writes_are_allowed():
    commit([claim("SKU", str(number), "me") for number in range(100)])
    assert len(Unique.find_many(f"SKU#{number}" for number in range(100))) == 100
