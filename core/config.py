"""Every environment variable Kiosk reads, in one place: template.yaml sets exactly these."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache


class MissingSetting(RuntimeError):
    """The environment lacks variables that template.yaml sets."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a variable: `users_table` is read from USERS_TABLE."""

    kiosk_aws: str
    """`account` in a deployed function, `embedded` on a laptop."""
    environment: str
    """`prod` or `dev`; GraphiQL is for `dev`."""
    public_base_url: str
    mail_queue_url: str
    mail_from: str
    user_pool_id: str
    user_pool_client_id: str
    token_issuer: str
    jwks_url: str
    users_table: str
    products_table: str
    uniques_table: str
    idempotency_table: str
    orders_table: str
    order_events_table: str
    orders_queue_url: str
    short_links_table: str
    link_days_table: str
    click_batches_table: str
    clicks_queue_url: str
    images_table: str
    uploads_bucket: str
    uploads_url: str
    """Where a browser posts a file for that bucket to."""
    media_bucket: str
    media_base_url: str
    """Where people see what is in that bucket."""
    mail_log_table: str
    daily_reports_table: str
    report_charts_table: str
    test_payments_table: str
    """Empty where payments are real."""
    payments: str
    """`stripe`, or `local`: pretended ones, by test tokens."""
    stripe_secret_parameter: str
    """The name in SSM Parameter Store."""
    stripe_api_base: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        names = [field.name for field in fields(cls)]
        missing = [name.upper() for name in names if name.upper() not in environ]
        if missing:
            raise MissingSetting(f"not set in the environment: {', '.join(missing)}")
        return cls(**{name: environ[name.upper()] for name in names})


@cache
def settings() -> Settings:
    return Settings.from_environ(os.environ)
