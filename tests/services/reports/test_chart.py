"""The chart: a PNG that fits into a mail, the same for the same reports, by a library loaded nowhere else."""

import io
import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from PIL import Image

from models.daily_report import DailyReport
from services.reports.chart import DAYS_SHOWN, draw

LAST = date(2026, 11, 20)


def reports(days: int, *currencies: str) -> list[DailyReport]:
    return [
        DailyReport(
            day=(LAST - timedelta(days=back)).isoformat(),
            orders_placed=40 + back,
            orders_confirmed=40 - back,
            revenue=dict.fromkeys(currencies, 10**10 + back),
        )
        for back in range(days)
    ]


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("days", [0, 1, DAYS_SHOWN])
@pytest.mark.parametrize("currencies", [(), ("JPY",), ("CHF", "EUR", "GBP", "JPY", "USD")])
def test_it_fits_into_a_mail(days: int, currencies: tuple[str, ...]):
    png = draw(LAST, reports(days, *currencies))
    assert pixels(png).width == 988
    assert len(png) < 100_000
    assert draw(LAST, reports(days, *currencies)) == png


def test_it_shows_the_last_day_and_no_day_outside():
    whole = reports(DAYS_SHOWN, "EUR")
    assert draw(LAST, whole[1:]) != draw(LAST, whole)
    assert draw(LAST, whole + reports(DAYS_SHOWN + 5, "EUR")[DAYS_SHOWN:]) == draw(LAST, whole)


LOADS = {
    "api.main": False,
    "jobs.send_mail": False,
    "jobs.process_orders": False,
    "jobs.sweep": False,
    "jobs.report_day": True,
}


@pytest.mark.parametrize(("module", "is_loaded"), LOADS.items())
def test_who_loads_the_plotting_library(module: str, is_loaded: bool):
    code = f"import sys, json, {module}; print(json.dumps('vl_convert' in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(ran.stdout.splitlines()[-1]) is is_loaded
