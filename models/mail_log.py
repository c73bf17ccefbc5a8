"""Which mails were sent: one row for each event and recipient, so that an event sends one mail."""

import contextlib
import hashlib
from datetime import timedelta
from typing import Self

from pynamodb.attributes import TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute

from core.clock import now
from core.config import settings
from models.base import Table
from models.transaction import ConditionFailed, commit, put, update

KEPT = timedelta(days=90)
"""Longer than a message can live: 4 days in its queue, 14 in the dead-letter queue, and redriven once more."""


class AttemptRunning(Exception):
    """Another delivery of the same event is sending just now: this one comes back later and looks again."""


class MailLog(Table):
    class Meta:
        table_name = settings().mail_log_table

    key = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    """SENDING, SENT or FAILED."""
    attempt_ends_at = UTCDateTimeAttribute()
    """A SENDING row past this is an attempt that died: the next one takes over."""
    message_id = UnicodeAttribute(null=True)
    """What SES called it."""
    reason = UnicodeAttribute(null=True)
    """Why SES refused it for good."""
    updated_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()

    @classmethod
    def begin(cls, event_id: str, template: str, recipient: str, *, lasting: timedelta) -> Self | None:
        """Takes the row for one attempt; None when the mail was sent, or refused for good, before."""
        key = hashlib.sha256("\0".join((event_id, template, recipient)).encode()).hexdigest()
        at = now()
        row = cls(
            key=key,
            state="SENDING",
            attempt_ends_at=at + lasting,
            updated_at=at,
            expires_at=at.replace(microsecond=0) + KEPT,
        )
        is_free = cls.key.does_not_exist() | ((cls.state == "SENDING") & (cls.attempt_ends_at < at))
        try:
            commit([put(row, is_free)])
        except ConditionFailed as failed:
            if failed.failures[0].stored.state == "SENDING":
                raise AttemptRunning(event_id) from None
            return None
        return row

    def sent(self, message_id: str) -> None:
        self._close(state="SENT", message_id=message_id)

    def failed(self, reason: str) -> None:
        self._close(state="FAILED", reason=reason)

    def give_up(self) -> None:
        """Lets the next delivery try at once, unless one took over already."""
        is_mine = (MailLog.state == "SENDING") & (MailLog.attempt_ends_at == self.attempt_ends_at)
        with contextlib.suppress(ConditionFailed):
            commit([update(self, [MailLog.attempt_ends_at.set(now() - timedelta(milliseconds=1))], is_mine)])

    def _close(self, **values: str) -> None:
        actions = [getattr(MailLog, name).set(value) for name, value in values.items()]
        commit([update(self, [*actions, MailLog.updated_at.set(now())])])
