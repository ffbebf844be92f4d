"""A call to the platform, its answer, and the error that is an answer too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Optional

XML = "application/xml"
HTML = "text/html; charset=iso-8859-1"

Header = tuple[str, str]


@dataclass(frozen=True)
class Call:
    """One request: `params` are those of the query and of the form, `headers` have names in small letters.

    `version` and `resource` come from the path, `username` from who is logged in, `twist` from the fault that changes
    only where the answer says the next page is ("loop", "foreign_next"), or what of the call is heeded. `body` is the
    request's own, as it came.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    resource: str = ""
    version: str = ""
    username: str = ""
    twist: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What goes back: `body` in pieces, sent in chunks, or whole when `length` is known.

    `front`: what the server says of itself, where it is another one than the usual.
    """

    status: int
    body: Iterable[bytes]
    content_type: str = XML
    headers: tuple[Header, ...] = ()
    length: Optional[int] = None
    front: Optional[tuple[Header, ...]] = None

    @classmethod
    def of(cls, status: int, text: str, content_type: str = XML, headers: tuple[Header, ...] = ()) -> Answer:
        """An answer whose text is at hand; sent in one chunk, as the platform does."""
        return cls(status, (text.encode("utf-8"),), content_type, headers)

    def sized(self) -> Answer:
        """The same answer with its Content-Length instead of chunks."""
        whole = b"".join(self.body)
        return replace(self, body=(whole,), length=len(whole))


def broken_off(body: Iterable[bytes]) -> Iterator[bytes]:
    """The first piece of an answer and half of the second; then the connection ends."""
    pieces = iter(body)
    yield next(pieces)
    piece = next(pieces, b"")
    yield piece[: len(piece) // 2]
    raise HangUp


class HangUp(Exception):
    """Raised while an answer is being written: the connection ends here; with `reset`, rudely."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("hang up")
        self.reset = reset


@dataclass(eq=False)
class Refusal(Exception):
    """The platform refuses a call: becomes a SIMPLE_RETURN with this code and text."""

    code: int
    text: str
    status: int = 400
    items: tuple[tuple[str, str], ...] = ()
    headers: tuple[Header, ...] = field(default=())
