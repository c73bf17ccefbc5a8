"""Accounts: signing up and in, sessions, passwords, and the profiles that Kiosk keeps beside Cognito."""

from services.accounts.passwords import request_password_reset, reset_password
from services.accounts.profiles import ProfileChanges, fetch_profile, update_profile
from services.accounts.registration import confirm_sign_up, sign_up
from services.accounts.sessions import Session, Tokens, refresh_session, sign_in, sign_out

__all__ = [
    "ProfileChanges",
    "Session",
    "Tokens",
    "confirm_sign_up",
    "fetch_profile",
    "refresh_session",
    "request_password_reset",
    "reset_password",
    "sign_in",
    "sign_out",
    "sign_up",
    "update_profile",
]
