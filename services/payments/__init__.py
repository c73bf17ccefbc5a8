"""Taking money and giving it back: a port and its two ends, a pretended gateway and Stripe."""

from services.payments.port import Gateway, KeyReused, Outcome, gateway

__all__ = ["Gateway", "KeyReused", "Outcome", "gateway"]
