"""What each mail tells, read when it is sent, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.money import Money
from models.daily_report import REPORT, DailyReport
from models.order import Order
from models.report_chart import ReportChart
from models.user import User
from services.mail.admins import list_admins
from services.short_links.codes import short_url

_BECAUSE = {
    "CUSTOMER": ", as you asked",
    "ADMIN": " by us",
    "EXPIRED": ", because it was not paid in time",
    "PAYMENT_DECLINED": ", because the payment was declined",
}


@dataclass(frozen=True, slots=True)
class Facts:
    recipients: tuple[str, ...]
    values: dict[str, Any]
    pictures: dict[str, bytes] = field(default_factory=dict)
    """PNGs by name; the HTML shows one as `cid:<name>`."""


def _welcome(user_id: str) -> Facts | None:
    user = User.find(user_id, consistent=True)
    return Facts((user.email,), {"name": user.name}) if user else None


def _order(order_id: str) -> Facts | None:
    order = Order.find(order_id, consistent=True)
    customer = User.find(order.user_id, consistent=True) if order else None
    if order is None or customer is None:
        return None
    address = order.shipping_address
    return Facts(
        (customer.email,),
        {
            "name": customer.name,
            "number": order.number,
            "lines": [
                {
                    "quantity": line["quantity"],
                    "name": line["name"],
                    "total": Money(line["unit_minor"] * line["quantity"], order.currency),
                }
                for line in order.lines
            ],
            "total": Money(order.amount_minor, order.currency),
            "address": ", ".join(filter(None, (address[part] for part in ("name", "line1", "line2", "city")))),
            "because": _BECAUSE.get(order.cancel_reason or "", ""),
            "tracking_url": short_url(order.tracking_code) if order.tracking_code else None,
        },
    )


def _daily_report(day: str) -> Facts | None:
    report = DailyReport.find(REPORT, day, consistent=True)
    if report is None:
        return None
    on = date.fromisoformat(day)
    chart = ReportChart.find(day, consistent=True)
    return Facts(
        list_admins(),
        {
            "day": f"{on:%A}, {on.day} {on:%B %Y}",
            "report": report,
            "revenue": [Money(minor, currency) for currency, minor in report.revenue.items()],
        },
        {"chart": chart.png} if chart else {},
    )


FACTS: dict[str, Callable[[str], Facts | None]] = {
    "welcome": _welcome,
    "order_confirmed": _order,
    "order_cancelled": _order,
    "order_shipped": _order,
    "order_refunded": _order,
    "daily_report": _daily_report,
}
"""By template: `templates/<name>.html` and `.txt`, which also sets the subject."""
