"""The wire: HTTPS on loopback, HTTP/1.1 with keep-alive, answers in chunks.

Each connection has its thread, and TLS is agreed on in that thread, so a client that never speaks holds up nobody.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Iterable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import Any, Callable, Optional, Protocol
from urllib.parse import parse_qsl, urlsplit

from .exchange import Answer, HangUp, Header

CONNECTIONS_KEPT_S = 300
_LINGER_AND_RESET = struct.pack("ii", 1, 0)
_SERVER_HEADERS: tuple[Header, ...] = (
    ("Server", "Qualys"),
    ("Strict-Transport-Security", "max-age=63072000;, max-age=31536000; includeSubDomains"),
    ("X-XSS-Protection", "1; mode=block, 1;mode=block"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Powered-By", "Qualys:USPOD3:16cb332b-8708-5a0b-822b-364cd5ebd55b:0bd06b8b-d888-c7a8-8058-417c825e3976"),
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"),
    ("Pragma", "no-cache"),
)


class Line(Protocol):
    """Where an answer goes."""

    def send(self, answer: Answer) -> None:
        """Writes the answer; may end the connection."""


class Request:
    """What came in: the parsed request and the raw body."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        form = body.decode("utf-8", "replace") if "urlencoded" in headers.get("content-type", "urlencoded") else ""
        self.method = method
        self.path = parts.path
        self.headers = headers
        self.body = body
        self.params = dict(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(form, keep_blank_values=True))


Serve = Callable[[Request, Line], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = CONNECTIONS_KEPT_S
    server: HttpsServer

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        try:
            self.server.serve(request, self)
        except HangUp as ending:
            self._hang_up(reset=ending.reset)
        except (BrokenPipeError, ConnectionError, ssl.SSLError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def send(self, answer: Answer) -> None:
        """Writes the answer: in chunks, or whole when its length is known."""
        pieces = iter(answer.body)
        # Before the status line: an answer that never comes sends no header either.
        first = next(filter(self._sent, pieces), b"")
        self._write_head(answer)
        self._write(chain((first,), pieces), chunked=answer.length is None)
        self.close_connection = answer.status >= 400

    def _sent(self, piece: bytes) -> bool:
        """Whether there is something to send; while there is nothing, the client may hang up."""
        if not piece and select.select([self.connection], [], [], 0)[0]:
            raise HangUp
        return bool(piece)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """The stand-in keeps its own list of requests."""

    def _write_head(self, answer: Answer) -> None:
        if answer.status < 400:
            lifetime = [("Keep-Alive", f"timeout={CONNECTIONS_KEPT_S}, max=240"), ("Connection", "Keep-Alive")]
        else:
            lifetime = [("Connection", "close")]
        framing = ("Transfer-Encoding", "chunked") if answer.length is None else ("Content-Length", str(answer.length))
        self.send_response_only(answer.status)
        self.send_header("Date", formatdate(self.server.now(), usegmt=True))
        front = _SERVER_HEADERS if answer.front is None else answer.front
        for name, value in (*front, *answer.headers, *lifetime, framing):
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.end_headers()

    def _write(self, body: Iterable[bytes], *, chunked: bool) -> None:
        for piece in body:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_AND_RESET)


class HttpsServer(ThreadingHTTPServer):
    """Serves until it is stopped; `serve` gets each request and the line to answer on."""

    daemon_threads = False

    def __init__(self, context: ssl.SSLContext, serve: Serve, now: Callable[[], int], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.serve = serve
        self.now = now
        self._context = context
        self._lock = threading.Lock()
        self._open: set[ssl.SSLSocket] = set()
        self._thread: Optional[threading.Thread] = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Serves in a thread of its own."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        """Ends every connection and waits for all threads."""
        self.shutdown()
        with self._lock:
            connections = tuple(self._open)
        for connection in connections:
            _shut(connection)
        self.server_close()
        if self._thread:
            self._thread.join()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Agrees on TLS, then serves the connection."""
        request.settimeout(CONNECTIONS_KEPT_S)
        with self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False) as connection:
            with self._lock:
                self._open.add(connection)
            try:
                _agree(connection)
                _Handler(connection, client_address, self)
            finally:
                with self._lock:
                    self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or that we or it do not trust, is part of the tests; anything else is our bug."""
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ssl.SSLError)):
            super().handle_error(request, client_address)


def _agree(connection: ssl.SSLSocket) -> None:
    """The TLS handshake. A client that is turned away reads why: what it sends meanwhile must not reset the line."""
    try:
        connection.do_handshake()
    except ssl.SSLError:
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while socket.socket.recv(connection, 1 << 16):
            pass
        raise


def _shut(connection: ssl.SSLSocket) -> None:
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return  # gone already
