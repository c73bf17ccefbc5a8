"""The demo shop's past: made by the services, once, without a mail, and on days gone by only."""

from collections import Counter
from datetime import date, timedelta

import local
from core.clock import now
from local import demo, demo_past, mailbox
from local.invoke import scheduled_event
from local.serving import make_demo
from models.daily_report import DailyReport
from models.order import Order
from models.product import ALL_LISTED, Product
from models.shards import all_shards
from services.payments.local_gateway import ledger
from services.reports.folding import fold
from services.reports.making import make_report


def all_orders() -> list[Order]:
    return [order for shard in all_shards() for order in Order.all.query(shard)]


def stock() -> Counter[str]:
    found = Product.find_many(row.product_id for row in Product.all_created.query(ALL_LISTED))
    return Counter({product.product_id: product.stock for product in found.values()})


def days() -> list[date]:
    return [now().date() - timedelta(days=back) for back in range(1, demo_past.DAYS + 1)]


def test_two_weeks_of_orders_paid_or_declined():
    demo.make_products()
    before = stock()
    demo_past.make_past()
    orders = all_orders()
    assert {order.placed_at.date() for order in orders} == set(days())
    assert {order.status for order in orders} == {"CONFIRMED", "CANCELLED"}
    confirmed = [order for order in orders if order.status == "CONFIRMED"]
    assert sorted(order.amount_minor for order in confirmed) == sorted(entry.amount.minor for entry in ledger())
    sold: Counter[str] = Counter()
    for order in confirmed:
        sold.update({line["product_id"]: line["quantity"] for line in order.lines})
    assert before - stock() == sold
    assert all(order.due_at is None for order in orders)


def test_every_day_but_yesterday_was_reported_then():
    demo.make_products()
    demo_past.make_past()
    yesterday, *earlier = days()
    reports = DailyReport.between(earlier[-1], yesterday)
    assert [report.day for report in reports] == [day.isoformat() for day in earlier]
    assert not any(report.is_mail_owed for report in reports)
    assert all(report.generated_at.date() == date.fromisoformat(report.day) + timedelta(days=1) for report in reports)
    figures = fold(yesterday)
    assert figures.orders_placed > 0
    assert figures.link_clicks > 0
    assert figures.new_users == 1


def test_nothing_of_it_is_mailed_and_the_worker_finds_nothing_to_do():
    demo.make_products()
    demo_past.make_past()
    versions = {order.order_id: order.version for order in all_orders()}
    local.drain()
    assert mailbox.newest_first() == []
    assert {order.order_id: order.version for order in all_orders()} == versions


def test_it_is_made_once():
    demo.make_products()
    demo_past.make_past()
    before = {order.order_id for order in all_orders()}
    demo_past.make_past()
    assert {order.order_id for order in all_orders()} == before


def test_it_is_there_before_the_first_report_whoever_asks_for_that():
    make_demo()
    function = local.running().functions["ReportDayFunction"]
    function.run(scheduled_event(local.running(), function), "schedule")
    yesterday = days()[0]
    (report,) = DailyReport.between(yesterday, yesterday)
    assert report.orders_placed == fold(yesterday).orders_placed > 0


def test_a_shop_that_was_reported_on_keeps_its_own():
    demo.make_products()
    report = make_report(days()[0], now())
    demo_past.make_past()
    assert all_orders() == []
    assert report.orders_placed == 0
