"""For an operator: `python -m jobs.review ORDER_ID` brings an order back from REVIEW, if what is known allows it."""

import sys

from services.orders.reviewing import review


def main(order_id: str) -> int:
    moved = review(order_id)
    if moved is None:
        print("Nothing can be decided yet, or the order is not in REVIEW: it stays as it is.")  # noqa: T201
        return 1
    print(f"{moved.number} is {moved.status} now.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
