"""One HTTPS exchange with the platform, streamed. The only module that imports requests."""

from __future__ import annotations

import base64
import contextlib
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional, Protocol
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as StreamError

from .. import VERSION
from ..account import Account, Proxy
from ..errors import AuthError, ConfigError, TaError, TryLater
from ..model import Request
from .dialect import Body
from .inflate import ACCEPTED, unpacked
from .pace import PacedSocket
from .tls import context_for

CHUNK = 1 << 16
_NO_HEADERS: Mapping[str, str] = {}
_UNRESOLVED = r"\[Errno -\d+\]|not known|name resolution|NameResolution|getaddrinfo"
_TLS_FAULTS = (
    ("self-signed|self signed|unable to get (?:local )?issuer", "its certificate is signed by an unknown CA; enter the "
     "path of that CA's file under CA certificates"),
    ("Hostname mismatch|doesn't match|IP address mismatch", "its certificate belongs to another name; "
     "check the API server's address"),
    ("certificate has expired", "its certificate has expired; ask its owner to renew it, and "
     "check this server's clock"),
    ("certificate is not yet valid", "its certificate is not valid yet; check this server's clock"),
    ("ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN))", "it does not accept the account's "
     "client certificate"),
    ("CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|EOF occurred", "it broke off; it may ask for a client certificate"),
    ("WRONG_VERSION_NUMBER|wrong version number", "it does not speak TLS; check the port"),
)  # fmt: skip
_PROXY_FAULTS = (
    (_UNRESOLVED, "its host name cannot be resolved"),
    ("Tunnel connection failed: ([^'\"]+)", "it answered {}"),
    ("timed out", "it did not answer in time"),
    ("", "it cannot be reached, or is no HTTP proxy"),
)


class Response(Protocol):
    """An answer whose body is still to come. Header names are lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def chunks(self) -> Iterator[bytes]: ...


class Transport(Protocol):
    """Sends one request; the answer is read inside the ``with``. Raises TryLater, AuthError or ConfigError."""

    def send(self, request: Request, body: Optional[Body] = None) -> contextlib.AbstractContextManager[Response]:
        """Parameters go into the query of a GET and the form of a POST, or a `body` takes their place."""


class _Adapter(HTTPAdapter):
    """requests with our TLS context, and proxy credentials in UTF-8 (requests itself knows Latin-1 only)."""

    def __init__(self, context: ssl.SSLContext, proxy: Proxy | None) -> None:
        self._context = context
        self._proxy = proxy
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **options)  # type: ignore[no-untyped-call]

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **options)  # type: ignore[no-untyped-call]

    def proxy_headers(self, proxy: str) -> dict[str, str]:  # noqa: ARG002 - the name is that of requests
        return proxy_headers(self._proxy) if self._proxy else {}


class _Response:
    def __init__(self, response: requests.Response, server: str, path: str) -> None:
        self._response = response
        self._where = (server, path)
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        # Taken from urllib3, which would unpack without bounds.
        self._encoding = response.raw.headers.pop("content-encoding", "")

    def chunks(self) -> Iterator[bytes]:
        """The body, unpacked. Raises TryLater where it ends before its Content-Length says, or breaks."""
        with _our_errors(*self._where):
            yield from unpacked(self._response.iter_content(CHUNK), self._encoding)
        promised = self.headers.get("content-length", "")
        received = self._response.raw.tell()
        if promised.isdecimal() and received < int(promised):
            raise TryLater(f"The answer was cut after {received} of {promised} bytes.")


class HttpsTransport:
    """Requests of one account to one server: Basic authentication, its CA and client certificate, the proxy.

    Redirects are not followed. The environment's proxies and .netrc do not count: the setting decides.
    """

    def __init__(self, account: Account, server: str, proxy: Proxy | None, timeout_s: float) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        if account.username:
            self._session.auth = (account.username.encode(), account.password.encode())  # type: ignore[assignment]
        self._session.verify = account.ca_bundle or True
        self._session.headers.update(
            {
                "X-Requested-With": f"TA-QualysCloudPlatform/{VERSION}",
                "User-Agent": f"TA-QualysCloudPlatform/{VERSION}",
                "Accept-Encoding": ACCEPTED,
            }
        )
        if proxy:
            self._session.proxies = {"https": f"http://{_netloc(proxy)}"}
        self._session.adapters.clear()  # credentials never travel over plain http, whatever the address says
        context = context_for(account, urlsplit(server).hostname or "")
        context.sslsocket_class = PacedSocket
        self._session.mount("https://", _Adapter(context, proxy))

    @contextlib.contextmanager
    def send(
        self, request: Request, body: Optional[Body] = None, headers: Mapping[str, str] = _NO_HEADERS
    ) -> Iterator[Response]:
        in_query = request.method != "POST"
        with (
            _our_errors(self._server, request.path),
            self._session.request(
                request.method,
                self._server + request.path,
                stream=True,
                timeout=self._timeout_s,
                allow_redirects=False,
                params=dict(request.params) if in_query else None,
                data=body.content if body else None if in_query else dict(request.params),
                headers={**headers, **({"Content-Type": body.kind} if body else {})},
            ) as response,
        ):
            yield _Response(response, self._server, request.path)


def proxy_headers(proxy: Proxy) -> dict[str, str]:
    """What says who we are to the proxy."""
    if not proxy.username:
        return {}
    credentials = f"{proxy.username}:{proxy.password}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


def _netloc(proxy: Proxy) -> str:
    server = f"[{proxy.server}]" if ":" in proxy.server else quote(proxy.server)
    return f"{server}:{proxy.port}"


@contextlib.contextmanager
def _our_errors(server: str, path: str) -> Iterator[None]:
    """What requests and urllib3 raise, by what the caller does about it."""
    try:
        yield
    except TaError:
        raise
    except (requests.RequestException, StreamError) as error:
        raise _sorted(error, urlsplit(server).netloc, path) from None


def _sorted(error: Exception, host: str, path: str) -> TaError:
    text = str(error)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ConfigError(f"API server {host!r} is not an https address.", "api_server")
    if isinstance(error, requests.exceptions.ProxyError):
        return proxy_fault(text, host)
    if isinstance(error, requests.exceptions.SSLError):
        return TryLater(f"No TLS connection to {host}: {tls_fault(text)}.")
    timeouts = (requests.exceptions.ConnectTimeout, requests.exceptions.ReadTimeout)
    if isinstance(error, timeouts) or "Read timed out" in text:  # the latter while the body comes
        return TryLater(f"{host} did not answer {path} in time; check the network, or raise the API timeout.")
    if re.search(_UNRESOLVED, text):
        return TryLater(f"The host name {host} cannot be resolved: check the API server's address and the DNS.")
    if isinstance(error, requests.exceptions.ConnectionError) and "Failed to establish" in text:
        return TryLater(f"{host} cannot be reached: check the address, the firewall and the proxy.")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return TryLater(f"{host} cut its answer before the end.")
    return TryLater(f"The connection to {host} broke ({type(error).__name__}) before {path} was answered.")


def proxy_fault(text: str, host: str) -> TaError:
    """What it means that a proxy, asked for `host`, ended with the error `text`."""
    if "Tunnel connection failed: 407" in text:
        return AuthError("The proxy refused its user or password: check the tab Proxy.")
    return TryLater(f"The proxy did not lead to {host}: {_known(_PROXY_FAULTS, text)}. Check the tab Proxy.")


def tls_fault(text: str) -> str:
    """Why there is no TLS, from OpenSSL's error `text`, and where known what to do."""
    return _known(_TLS_FAULTS, text) or text.rsplit("(", 1)[0].strip() or "handshake failed"


def _known(faults: Iterable[tuple[str, str]], text: str) -> str:
    """The reason whose pattern is found in `text`, filled with the pattern's groups; "" where none is."""
    found = ((re.search(pattern, text), reason) for pattern, reason in faults)
    return next((reason.format(*match.groups()) for match, reason in found if match), "")
