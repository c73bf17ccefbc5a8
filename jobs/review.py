"""For an operator: `python -m jobs.review ORDER_ID` brings an order back from REVIEW, if what is known allows it."""

import argparse
import sys

from services.orders.listing import find_order_id
from services.orders.reviewing import review


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m jobs.review")
    parser.add_argument("order", metavar="ORDER_ID", help="as the log has it; or the order's number, K-....-....")
    order = parser.parse_args(arguments).order
    moved = review(find_order_id(order) or order)
    if moved is None:
        print("Nothing can be decided yet, or the order is not in REVIEW: it stays as it is.")  # noqa: T201
        return 1
    print(f"{moved.number} is {moved.status} now.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
