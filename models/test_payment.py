"""What the pretended gateway was asked for and did: one row an idempotency key."""

from collections.abc import Iterable
from typing import Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.exceptions import PutError, UpdateError

from core.clock import now
from core.config import settings
from models.base import Table

LEDGER = "TEST"
_CONDITION_FAILED = "ConditionalCheckFailedException"


class TestPayment(Table):
    __test__ = False  # pytest takes the name for a test

    class Meta:
        table_name = settings().test_payments_table

    ledger = UnicodeAttribute(hash_key=True, default_for_new=LEDGER)
    key = UnicodeAttribute(range_key=True)
    """The idempotency key it was asked for with."""
    request = UnicodeAttribute()
    """A hash of all parameters: the same key must bring the same."""
    kind = UnicodeAttribute()
    """charge or refund."""
    status = UnicodeAttribute()
    """succeeded, declined, or unanswered: nothing happened, and nobody was told."""
    reference = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount_minor = NumberAttribute()
    currency = UnicodeAttribute()
    at = UTCDateTimeAttribute()

    @classmethod
    def of(cls, key: str) -> Self | None:
        return cls.find(LEDGER, key, consistent=True)

    @classmethod
    def all(cls) -> Iterable[Self]:
        return cls.query(LEDGER, consistent_read=True)

    def save_first(self) -> Self | None:
        """None if this is the key's first use, otherwise what was saved then; safe to repeat."""
        try:
            self.save(TestPayment.key.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _CONDITION_FAILED:
                raise
            return self.of(self.key)
        return None

    def succeed(self) -> None:
        """Now it happens, if it did not yet."""
        try:
            self.update(
                [TestPayment.status.set("succeeded"), TestPayment.at.set(now())], TestPayment.status == "unanswered"
            )
        except UpdateError as error:
            if error.cause_response_code != _CONDITION_FAILED:
                raise
            self.status = "succeeded"
