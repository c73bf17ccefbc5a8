"""The demo shop's last two weeks, for a report to tell of: made by the services, with their clock set back.

What they would have mailed then is not mailed now.
"""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from core.clock import now, set_to
from local import embedded

if TYPE_CHECKING:
    from models.product import Product
    from models.user import User

DAYS = 14
_NEVER_SOLD_OUT = 8
_SOLD_IN = {"CHF", "EUR", "JPY"}
_PEOPLE = ["Ben Brown", "Chloe Costa", "Dan Diaz", "Eva Ek", "Finn Fox", "Gina Gold"]
_LINKS = {"Autumn sale": "autumn-sale", "New roast": "roasts/new", "Tea tasting": "events/tea"}


def make_past() -> None:
    """Once: a shop that had a yesterday, or was reported on, keeps its own. Meanwhile nobody sees half of it."""
    from models.daily_report import DailyReport  # noqa: PLC0415 - reads its settings when loaded
    from models.order_event import OrderEvent  # noqa: PLC0415

    days = [now().date() - timedelta(days=back) for back in range(DAYS, 0, -1)]
    with embedded.LOCK:
        if not DailyReport.between(days[0], days[-1]) and next(OrderEvent.of_day(days[-1]), None) is None:
            _make(days)


def _make(days: Sequence[date]) -> None:
    dice = random.Random(7)  # noqa: S311 - the same past every time
    products = _products()
    people: list[User] = []
    links: list[str] = []
    for number, day in enumerate(days):
        if number == 0 or number % 3 == 1:
            people.append(_join(_PEOPLE[len(people)], day))
            links = links or _share(people[0], day)
        for minute in sorted(dice.sample(range(500, 1400), dice.randint(1, 2) + number // 7)):
            with set_to(_at(day, minute)):
                _buy(dice.choice(people), products, dice)
        _click(links, day, dice)
        if day != days[-1]:
            _report(day)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(minutes=minute)


def _products() -> "list[Product]":
    from models.product import ALL_LISTED, Product  # noqa: PLC0415

    found = Product.find_many(row.product_id for row in Product.all_created.query(ALL_LISTED))
    return sorted(found.values(), key=lambda product: product.sku)


def _join(name: str, day: date) -> "User":
    """A profile; they have no password, so nobody signs in as one of them."""
    from services.accounts.profiles import Person, keep_profile  # noqa: PLC0415

    user_id = name.lower().replace(" ", "-")
    email = f"{user_id}@kiosk.example"
    with set_to(_at(day, 480)):
        _note_mailed("welcome", user_id, email)
        return keep_profile(Person(user_id, email, name, "CUSTOMER"))


def _share(owner: "User", day: date) -> list[str]:
    """Short links, by their codes."""
    from services.short_links.making import NewShortLink, create_short_link  # noqa: PLC0415

    with set_to(_at(day, 490)):
        new = [NewShortLink(destination_url=f"https://example.com/{path}", title=name) for name, path in _LINKS.items()]
        return [create_short_link(owner.user_id, each).code for each in new]


def _click(codes: Sequence[str], day: date, dice: random.Random) -> None:
    from services.clicks.click import Click  # noqa: PLC0415
    from services.clicks.counting import Delivery, count_clicks  # noqa: PLC0415

    for number, code in enumerate(codes):
        clicks = [
            Click(
                code, _at(day, dice.randrange(1440)), dice.choice(["CH", "DE", "JP"]), "direct", "mobile", is_bot=False
            )
            for _ in range(dice.randint(5, 30) // (number + 1))
        ]
        count_clicks(
            Delivery(f"demo-{code}-{day}-{number}", click.to_body(), False) for number, click in enumerate(clicks)
        )


def _buy(user: "User", products: "list[Product]", dice: random.Random) -> None:
    """One to three products of one currency, as many as the shop can spare."""
    from services.orders.addresses import Address  # noqa: PLC0415
    from services.orders.lines import LineRequest  # noqa: PLC0415
    from services.orders.placing import OrderRequest, place_order  # noqa: PLC0415
    from services.orders.working import advance  # noqa: PLC0415

    payment = dice.choice([("tok_ok", "order_confirmed")] * 6 + [("tok_declined", "order_cancelled")])
    spared = [each for each in products if each.stock > _NEVER_SOLD_OUT and each.currency in _SOLD_IN]
    first = dice.choice(spared)
    alike = [product for product in spared if product.currency == first.currency]
    basket = {product.product_id: product for product in (first, *dice.sample(alike, min(2, len(alike))))}
    lines = [LineRequest(product_id=product_id, quantity=dice.randint(1, 2)) for product_id in basket]
    request = OrderRequest(
        idempotency_key=f"demo-{now().isoformat()}",
        lines=lines,
        shipping_address=Address(name=user.name, line1="Long Road 7", city="Basel", country_code="CH"),
        payment_token=payment[0],
    )
    order = place_order(user.user_id, request).order
    _note_mailed(payment[1], order.order_id, user.email)
    advance(order.order_id)
    for line in lines:
        basket[line.product_id or ""].stock -= line.quantity


def _report(day: date) -> None:
    from models.daily_report import DailyReport  # noqa: PLC0415
    from models.transaction import commit, update  # noqa: PLC0415
    from services.reports.making import make_report  # noqa: PLC0415

    with set_to(_at(day + timedelta(days=1), 540)):
        report = make_report(day, now())
        commit([update(report, [DailyReport.is_mail_owed.set(False)])])


def _note_mailed(template: str, subject_id: str, recipient: str) -> None:
    from models.mail_log import MailLog  # noqa: PLC0415
    from services.mail.events import MailEvent  # noqa: PLC0415

    event = MailEvent(template, subject_id)
    if attempt := MailLog.begin(event.id, template, recipient, lasting=timedelta(seconds=1)):
        attempt.sent("long ago")
