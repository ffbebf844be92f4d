"""What tests of courses share: a job without a server, a platform that lists things, and pulls that stop anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Optional
from xml.etree.ElementTree import Element, fromstring

from qualys_ta.ahead import Ahead
from qualys_ta.chains import Course
from qualys_ta.feed import Feed, Resource
from qualys_ta.model import Request
from support.pulls import ListLog


def job(feed: Feed, metric: Mapping[str, Any], start_date: str = "") -> Any:
    """What a course needs of a `Job`."""
    versions = {each.version_setting: "9.9" for each in (feed.resource, *feed.others)}
    settings = SimpleNamespace(metric=metric, api=versions)
    return SimpleNamespace(feed=feed, log=ListLog(), settings=settings, params={"start_date": start_date})


@dataclass
class ListedPage:
    """The answer to `request`: markup of records."""

    request: Request
    markup: list[str] = field(default_factory=list)
    next: Optional[Request] = None

    def records(self) -> Iterator[Element]:
        return map(fromstring, self.markup)

    def discard(self) -> None:
        """Nothing on disk."""


@dataclass
class Listed:
    """A `Lister` of what `markup` makes of each request, all on one page, and the gate of its calls."""

    markup: Callable[[Request], Iterable[str]]
    error: Optional[Exception] = None
    asked: list[Request] = field(default_factory=list)
    expected: list[tuple[str, int]] = field(default_factory=list)

    def reader(self, resource: Resource) -> Listed:
        self.resource = resource
        return self

    @property
    def gate(self) -> Any:
        return SimpleNamespace(expect=lambda path, calls: self.expected.append((path, calls)), close=lambda: None)

    def first(self, params: Mapping[str, str]) -> Request:
        return Request(self.resource.path.format(version="9.9"), params)

    def fetch(self, request: Request) -> ListedPage:
        self.asked.append(request)
        if self.error:
            raise self.error
        return ListedPage(request, list(self.markup(request)))


def stage(
    course: Course, fetch: Callable[[Request], Any], first: Request, most: int = 1 << 30, lanes: int = 1
) -> tuple[list[Request], Optional[Request]]:
    """One run of a pull: the requests whose pages were written, at most so many, and the one to go on with; None where
    the pages ended."""
    written: list[Request] = []
    with closing(Ahead(lanes, lanes, course)(fetch, first)) as pages:
        for page, following in pages:
            written.append(page.request)
            if len(written) == most:
                return written, following
    return written, None
