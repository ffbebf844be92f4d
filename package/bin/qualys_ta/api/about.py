"""Whether an account works: one call of ``/msp/about.php``, and a look whether its gateway answers.

Source: recorded answers; the vendor's own add-on checks credentials with the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from ..account import Account, Proxy
from ..checks import TooSlow, within
from ..errors import ConfigError, Refused, TaError, TryLater
from ..model import Request
from ..xmlpage import Inspector
from .codes import Answer, code_and_text, error_for
from .transport import HttpsTransport, Transport

ABOUT = Request("/msp/about.php", method="GET")
LARGEST = 1 << 20
CALL_TIMEOUT_S = 9.0
GATEWAY_TIMEOUT_S = 5.0


def test_connection(account: Account, proxy: Optional[Proxy], timeout_s: float = 20.0) -> str:
    """Prove that an account that the table of settings accepts can log in, within `timeout_s` in all and at one try.

    Returns a warning for people where the gateway does not answer, else "". Raises ConfigError, AuthError, TryLater or
    Refused with a message of its own for every cause.
    """
    transport = HttpsTransport(account, account.api_server, proxy, CALL_TIMEOUT_S)
    return _within(timeout_s, lambda: _test(account, proxy, transport), urlsplit(account.api_server).netloc)


test_connection.__test__ = False  # type: ignore[attr-defined]


def _test(account: Account, proxy: Optional[Proxy], transport: Transport) -> str:
    log_in(transport, account.api_server)
    if not account.gateway_server:
        return ""
    try:
        nobody = replace(account, username="", password="")  # whether it answers needs no secret
        gateway = HttpsTransport(nobody, account.gateway_server, proxy, GATEWAY_TIMEOUT_S)
        with gateway.send(Request("/", method="HEAD")):
            return ""
    except TaError as error:
        return f"The account works, but its gateway does not answer yet: {error}"


class About(NamedTuple):
    """What the platform says of itself, and the headers it said it with."""

    web_version: str
    headers: Mapping[str, str]


def log_in(transport: Transport, server: str) -> About:
    """One call that needs credentials. Raises as `test_connection`."""
    inspector = Inspector(("",))
    with transport.send(ABOUT) as response:
        body = b""
        for chunk in response.chunks():
            body += chunk
            if len(body) > LARGEST:
                raise Refused(f"{server} answered {ABOUT.path} with a page that is no answer of Qualys.")
        try:
            inspector.feed(body)
            inspector.close()
        except TryLater:
            if response.status == 200:
                raise Refused(
                    f"{server} answered {ABOUT.path} with something that is not XML: is this a Qualys API server?"
                ) from None
        _judge(response.status, inspector)
        return About(inspector.told.texts.get("WEB-VERSION", ""), response.headers)


def _judge(status: int, inspector: Inspector) -> None:
    code, text = code_and_text(inspector.told.texts)
    if status == 200 and inspector.root == "ABOUT" and not code:
        return
    error = error_for(Answer(status, inspector.root, code, text), ABOUT.path, "", {}, "")
    if isinstance(error, (ConfigError, Refused)) and status in (404, 410):
        error = ConfigError(f"There is no {ABOUT.path} at this address: is this a Qualys API server?", "api_server")
    raise error


def _within(timeout_s: float, work: Callable[[], str], host: str) -> str:
    """The result of `work`, or TryLater when time is up: name lookups and slow trickles know no time-out of ours."""
    try:
        return within(timeout_s, work)
    except TooSlow:
        raise TryLater(
            f"{host} gave no answer within {timeout_s:.0f} s: check the address, the firewall and the proxy."
        ) from None
