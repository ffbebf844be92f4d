"""The way to the platform, tried step by step as a run takes it: name, proxy, TLS, clock, gateway. Nobody logs in here.

Each step says what it found, or raises what a run would: TryLater, ConfigError, AuthError.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import urlsplit

from .. import VERSION
from ..account import Account, Proxy
from ..checks import FAILED, LEFT_OUT, WARNING, Found
from ..errors import TaError, TryLater
from ..times import utc
from .tls import context_for
from .transport import proxy_fault, proxy_headers, tls_fault

STEP_S = 6.0
MOST_SHOWN = 4
SHORT_DAYS = 14
MOST_SKEW_S = 60
DAY_S = 86_400
_CHECK_PROXY_NAME = "Check the name on the tab Proxy, and this server's DNS."
_LET_OUT = "Check the address, and that the firewall lets this server out; or set the proxy."
_MAY_ASK = "Ask who runs this server or the proxy in between; it may want a client certificate."
_CHECK_NAME = (
    "Check the account's API server, and this server's DNS; where only a proxy knows names of the internet, set it on "
    "the tab Proxy."
)


class Broken(TryLater):
    """The way ends here; `todo` is what a person can do."""

    def __init__(self, message: str, todo: str) -> None:
        super().__init__(message)
        self.todo = todo


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Way:
    """The way of one account, through the proxy where there is one. `clock` is this server's, in epoch seconds."""

    def __init__(self, account: Account, proxy: Optional[Proxy], clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._proxy = proxy
        self._clock = clock
        self._api = address(account.api_server)
        self._told_at: Optional[tuple[str, float]] = None
        """The platform's Date header, and when it came."""

    def look_up(self) -> Found:
        """The only name that this server itself looks up: the proxy's where there is one, else the API server's."""
        where = Address(self._proxy.server, self._proxy.port) if self._proxy else self._api
        what = "the proxy" if self._proxy else "the API server"
        if _is_address(where.host):
            return Found(f"{what} {where.host} is an address; nothing to look up")
        try:
            found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            todo = _CHECK_PROXY_NAME if self._proxy else _CHECK_NAME
            return Found(f"{what} {where.host} cannot be resolved: {_reason(error)}", FAILED, todo)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        more = f" and {len(addresses) - MOST_SHOWN} more" if len(addresses) > MOST_SHOWN else ""
        return Found(f"{what} {where.host} is {', '.join(addresses[:MOST_SHOWN])}{more}")

    def reach_proxy(self) -> Found:
        """Whether the proxy leads to the API server."""
        if self._proxy is None:
            return Found("none is set; requests go straight to Qualys", LEFT_OUT)
        line = self._line(self._api)
        line.close()
        who = f" as {self._proxy.username}" if self._proxy.username else " without a login"
        return Found(f"{self._proxy.server}:{self._proxy.port} leads to {self._api}{who}")

    def greet(self) -> Found:
        """TLS, verified as in a run, and one request without credentials."""
        try:
            with self._secured(self._api) as (line, secured):
                found = self._certificate(secured)
                self._told_at = _ask(line), self._clock()
        except Broken as error:
            return Found(str(error), FAILED, error.todo)
        return found

    def compare_clocks(self) -> Found:
        """This server's clock against the platform's."""
        told, at = self._told_at or ("", 0.0)
        try:
            platform = parsedate_to_datetime(told).timestamp()
        except (TypeError, ValueError):
            return Found("the platform tells no time", LEFT_OUT)
        ahead_s = round(at - platform)
        if abs(ahead_s) <= MOST_SKEW_S:
            return Found(f"within {MOST_SKEW_S} s of the platform's")
        return Found(
            f"this server's clock is {abs(ahead_s)} s {'ahead of' if ahead_s > 0 else 'behind'} the platform's",
            WARNING,
            "Set this server's clock (NTP). Schedules and the check of certificates go by it; what is pulled goes by "
            "the platform's.",
        )

    def reach_gateway(self) -> Found:
        """Whether the gateway answers; most metrics do not need it, so it is never a failure."""
        if not self._account.gateway_server:
            return Found("none is known for this API server", LEFT_OUT)
        gateway = address(self._account.gateway_server)
        try:
            with self._secured(gateway) as (line, _):
                _ask(line)
        except TaError as error:
            return Found(str(error), WARNING, "File integrity needs the gateway: correct it if you pull that.")
        return Found(f"{gateway} answers")

    def _certificate(self, secured: ssl.SSLSocket) -> Found:
        shown = secured.getpeercert() or {}
        ends = ssl.cert_time_to_seconds(str(shown["notAfter"]))
        days = int((ends - self._clock()) // DAY_S)
        trusted = "the account's own CA" if self._account.ca_bundle else "this server's CAs"
        client = "; our client certificate was accepted" if self._account.client_cert else ""
        found = (
            f"{secured.version()} with {self._api}; certificate issued by {_issuer(shown)}, trusted by {trusted}, "
            f"valid until {utc(ends)} ({days} days){client}"
        )
        if days <= SHORT_DAYS:
            return Found(found, WARNING, "It ends soon: ask its owner (Qualys, or who runs the proxy) to renew it.")
        return Found(found)

    @contextmanager
    def _secured(self, to: Address) -> Iterator[tuple[http.client.HTTPConnection, ssl.SSLSocket]]:
        context = context_for(self._account, to.host)
        context.check_hostname = True  # urllib3 compares addresses itself; here OpenSSL does
        line = self._line(to)
        try:
            secured = context.wrap_socket(line.sock, server_hostname=to.host)
            line.sock = secured
            yield line, secured
        except ssl.SSLError as error:
            raise self._no_tls(to, str(error)) from None
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"The connection to {to} broke ({_reason(error)})", _MAY_ASK) from None
        finally:
            line.close()

    def _no_tls(self, to: Address, text: str) -> Broken:
        reason, _, todo = tls_fault(text).partition("; ")
        shows = f"; it shows {utc(self._clock())}" if "clock" in todo else ""
        return Broken(
            f"No TLS connection to {to}: {reason}", f"{todo[:1].upper()}{todo[1:]}{shows}." if todo else _MAY_ASK
        )

    def _line(self, to: Address) -> http.client.HTTPConnection:
        """A connection, through the proxy where there is one; not secured yet."""
        if self._proxy is None:
            line = http.client.HTTPConnection(to.host, to.port, timeout=STEP_S)
        else:
            line = http.client.HTTPConnection(self._proxy.server, self._proxy.port, timeout=STEP_S)
            line.set_tunnel(to.host, to.port, proxy_headers(self._proxy))
        try:
            line.connect()
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            line.close()
            if self._proxy:
                raise proxy_fault(str(error), str(to)) from None
            raise Broken(f"{to} cannot be reached ({_reason(error)})", _LET_OUT) from None
        return line


def address(server: str) -> Address:
    """Where a server of an account listens. It has been checked by the table of settings."""
    parts = urlsplit(server)
    return Address(parts.hostname or "", parts.port or 443)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ask(line: http.client.HTTPConnection) -> str:
    """The Date of an answer to a request that anybody may make. TLS 1.3 judges a client certificate only now."""
    line.request("GET", "/", headers={"User-Agent": f"TA-QualysCloudPlatform/{VERSION}", "Connection": "close"})
    return line.getresponse().headers.get("Date", "")


def _issuer(shown: Mapping[str, Any]) -> str:
    named = {key: value for part in shown.get("issuer", ()) for key, value in part}
    return str(named.get("commonName") or named.get("organizationName") or "a CA without a name")
