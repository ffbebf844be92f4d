"""Answers of the platform that somebody put on this server's disk, read as if they came from there.

The file is copied like a download, so it is never changed, and what is made of it lies with the other pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from typing import BinaryIO, Optional

from ..errors import ConfigError
from ..model import Log, Request
from .dialect import Body, Dialect

OK = 200
CHUNK = 1 << 16
_NO_HEADERS: Mapping[str, str] = {}


class LocalFiles:
    """A `Transport` whose requests name files by their path. Raises ConfigError for one that cannot be read."""

    @contextmanager
    def send(
        self,
        request: Request,
        body: Optional[Body] = None,  # noqa: ARG002 - what a Transport takes
        headers: Mapping[str, str] = _NO_HEADERS,  # noqa: ARG002
    ) -> Iterator[_FileResponse]:
        try:
            with open(request.path, "rb") as file:
                yield _FileResponse(file)
        except OSError as error:
            if error.filename != request.path:
                raise
            raise ConfigError(f"Cannot read {request.path}: {error.strerror}.") from None


class _FileResponse:
    """The file as an answer of this moment."""

    status = OK

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.headers: Mapping[str, str] = {"date": formatdate(usegmt=True)}

    def chunks(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(CHUNK), b"")


def _no_other(_request: Request, _texts: Mapping[str, str], _log: Log) -> None:
    return None


DIALECT = Dialect(_no_other)
