"""The picture in a report's mail: the last days' orders, and their revenue in each currency."""

import os
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO

from core.aws import is_deployed
from core.money import Money
from models.daily_report import DailyReport

if is_deployed():
    os.environ.setdefault("MPLCONFIGDIR", tempfile.gettempdir())  # a function may write nowhere else

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

DAYS_SHOWN = 14
_GREEN, _PALE, _GRID, _TEXT, _QUIET = "#0b5d4a", "#b9d6cd", "#e4e4df", "#222222", "#77776f"
_WIDTH, _TOP_HEIGHT, _HEIGHT = 5.2, 1.9, 1.3
_DPI = 190


def draw(last: date, reports: Sequence[DailyReport]) -> bytes:
    """A PNG of the days up to `last`. The same reports give the same bytes; a day without one is left empty."""
    days = [last - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    by_day = {report.day: report for report in reports}
    shown = [by_day.get(day.isoformat()) for day in days]
    currencies = sorted({currency for report in reports for currency in report.revenue})
    heights = [_TOP_HEIGHT, *(_HEIGHT for _ in currencies)]
    figure = Figure(figsize=(_WIDTH, sum(heights)), dpi=_DPI, layout="constrained")
    panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    _orders(panels[0], shown)
    for panel, currency in zip(panels[1:], currencies, strict=True):
        _revenue(panel, currency, shown)
    panels[-1].set_xticks(range(DAYS_SHOWN), [_label(day, is_first=day == days[0]) for day in days])
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _orders(panel: Axes, shown: Sequence[DailyReport | None]) -> None:
    placed = [report.orders_placed if report else 0 for report in shown]
    confirmed = [report.orders_confirmed if report else 0 for report in shown]
    panel.bar(range(DAYS_SHOWN), placed, width=0.72, color=_PALE, label="placed")
    panel.bar(range(DAYS_SHOWN), confirmed, width=0.42, color=_GREEN, label="confirmed")
    panel.legend(loc="lower left", bbox_to_anchor=(0.11, 0.97), ncols=2, frameon=False, fontsize=8, labelcolor=_TEXT)
    panel.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    _dress(panel, "Orders", max([*placed, *confirmed]), f"{placed[-1]:,} placed, {confirmed[-1]:,} confirmed")


def _revenue(panel: Axes, currency: str, shown: Sequence[DailyReport | None]) -> None:
    amounts = [Money(report.revenue.get(currency, 0) if report else 0, currency).amount for report in shown]
    heights = [float(amount) for amount in amounts]  # pixels need no cents
    panel.bar(range(DAYS_SHOWN), heights, width=0.72, color=[_PALE] * (DAYS_SHOWN - 1) + [_GREEN])
    panel.yaxis.set_major_locator(MaxNLocator(3))
    _dress(panel, f"Revenue, {currency}", max(heights), f"{amounts[-1]:,f}")


def _dress(panel: Axes, title: str, highest: float, last: str) -> None:
    """What the last day brought stands in figures too."""
    panel.set_title(title, loc="left", fontsize=9.5, fontweight="bold", color=_TEXT)
    panel.set_title(last, loc="right", fontsize=9, color=_GREEN)
    panel.set_xlim(-0.6, DAYS_SHOWN - 0.4)
    panel.set_ylim(0, highest * 1.08 or 1)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.spines["bottom"].set_color(_QUIET)
    panel.grid(axis="y", color=_GRID)
    panel.set_axisbelow(True)
    panel.tick_params(length=0, labelsize=8, labelcolor=_QUIET)
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def _label(day: date, *, is_first: bool) -> str:
    return f"{day.day}\n{day:%b}" if is_first or day.day == 1 else str(day.day)
