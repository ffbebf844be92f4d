"""Tokens of the gateway: JSON Web Tokens that live four hours by the platform's clock (facts §0.2)."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Optional

from ..clock import PlatformClock

LIFETIME_S = 4 * 3600


class Tokens:
    """Given to the subscription's users; each holds until its time is over, or until all are revoked."""

    def __init__(self, users: Mapping[str, str], clock: PlatformClock) -> None:
        self._users = dict(users)
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._given: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def give(self, params: Mapping[str, str]) -> Optional[str]:
        """A new token for the username and password of a form; None for nobody we know, or one that wants no token."""
        username, password = params.get("username", ""), params.get("password", "")
        expected = self._users.get(username)
        wants = params.get("token") == "true" or params.get("permissions") == "true"
        if expected is None or not wants or not hmac.compare_digest(expected.encode(), password.encode()):
            return None
        ends_at = self._clock.now() + LIFETIME_S
        claims = {"sub": username, "exp": ends_at, "iat": self._clock.now(), "jti": secrets.token_hex(8)}
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        signature = hmac.digest(self._key, signed.encode(), "sha256")
        token = f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        with self._lock:
            self._given[token] = (username, ends_at)
        return token

    def username(self, headers: Mapping[str, str]) -> str:
        """Who sends a request with these headers; "" for nobody, or where the token has ended."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self._lock:
            name, ends_at = self._given.get(token, ("", 0))
        return name if scheme == "Bearer" and self._clock.now() < ends_at else ""

    def revoke(self) -> None:
        """All tokens that were given end now."""
        with self._lock:
            self._given.clear()


def _encoded(part: Mapping[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
