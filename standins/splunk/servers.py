"""A WSGI application served on loopback by a thread of its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from werkzeug.serving import WSGIRequestHandler, make_server

LOOPBACK = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Requests are not logged: stdout belongs to the stand-in's first line."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        pass


@contextmanager
def serving(application: Any, port: int, context: Optional[ssl.SSLContext] = None) -> Iterator[str]:
    """Serves until the block ends; gives the URL. Port 0 is any free one."""
    server = make_server(LOOPBACK, port, application, threaded=True, request_handler=_Quiet, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
