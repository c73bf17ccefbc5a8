"""A day folded: what counts, on which side of midnight, and in what order it is told."""

from datetime import date

import pytest

from models.order_event import OrderEvent
from models.user import User
from services.reports.folding import TOP, fold
from tests.makers import make_product
from tests.recorder import recorded
from tests.services.reports.days import at, click, make_confirmed, make_order, move_on

DAY = date(2026, 11, 20)
NOON = at("2026-11-20 12:00")


def test_an_empty_day():
    figures = fold(DAY)
    assert (figures.orders_placed, figures.orders_confirmed, figures.orders_cancelled) == (0, 0, 0)
    assert (figures.revenue, figures.units_sold, figures.new_users, figures.link_clicks) == ({}, 0, 0, 0)
    assert (figures.top_products, figures.top_links) == ([], [])


def test_each_order_counts_on_the_day_of_each_step():
    mug = make_product()
    order = make_order(at("2026-11-19 23:59:59.999"), {mug: 2}, amount_minor=2500)
    move_on(order, ("CHARGING", at("2026-11-20 00:00")), ("PAID", NOON), ("CONFIRMED", at("2026-11-20 23:59:59.999")))
    declined = make_order(NOON, {mug: 1})
    move_on(declined, ("CHARGING", NOON), ("CANCELLED", at("2026-11-21 00:00")))
    days = {day: fold(date(2026, 11, day)) for day in (19, 20, 21)}
    assert [days[day].orders_placed for day in days] == [1, 1, 0]
    assert [days[day].orders_confirmed for day in days] == [0, 1, 0]
    assert [days[day].orders_cancelled for day in days] == [0, 0, 1]
    assert [days[day].revenue for day in days] == [{}, {"EUR": 2500}, {}]
    assert [days[day].units_sold for day in days] == [0, 2, 0]


def test_what_happens_later_changes_no_past_day():
    mug = make_product()
    orders = [make_confirmed(NOON, {mug: 1}, amount_minor=amount) for amount in (100, 20, 3)]
    before = fold(DAY)
    assert before.revenue == {"EUR": 123}
    later = at("2026-11-21 08:00")
    move_on(orders[0], ("SHIPPED", later), ("DELIVERED", later), ("REFUNDING", later), ("REFUNDED", later))
    move_on(orders[1], ("REFUNDING", NOON), ("REFUNDED", NOON))
    assert fold(DAY) == before
    assert fold(date(2026, 11, 21)).revenue == {}


def test_mail_and_retries_are_no_arrivals():
    order = make_confirmed(NOON, {make_product(): 1})
    move_on(order, ("CONFIRMED", NOON))
    assert (fold(DAY).orders_confirmed, fold(DAY).revenue) == (1, {"EUR": 1250})


def test_revenue_by_currency_free_orders_included():
    mug = make_product()
    for amount, currency in [(5, "USD"), (1, "CHF"), (2, "CHF"), (0, "EUR"), (10**12 - 1, "JPY"), (1, "JPY")]:
        make_confirmed(NOON, {mug: 1}, amount_minor=amount, currency=currency)
    assert list(fold(DAY).revenue.items()) == [("CHF", 3), ("EUR", 0), ("JPY", 10**12), ("USD", 5)]


def test_the_most_sold_products_a_tie_by_sku():
    products = [make_product(sku=f"SKU-{letter}") for letter in "MKLABCDEFGHJ"]
    make_confirmed(NOON, dict.fromkeys(products, 2))
    make_confirmed(NOON, {products[0]: 3, products[4]: 1})
    top = fold(DAY).top_products
    assert [sold["sku"][-1] for sold in top] == list("MBACDEFGHJ")
    assert [sold["units"] for sold in top] == [5, 3] + [2] * 8
    assert top[0] == {"product_id": products[0].product_id, "sku": "SKU-M", "name": products[0].name, "units": 5}
    assert fold(DAY).units_sold == 28


def test_a_product_is_called_as_it_was_last_sold():
    mug = make_product(name="Mug")
    for hour, name in [(9, "Mug"), (15, "Mug, blue"), (12, "Mug, old")]:
        mug.name = name
        make_confirmed(at(f"2026-11-20 {hour:02}:00"), {mug: 1})
    (sold,) = fold(DAY).top_products
    assert (sold["name"], sold["units"]) == ("Mug, blue", 3)


def test_people_by_the_day_they_came():
    for number, moment in enumerate(
        ("2026-11-19 23:59:59.999", "2026-11-20 00:00", "2026-11-20 23:59:59.999", "2026-11-21 00:00")
    ):
        User.new(f"user-{number}", email="a@b.example", name="A", role="CUSTOMER", created_at=at(moment)).save()
    assert fold(DAY).new_users == 2
    assert User.find_first().user_id == "user-0"


def test_clicks_of_people_and_the_most_clicked_links_a_tie_by_code():
    for number in range(TOP + 1):
        click(f"code-{number:02}", NOON, times=2)
    click("popular", NOON, times=3)
    click("popular", at("2026-11-19 23:59:59.999"), times=7)
    click("popular", at("2026-11-21 00:00"), times=7)
    click("robots", NOON, times=50, is_bot=True)
    figures = fold(DAY)
    assert figures.link_clicks == 3 + 2 * (TOP + 1)
    assert figures.top_links == [
        {"code": "popular", "clicks": 3},
        *({"code": f"code-{number:02}", "clicks": 2} for number in range(TOP - 1)),
    ]


def test_a_day_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch):
    """Eight shards of one page each, and one more for every page that a shard fills."""
    monkeypatch.setattr("models.order_event.PAGE", 10)
    lines = [{"product_id": "p", "sku": "S", "name": "N", "quantity": 1, "unit_minor": 1}]
    with OrderEvent.batch_write() as batch:
        for number in range(200):
            moment = at(f"2026-11-20 {number % 24:02}:{number % 60:02}")
            event = OrderEvent(f"order-{number}", 4, status="CONFIRMED", at=moment)
            event.day_shard, event.at_sort = f"2026-11-20#{number % 8}", f"{moment.isoformat()}#{number}"
            event.sold = {"amount_minor": 1, "currency": "EUR", "lines": lines}
            batch.save(event)
    with recorded() as sent:
        events = OrderEvent.of_day(DAY)
        first = next(events)
        assert len(sent) == 8
        moments = [first.at_sort, *(event.at_sort for event in events)]
    assert moments == sorted(moments)
    assert len(moments) == 200
    assert 3 * 8 <= len(sent) <= 4 * 8
    assert fold(DAY).revenue == {"EUR": 200}
