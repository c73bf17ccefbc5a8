"""Access tokens as the pool's issuer makes them, and as others would like to; and its key set, on loopback."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

from api.auth import InvalidToken, authenticate
from core.config import settings

KEY, NEXT_KEY, FOREIGN_KEY, WEAK_KEY = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 2048, 1024))
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SUB = "7d0f52aa-286b-4fb4-a3a9-2aa6a18d8f7c"


def jwk(key: rsa.RSAPrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"} | more


class KeySet:
    """The issuer's: what it answers, and how often it was asked."""

    def __init__(self) -> None:
        self.keys: Any = [jwk(KEY, "one")]
        self.body: bytes | None = None
        self.status = 200
        self.asked = 0
        key_set = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                key_set.asked += 1
                self.send_response(key_set.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(key_set.body or json.dumps({"keys": key_set.keys}).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def rs256(signed: bytes, key: rsa.RSAPrivateKey = KEY) -> bytes:
    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def claims(**changes: Any) -> dict[str, Any]:
    """None takes one away."""
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "sub": SUB,
        "iss": settings().token_issuer,
        "client_id": settings().user_pool_client_id,
        "token_use": "access",
        "iat": now,
        "exp": now + 900,
        "username": SUB,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def token(
    body: dict[str, Any] | bytes | None = None,
    *,
    sign: Callable[[bytes], bytes] = rs256,
    raw_header: bytes | None = None,
    **header: Any,
) -> str:
    given = {name: value for name, value in ({"kid": "one", "alg": "RS256"} | header).items() if value is not None}
    signed = f"{b64(raw_header or given)}.{b64(claims() if body is None else body)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def is_refused(value: str) -> bool:
    try:
        authenticate(value)
    except InvalidToken:
        return True
    return False


PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
