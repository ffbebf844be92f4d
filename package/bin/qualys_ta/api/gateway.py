"""The dialect of the gateway: JSON in and out, a token instead of a password, pages by sort values.

Sources: FIM and gateway API guides; clients that run against the service.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Optional

from ..account import Account, Proxy
from ..errors import ConfigError, Refused
from ..jsonpage import CURSOR, RECORDS
from ..model import Log, Request
from .codes import Answer, error_for
from .dialect import Body, Dialect
from .patience import asked_wait_s
from .transport import HttpsTransport, Response

AFTER, NUMBER, SIZE = "searchAfter", "pageNumber", "pageSize"
LOGIN = "/auth"
LARGEST_TOKEN = 1 << 16
_AS_JSON = (AFTER, NUMBER, SIZE)
"""Parameters whose text is JSON; any other is a text."""

NOTE = "@"
"""What the names of parameters begin with that are notes and not sent."""

FULL = f"{NOTE}full"
"""Note in a request: the page before it was full."""


def following(request: Request, texts: Mapping[str, str], _log: Log) -> Optional[Request]:
    """What stands behind the last record, up to an empty page: counts drift, so none is asked for."""
    count = int(texts.get(RECORDS, "0"))
    if not count:
        return None
    params = {name: value for name, value in request.params.items() if name not in (NUMBER, FULL)}
    if count >= int(request.params.get(SIZE, "0")):
        params[FULL] = "1"
    cursor = texts.get(CURSOR)
    if cursor is None:
        if AFTER in request.params:
            raise Refused(f"{request.path} does not say where its next page starts: the answer was not used.")
        number = int(request.params.get(NUMBER, "0")) + 1
        return replace(request, params={**params, NUMBER: str(number)})
    if cursor == request.params.get(AFTER):
        raise Refused(f"{request.path} names the same page as the next one: the answer was not used.")
    return replace(request, params={**params, AFTER: cursor})


def may_end(request: Request) -> bool:
    """A search ends with an empty list. No content is none of its answers, and behind a full page the rest would be
    lost with it; elsewhere there is nothing to lose."""
    return FULL not in request.params


def body(request: Request) -> Optional[Body]:
    if request.method != "POST":
        return None
    told: dict[str, Any] = {
        name: json.loads(value) if name in _AS_JSON else value
        for name, value in request.params.items()
        if not name.startswith(NOTE)
    }
    return Body(json.dumps(told).encode("ascii"), "application/json")


DIALECT = Dialect(following, body, may_end)


class GatewayTransport:
    """Requests of one account to its gateway. Logs in when the first one is sent, and once more where the token has
    ended meanwhile; a token stays in memory. Raises ConfigError where the account names no gateway."""

    def __init__(self, account: Account, proxy: Optional[Proxy], timeout_s: float) -> None:
        if not account.gateway_server:
            raise ConfigError(
                "The account names no gateway, and none follows from its API server: enter it on the tab Account.",
                "gateway_server",
            )
        nobody = replace(account, username="", password="")
        self._plain = HttpsTransport(nobody, account.gateway_server, proxy, timeout_s)
        self._login = {"username": account.username, "password": account.password, "token": "true"}
        self._lock = threading.Lock()
        self._token = ""

    @contextlib.contextmanager
    def send(self, request: Request, body: Optional[Body] = None) -> Iterator[Response]:
        token = self._renewed("")
        with contextlib.ExitStack() as stack:
            response = stack.enter_context(self._plain.send(request, body, _bearer(token)))
            if response.status == 401:
                stack.close()
                response = stack.enter_context(self._plain.send(request, body, _bearer(self._renewed(token))))
            yield response

    def _renewed(self, ended: str) -> str:
        """The token, or a new one where it is this one that has ended. Several threads get the same new one."""
        with self._lock:
            if self._token == ended:
                self._token = self._logged_in()
            return self._token

    def _logged_in(self) -> str:
        request = Request(LOGIN, self._login)
        with self._plain.send(request) as response:
            text = b""
            for chunk in response.chunks():
                text += chunk
                if len(text) > LARGEST_TOKEN:
                    break
        token = text.strip()
        if response.status in (200, 201) and token.count(b".") == 2 and token.isascii() and not token.count(b" "):
            return token.decode("ascii")
        asked_s = asked_wait_s(response.headers, {}, datetime.now(timezone.utc))
        raise error_for(Answer(response.status, "no token", asked_s=asked_s), LOGIN, "", {}, "")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
