"""Who may talk to splunkd: session keys from services/auth/login, and the keys scripts are given."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from standins.splunk.errors import StandinError

ADMIN = "admin"
SYSTEM_USER = "splunk-system-user"


class Sessions:
    """The keys that are valid; they live as long as the stand-in."""

    def __init__(self, admin_password: str) -> None:
        self._password = admin_password
        self._users: dict[str, str] = {}

    def issue(self, user: str) -> str:
        """A new key for `user`."""
        key = secrets.token_urlsafe(48)
        self._users[key] = user
        return key

    def login(self, args: Mapping[str, str]) -> str:
        """A key for the administrator's name and password; StandinError 401 for any other."""
        known = args.get("username") == ADMIN
        if not known or not hmac.compare_digest(args.get("password", "").encode(), self._password.encode()):
            raise StandinError(401, "Login failed")
        return self.issue(ADMIN)

    def user(self, authorization: str) -> str:
        """Whose key `Splunk <key>` or `Bearer <key>` carries; StandinError 401 if nobody's."""
        scheme, _, key = authorization.partition(" ")
        user = self._users.get(key.strip())
        if scheme not in {"Splunk", "Bearer"} or user is None:
            raise StandinError(401, "call not properly authenticated")
        return user
