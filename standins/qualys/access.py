"""Who may call: Basic credentials in UTF-8, or the cookie of a session."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Optional

from .exchange import Call, Refusal

COOKIE = "QualysSession"


def bad_login() -> Refusal:
    """Nobody we know (recorded: HTTP 401)."""
    return Refusal(2000, "Bad Login/Password", 401)


class Access:
    """The subscription's users and the sessions that are open."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = dict(users)
        self._sessions: dict[str, str] = {}
        self._lock = threading.Lock()

    def username(self, headers: Mapping[str, str]) -> str:
        """Who sends a request with these headers; Refusal 2000 (HTTP 401) when nobody we know."""
        name = self._by_cookie(headers.get("cookie", "")) or self._by_basic(headers.get("authorization", ""))
        if not name:
            raise bad_login()
        return name

    def login(self, call: Call) -> str:
        """A new session's cookie for the username and password of the call."""
        username, password = call.params.get("username", ""), call.params.get("password", "")
        if not self._knows(username, password):
            raise bad_login()
        token = secrets.token_hex(16)
        with self._lock:
            self._sessions[token] = username
        return token

    def logout(self, headers: Mapping[str, str]) -> None:
        """The session of the cookie ends."""
        with self._lock:
            self._sessions.pop(_cookie(headers.get("cookie", "")), None)

    def _knows(self, username: str, password: str) -> bool:
        expected = self._users.get(username)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def _by_cookie(self, header: str) -> Optional[str]:
        with self._lock:
            return self._sessions.get(_cookie(header))

    def _by_basic(self, header: str) -> Optional[str]:
        scheme, _, encoded = header.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return username if self._knows(username, password) else None


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
