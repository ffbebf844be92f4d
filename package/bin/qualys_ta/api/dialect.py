"""What the dialects of the platform differ in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

from ..model import Log, Request


@dataclass(frozen=True)
class Dialect:
    """How a list is asked, and how it goes on.

    `following`: request, texts of its answer by path -> the request of the page after it, or None; raises Refused for
    an answer that does not say clearly. `body`: request -> the XML to post; None where parameters go as a form.
    """

    following: Callable[[Request, Mapping[str, str], Log], Optional[Request]]
    body: Callable[[Request], Optional[bytes]] = lambda _request: None
