"""For an operator: `python -m jobs.review ORDER_ID` brings an order back from REVIEW, if what is known allows it."""

import argparse
import sys

from models.order import Order
from models.transaction import ConditionFailed
from services.orders.listing import find_order_id
from services.orders.reviewing import review


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs.review")
    parser.add_argument("order", metavar="ORDER_ID", help="as the log has it; or the order's number, K-....-....")
    asked = parser.parse_args(arguments).order
    order = Order.find(find_order_id(asked) or asked, consistent=True)
    if order is None:
        return _stays(f"There is no order {asked}.")
    if order.status != "REVIEW":
        return _stays(f"{order.number} is {order.status}, not in REVIEW: it stays as it is.")
    try:
        moved = review(order.order_id)
    except ConditionFailed:
        return _stays(f"{order.number} changed just now: please look again.")
    if moved is None:
        return _stays("Nothing can be decided yet: it stays as it is.")
    sys.stdout.write(f"{moved.number} is {moved.status} now.\n")
    return 0


def _stays(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
