"""A platform that says what it is told to: recorded answers, or files of any size, over TLS on loopback."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Optional, Union
from urllib.parse import parse_qsl, urlsplit

from standins.tls import Authority

ANY = "*"
CHUNK = 1 << 16
_FRAMING = frozenset({"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True)
class Recorded:
    """An answer; a `body` that is a path is sent from disk, piece by piece."""

    status: int
    body: Union[bytes, Path] = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def pieces(self) -> Iterator[bytes]:
        if isinstance(self.body, bytes):
            yield self.body
            return
        with self.body.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")

    @property
    def size(self) -> int:
        return len(self.body) if isinstance(self.body, bytes) else self.body.stat().st_size


Answer = Union[Recorded, Callable[[Mapping[str, str]], Recorded]]
"""What a path says: always the same, or something for the parameters of the request."""


class Asked(NamedTuple):
    """A request; names of headers in small letters, the body as `form`."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Asked(self.command, path, headers, form))
        answers = self.server.answers
        answer = answers.get(path) or answers.get(ANY) or Recorded(404)
        if not isinstance(answer, Recorded):
            answer = answer(_params(query, form, headers.get("content-type", "")))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in _FRAMING:
                self.send_header(name, value)
        self.send_header("Content-Length", str(answer.size))
        self.end_headers()
        for piece in answer.pieces() if self.command != "HEAD" else ():
            self.wfile.write(piece)

    do_POST = do_HEAD = do_GET  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Requests are kept, not printed."""


def _params(query: str, form: str, kind: str) -> dict[str, str]:
    """What was asked for; a value in JSON that is no text stays JSON."""
    if kind != "application/json":
        return dict(parse_qsl(f"{query}&{form}"))
    return {name: told if isinstance(told, str) else json.dumps(told) for name, told in json.loads(form).items()}


class _Server(ThreadingHTTPServer):
    def __init__(self, context: ssl.SSLContext, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.answers = answers
        self.requests: list[Asked] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


class Replay:
    """Answers by path (`ANY` for all others), 404 where there is none. A context manager."""

    def __init__(self, folder: Path, answers: Mapping[str, Answer]) -> None:
        authority = Authority.create(folder)
        self._server = _Server(authority.server_context(), answers)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.ca = authority.ca_path
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Asked]:
        return self._server.requests

    def __enter__(self) -> Replay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
