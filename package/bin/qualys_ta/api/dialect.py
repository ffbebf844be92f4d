"""What the dialects of the platform differ in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

from ..model import Log, Request


class Body(NamedTuple):
    """What a request carries, and its Content-Type."""

    content: bytes
    kind: str


@dataclass(frozen=True)
class Dialect:
    """How a list is asked, and how it goes on.

    `following`: request, texts of its answer by path -> the request of the page after it, or None; raises Refused for
    an answer that does not say clearly. `body`: request -> what to post; None where parameters go as a form, or into
    the query. `may_end`: whether an answer without content to this request can say that there is no more.
    """

    following: Callable[[Request, Mapping[str, str], Log], Optional[Request]]
    body: Callable[[Request], Optional[Body]] = lambda _request: None
    may_end: Callable[[Request], bool] = lambda _request: False
