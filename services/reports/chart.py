"""The picture in a report's mail: the last days' orders, and their revenue in each currency."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import vl_convert

from core.money import Money
from models.daily_report import DailyReport
from services.reports.png import pack

DAYS_SHOWN = 14
_GREEN, _PALE, _GRID, _TEXT, _QUIET = "#0b5d4a", "#b9d6cd", "#e4e4df", "#222222", "#77776f"
_TOP_HEIGHT, _HEIGHT, _WIDTH = 120, 78, 402
_AMOUNTS_WIDTH = 72
"""Enough for ten billions."""
_SCALE = 2
"""Pixels of the picture for one in the mail."""
_Layer = dict[str, Any]
"""Of a Vega-Lite specification."""


def draw(last: date, reports: Sequence[DailyReport]) -> bytes:
    """A PNG of the days up to `last`. The same reports give the same bytes; a day without one is left empty."""
    days = [last - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    by_day = {report.day: report for report in reports}
    shown = [by_day.get(day.isoformat()) for day in days]
    labels = [_label(day, is_first=day == days[0]) for day in days]
    currencies = sorted({currency for report in reports for currency in report.revenue})
    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": 10,
        "spacing": 14,
        "config": _LOOK,
        "vconcat": [_orders(labels, shown), *(_revenue(labels, currency, shown) for currency in currencies)],
    }
    return pack(vl_convert.vegalite_to_png(specification, scale=_SCALE, allowed_base_urls=[]))


def _orders(labels: Sequence[str], shown: Sequence[DailyReport | None]) -> _Layer:
    placed = [report.orders_placed if report else 0 for report in shown]
    confirmed = [report.orders_confirmed if report else 0 for report in shown]
    colours = {"domain": ["placed", "confirmed"], "range": [_PALE, _GREEN]}
    legend = {"orient": "none", "legendX": 270, "legendY": -22, "direction": "horizontal", "title": None}
    bars = [
        _bars(labels, placed, width=0.72, ticks=4, color={"datum": "placed", "scale": colours, "legend": legend}),
        _bars(labels, confirmed, width=0.42, ticks=4, color={"datum": "confirmed"}),
    ]
    return _panel("Orders", f"{placed[-1]:,} placed, {confirmed[-1]:,} confirmed", _TOP_HEIGHT, bars)


def _revenue(labels: Sequence[str], currency: str, shown: Sequence[DailyReport | None]) -> _Layer:
    amounts = [Money(report.revenue.get(currency, 0) if report else 0, currency).amount for report in shown]
    heights = [float(amount) for amount in amounts]  # pixels need no cents
    colour = {"condition": {"test": f"datum.day === '{labels[-1]}'", "value": _GREEN}, "value": _PALE}
    bars = [_bars(labels, heights, width=0.72, ticks=3, color=colour)]
    return _panel(f"Revenue, {currency}", f"{amounts[-1]:,f}", _HEIGHT, bars)


def _panel(title: str, last: str, height: int, layers: list[_Layer]) -> _Layer:
    """What the last day brought stands in figures too."""
    return {"title": {"text": title, "subtitle": last}, "width": _WIDTH, "height": height, "layer": layers}


def _bars(labels: Sequence[str], values: Sequence[float], *, width: float, ticks: int, color: _Layer) -> _Layer:
    days = {"field": "day", "type": "ordinal", "sort": None, "axis": {"labelExpr": "split(datum.label, ' ')"}}
    amounts = {
        "field": "value",
        "type": "quantitative",
        "axis": {"tickCount": ticks, "tickMinStep": 1, "format": ",d", "minExtent": _AMOUNTS_WIDTH},
        "scale": {"domainMin": 0, **({} if any(values) else {"domainMax": ticks})},
    }
    return {
        "data": {"values": [{"day": day, "value": value} for day, value in zip(labels, values, strict=True)]},
        "mark": {"type": "bar", "width": {"band": width}},
        "encoding": {"x": days, "y": amounts, "color": color},
    }


def _label(day: date, *, is_first: bool) -> str:
    """In two lines where a month begins."""
    return f"{day.day} {day:%b}" if is_first or day.day == 1 else str(day.day)


_LOOK = {
    "view": {"stroke": None},
    "axis": {"title": None, "ticks": False, "domain": False, "labelColor": _QUIET, "labelFontSize": 10},
    "axisX": {"grid": False, "labelAngle": 0, "domain": True, "domainColor": _QUIET},
    "axisY": {"gridColor": _GRID, "maxExtent": _AMOUNTS_WIDTH},
    "legend": {"labelColor": _TEXT, "labelFontSize": 10, "symbolType": "square"},
    "title": {
        "anchor": "start",
        "frame": "group",
        "color": _TEXT,
        "fontSize": 12,
        "subtitleColor": _GREEN,
        "subtitleFontSize": 11,
    },
}
