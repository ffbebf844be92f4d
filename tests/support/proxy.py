"""An HTTP proxy on loopback that leads where CONNECT says, for those it knows."""

from __future__ import annotations

import base64
import select
import socket
import socketserver
import threading
from types import TracebackType
from typing import NamedTuple, Optional

WAIT_S = 30.0
_MOST = 1 << 16


class Asked(NamedTuple):
    """A request to the proxy: its first line, and its Proxy-Authorization ("" without one)."""

    line: str
    authorization: str


class _Tunnel(socketserver.BaseRequestHandler):
    server: ConnectProxy

    def handle(self) -> None:
        head = self._head()
        if not head:
            return
        line, _, rest = head.partition("\r\n")
        headers = dict(header.split(": ", 1) for header in rest.split("\r\n") if header)
        asked = Asked(line, headers.get("Proxy-Authorization", ""))
        self.server.requests.append(asked)
        if self.server.expected not in ("", asked.authorization):
            self._say('407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"')
            return
        host, _, port = line.split(" ")[1].rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), WAIT_S) as there:
            self._say("200 Connection established")
            self._pump(there)

    def _head(self) -> str:
        """The request's head without its blank line; "" where the client goes away before it ends."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self.request.recv(1)
            if not piece:
                return ""
            head += piece
        return head[:-4].decode("latin-1")

    def _say(self, status: str) -> None:
        self.request.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode("latin-1"))

    def _pump(self, there: socket.socket) -> None:
        """Both ways until one side ends."""
        other = {self.request: there, there: self.request}
        while True:
            for side in select.select(list(other), [], [], WAIT_S)[0]:
                piece = side.recv(_MOST)
                if not piece:
                    return
                other[side].sendall(piece)


class ConnectProxy(socketserver.ThreadingTCPServer):
    """A context manager; without a user it leads everybody. `requests` are all that came, refused ones too."""

    daemon_threads = True

    def __init__(self, username: str = "", password: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.expected = f"Basic {token}" if username else ""
        self.requests: list[Asked] = []
        self.port: int = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that breaks is part of the tests."""

    def __enter__(self) -> ConnectProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]] = None,
        error: Optional[BaseException] = None,
        trace: Optional[TracebackType] = None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
