"""Which end the configuration names."""

import subprocess
import sys

import pytest

from core.config import settings
from services.payments import gateway
from services.payments.stripe_gateway import StripeGateway


@pytest.fixture
def configured(monkeypatch):
    def configure(payments):
        monkeypatch.setenv("PAYMENTS", payments)
        settings.cache_clear()

    yield configure
    monkeypatch.undo()
    settings.cache_clear()


def test_stripe(configured):
    configured("stripe")
    assert isinstance(gateway(), StripeGateway)


def test_anything_else_is_refused(configured):
    configured("paypal")
    with pytest.raises(ValueError, match="PAYMENTS is 'paypal', not local or stripe"):
        gateway()


def test_the_end_not_chosen_is_not_loaded():
    code = """
import sys, local
local.start()
from services.payments import gateway
gateway()
print('stripe' in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
