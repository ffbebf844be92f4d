"""A platform that answers with any bytes whatever, over TLS on loopback."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Optional

from qualys_ta.account import Account
from qualys_ta.api.transport import HttpsTransport
from standins.tls import Authority

Answer = Callable[[], Iterable[bytes]]


def answered(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """A whole answer; its headers are told beside Content-Length."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""))
    return lambda: [head.encode("latin-1") + body]


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        while True:
            head = b"".join(iter(self.rfile.readline, b"\r\n")) if self.rfile.peek(1) else b""
            if not head:
                return
            length = [line.split(b":")[1] for line in head.lower().splitlines() if line.startswith(b"content-length:")]
            body = self.rfile.read(int(length[0])) if length else b""
            self.server.heads.append(head.decode("latin-1"))
            self.server.bodies.append(body.decode())
            for piece in self.server.answer():
                self.wfile.write(piece)
            if self.server.hangs_up:
                return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, answer: Answer, hangs_up: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.answer = answer
        self.hangs_up = hangs_up
        self.heads: list[str] = []
        self.bodies: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


class HostilePlatform:
    """Says `answer` to every request. A context manager. `heads` and `bodies` are what was asked."""

    def __init__(self, folder: Path, answer: Answer, *, hangs_up: bool = False) -> None:
        authority = Authority.create(folder)
        self._server = _Server(authority.server_context(), answer, hangs_up)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.ca = authority.ca_path
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def heads(self) -> list[str]:
        return self._server.heads

    @property
    def bodies(self) -> list[str]:
        return self._server.bodies

    def says(self, answer: Answer) -> None:
        """From now on."""
        self._server.answer = answer

    def account(self, username: str = "acme_ab1", password: str = "pass word") -> Account:
        return Account("demo", self.url, "", username, password, self.ca)

    def transport(self, timeout_s: float = 10.0) -> HttpsTransport:
        return HttpsTransport(self.account(), self.url, None, timeout_s)

    def __enter__(self) -> HostilePlatform:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]] = None,
        error: Optional[BaseException] = None,
        trace: Optional[TracebackType] = None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._server.server_close()
