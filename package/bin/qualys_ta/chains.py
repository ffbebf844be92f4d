"""The order of pages: chains of pages that follow each other, one after the other or cut into parts.

Nothing here fetches by itself or knows of threads, but for `one_by_one`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Optional

from .frames import Batch
from .model import Page, Request

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Fetch = Callable[[Request], Page]


def _nothing_left(_request: Request) -> None:
    return None


def _in_one(_answered: Optional[Request], _following: Request) -> None:
    return None


@dataclass(frozen=True)
class Course:
    """How the requests of a pull follow from each other, beside the pages that an answer names itself.

    `rest`: what is left of the pull once the pages of a request were all answered; asked for the first chain, and for
    checkpoints. `cut`: (request that was answered, request to go on with) -> what is left as requests whose pages can
    be fetched side by side, in the order in which they are to be written; None for a request that is better sent as it
    is. It is asked for the very first request, too, with None answered, and not any more once it has cut. It returns at
    once: what it must ask the platform for, it asks when the first part is drawn.
    `begins`: the groups of which a request, with the pages behind it, brings all records, and what that is made of.
    """

    rest: Callable[[Request], Optional[Request]] = _nothing_left
    cut: Callable[[Optional[Request], Request], Optional[Iterator[Request]]] = _in_one
    begins: Callable[[Request], Mapping[int, str]] = lambda _request: {}

    def following(self, request: Request, page: Page) -> Optional[Request]:
        """What to go on with after the page, whatever parts there are then."""
        after = next_in_range(request, page) or self.rest(request)
        if after is None:
            return None
        return replace(after, params={name: value for name, value in after.params.items() if name != "id_max"})


class Fetched(NamedTuple):
    """A page, and the request to go on with after it; None after the last one."""

    page: Page
    following: Optional[Request]


@dataclass(frozen=True)
class Step:
    """A page without records: the pull has come so far that the checkpoint shall say it."""

    request: Request
    platform_time: str
    size: int = 0
    next: Optional[Request] = None
    bad: int = 0
    first_bad: str = ""

    def records(self) -> Iterator[Element]:
        return iter(())

    def batches(self) -> Iterator[Batch]:
        return iter(())

    def discard(self) -> None:
        """There is nothing."""


Pages = Callable[[Fetch, Request], Generator[Fetched, None, None]]


def one_by_one(fetch: Fetch, first: Request) -> Generator[Fetched, None, None]:
    """Each page is fetched when the one before it was written."""
    request: Optional[Request] = first
    while request is not None:
        page = fetch(request)
        request = page.next
        yield Fetched(page, request)


@dataclass(eq=False)
class Chain:
    """A request and the pages that follow it. `request` is the next one to fetch.

    `pages` are fetched and wait, with the requests that they answer. `crowded`: others took room on the disk while it
    was fetched, perhaps only for a time. `refused`: the disk quota had no room for the next page; it is fetched again
    when it is its turn, alone.
    """

    request: Optional[Request]
    pages: deque[tuple[Request, Page]] = field(default_factory=deque)
    busy: bool = False
    crowded: bool = False
    refused: bool = False
    error: Optional[BaseException] = None

    @property
    def is_over(self) -> bool:
        return not (self.pages or self.busy or self.request or self.error)

    def take(self) -> tuple[Request, Page]:
        """The first page that waits, and its request. Raises the error that came after the last one."""
        if self.error and not self.pages:
            raise self.error
        return self.pages.popleft()

    def give_up(self) -> None:
        """The pages that wait go, and would be fetched again."""
        if self.pages:
            self.request, self.error = self.pages[0][0], None
        while self.pages:
            with suppress(OSError):
                self.pages.popleft()[1].discard()


def give_up(chains: Iterable[Chain]) -> None:
    for chain in chains:
        chain.give_up()


def first_error(chains: Iterable[Chain]) -> Optional[BaseException]:
    return next((chain.error for chain in chains if chain.error), None)


def next_in_range(request: Request, page: Page) -> Optional[Request]:
    """The page that follows, if it is within the range that was asked for."""
    last = request.params.get("id_max", "")
    if page.next is None or (last and int(page.next.params["id_min"]) > int(last)):
        return None
    return page.next
