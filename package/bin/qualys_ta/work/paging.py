"""What the platform lists, from the first page to the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional, Protocol

from ..chains import Fetch
from ..feed import Resource
from ..model import Page, Request
from ..populator.host_list import HostIds


class Gate(Protocol):
    """What calls pass; see `api.gate`."""

    def expect(self, path: str, calls: int) -> None: ...

    def close(self) -> None: ...


class Lister(Protocol):
    """Asks the platform for a list, through the gate of the pull."""

    @property
    def gate(self) -> Gate: ...

    def first(self, params: Mapping[str, str]) -> Request: ...

    def fetch(self, request: Request) -> Page: ...


Reader = Callable[[Resource], Lister]
"""Gives the lister of any list; its calls count among those of the pull."""


def listed_pages(fetch: Fetch, first: Request) -> Iterator[Page]:
    """The pages of a list, each gone when the next one is asked for. Raises as `fetch`."""
    request: Optional[Request] = first
    while request is not None:
        page = fetch(request)
        yield page
        request = page.next
        page.discard()


def listed_records(fetch: Fetch, first: Request) -> Iterator[Any]:
    for page in listed_pages(fetch, first):
        yield from page.records()


def listed_hosts(fetch: Fetch, first: Request) -> tuple[HostIds, str]:
    """All hosts that `first` asks for, and the platform's time when the list began."""
    listed, listed_at = HostIds(), ""
    for page in listed_pages(fetch, first):
        listed_at = listed_at or page.platform_time
        for record in page.records():
            listed.add(record)
    return listed, listed_at
