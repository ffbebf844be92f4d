"""Pages that are fetched side by side come in order, once each, and nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.ahead import Ahead
from qualys_ta.chains import Course, Fetched, one_by_one
from qualys_ta.errors import AuthError, ConfigError, TryLater
from qualys_ta.model import Page, Request
from qualys_ta.work.ranges import rest

PATIENCE_S = 20.0
FULL = ConfigError("no room", "temp_quota_mb")


@dataclass(eq=False)
class Paper:
    """A page of ids that knows whether it is on disk."""

    ids: list[int]
    next: Optional[Request]
    kept: set[int]
    platform_time: str = ""
    size: int = 1

    def __post_init__(self) -> None:
        self.kept.add(id(self))

    def records(self) -> Iterator[int]:
        return iter(self.ids)

    def discard(self) -> None:
        self.kept.discard(id(self))


@dataclass
class Press:
    """Serves `ids` as the platform does, `limit` to a page. `before` is called with the first id that is asked for."""

    ids: list[int]
    limit: int = 2
    before: Callable[[int], None] = lambda _first: None
    asked: list[tuple[int, str]] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    most_kept: int = 0

    def fetch(self, request: Request) -> Page:
        first, last = int(request.params.get("id_min", "0")), request.params.get("id_max", "")
        self.asked.append((first, last))
        self.before(first)
        left = [number for number in self.ids if number >= first and (not last or number <= int(last))]
        shown, rest = left[: self.limit], left[self.limit :]
        following = Request("", {**request.params, "id_min": str(rest[0])}) if rest else None
        page = Paper(shown, following, self.kept)
        self.most_kept = max(self.most_kept, len(self.kept))
        return page

    @property
    def course(self) -> Course:
        return Course(rest, lambda answered, following: self.ranges(following) if answered else None)

    def ranges(self, following: Request) -> Iterator[Request]:
        """Ranges of two pages' width in ids, whatever there is."""
        first = int(following.params["id_min"])
        while first + 2 * self.limit <= self.ids[-1]:
            yield Request("", {"id_min": str(first), "id_max": str(first + 2 * self.limit - 1)})
            first += 2 * self.limit
        yield Request("", {"id_min": str(first)})


def written(
    press: Press, plan: Ahead, most: int = 10**6, found: Optional[list[int]] = None
) -> tuple[list[int], list[Optional[int]]]:
    """The ids in the order of the writer, also in `found`, and where each page says to go on."""
    found, after = [] if found is None else found, []
    with closing(plan(press.fetch, Request("", {"id_min": "0"}))) as pages:
        for fetched in pages:
            assert "id_max" not in (fetched.following.params if fetched.following else {})
            found += list(fetched.page.records())
            after.append(int(fetched.following.params["id_min"]) if fetched.following else None)
            fetched.page.discard()
            if len(after) == most:
                break
    return found, after


@given(
    ids=st.sets(st.integers(1, 60), min_size=1).map(sorted),
    limit=st.integers(1, 4),
    lanes=st.integers(1, 5),
    most=st.integers(1, 5),
    cut=st.booleans(),
)
def test_every_id_comes_once_and_in_order(ids: list[int], limit: int, lanes: int, most: int, cut: bool) -> None:
    press = Press(ids, limit)
    found, after = written(press, Ahead(lanes, most, press.course if cut else Course()))
    assert found == ids
    assert after[-1] is None
    assert after[:-1] == sorted({place for place in after if place is not None})
    assert not press.kept
    assert press.most_kept <= most + 2  # the one in hand, and the one that the writer waits for


@given(stop=st.integers(1, 8), lanes=st.integers(1, 4))
def test_a_writer_that_goes_on_elsewhere_loses_and_repeats_nothing(stop: int, lanes: int) -> None:
    """Whatever number of lanes goes on: the checkpoint is one number."""
    press = Press(list(range(1, 30)), 3)
    first, after = written(press, Ahead(lanes, 3, press.course), most=stop)
    assert not press.kept
    start = after[-1]
    rest = [number for number in press.ids if start is not None and number >= start]
    assert first + rest == press.ids


def test_without_ranges_the_next_page_is_fetched_while_one_is_written() -> None:
    press = Press(list(range(8)))
    fetched_second = threading.Event()
    press.before = lambda first: fetched_second.set() if first == 2 else None
    with closing(Ahead(1, 1)(press.fetch, Request("", {}))) as pages:
        next(pages).page.discard()
        assert fetched_second.wait(PATIENCE_S)
    assert not press.kept


def test_lanes_fetch_side_by_side() -> None:
    """Three ranges are under way at once, or this would wait in vain."""
    together = threading.Barrier(3, timeout=PATIENCE_S)
    press = Press(list(range(40)))
    press.before = lambda first: together.wait() if 2 <= first < 14 and first % 4 == 2 else None  # type: ignore[assignment]
    found, _ = written(press, Ahead(3, 3, press.course))
    assert found == press.ids


class Unforeseen(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize("error", [TryLater("busy"), FULL, KeyError("x"), Unforeseen()])
@pytest.mark.parametrize("lanes", [1, 4])
def test_a_failing_lane_ends_the_pull_after_everything_before_it(error: BaseException, lanes: int) -> None:
    press = Press(list(range(40)))

    def fail(first: int) -> None:
        if first == 12:
            raise error

    press.before = fail
    found: list[int] = []
    with pytest.raises(type(error)) as caught:
        written(press, Ahead(lanes, 4, press.course), found=found)
    assert caught.value is error
    assert found == list(range(12))
    assert not press.kept


def test_after_a_refused_login_nothing_more_is_sent() -> None:
    """Also not for pages before it; what is there of them is written."""
    press, refused, ended = Press(list(range(40))), AuthError("no"), []

    def refuse(first: int) -> None:
        if first >= 12:
            raise refused

    press.before = refuse
    found: list[int] = []
    with pytest.raises(AuthError) as caught:
        written(press, Ahead(2, 4, press.course, lambda: ended.append(True)), found=found)
    assert caught.value is refused
    assert found == list(range(len(found)))
    assert sum(first >= 12 for first, _ in press.asked) <= 2
    assert ended
    assert not press.kept


def test_ranges_that_cannot_be_had_end_the_pull_after_the_first_page() -> None:
    def refused(_following: Request) -> Iterator[Request]:
        raise AuthError("no")
        yield

    def cut(answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        return refused(following) if answered else None

    found: list[int] = []
    with pytest.raises(AuthError):
        written(Press(list(range(9))), Ahead(2, 2, Course(rest, cut)), found=found)
    assert found == [0, 1]


def test_a_page_that_does_not_fit_beside_others_comes_when_it_is_its_turn() -> None:
    """Only three pages fit on the disk; what was fetched ahead is fetched again, and nothing is lost."""
    press = Press(list(range(60)))

    def room(_first: int) -> None:
        if len(press.kept) >= 3:
            raise FULL

    press.before = room
    found, _ = written(press, Ahead(4, 8, press.course))
    assert found == press.ids
    assert not press.kept


def test_a_page_that_does_not_fit_alone_is_an_error() -> None:
    press = Press(list(range(40)))

    def room(first: int) -> None:
        if first >= 14:
            raise FULL

    press.before = room
    with pytest.raises(ConfigError) as caught:
        written(press, Ahead(4, 8, press.course))
    assert caught.value is FULL
    assert not press.kept


def test_a_writer_that_stops_waits_for_no_lane() -> None:
    """One lane hangs in a call that never ends; what it brings after all goes at once."""
    hung, free = threading.Event(), threading.Event()
    press = Press(list(range(40)))
    ended: list[bool] = []

    def hang(first: int) -> None:
        if first == 6:
            hung.set()
            assert free.wait(PATIENCE_S)

    press.before = hang
    before = set(threading.enumerate())
    pages = Ahead(3, 3, press.course, lambda: ended.append(True))(press.fetch, Request("", {}))
    next(pages).page.discard()
    assert hung.wait(PATIENCE_S)
    pages.close()
    assert ended == [True]
    assert not press.kept
    free.set()
    for lane in set(threading.enumerate()) - before:
        lane.join(PATIENCE_S)
    assert not press.kept


def test_without_any_thread_the_pull_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="no thread"):
        written(Press([1, 2, 3]), Ahead(2, 2))


def test_one_by_one_fetches_nothing_ahead() -> None:
    press = Press(list(range(6)))
    pages: Iterator[Fetched] = one_by_one(press.fetch, Request("", {}))
    for page in range(3):
        assert list(next(pages).page.records()) == [2 * page, 2 * page + 1]
        assert len(press.asked) == page + 1
    assert list(pages) == []


@dataclass
class Archive:
    """A list of volumes and then the pages of each: what is left after the list is cut into volumes, always."""

    volumes: list[list[int]]
    limit: int
    kept: set[int] = field(default_factory=set)

    def fetch(self, request: Request) -> Page:
        params = request.params
        assert "after" not in params, "that is no request of the archive"
        volume, start = int(params.get("volume", "-1")), int(params.get("start", "0"))
        leaves = self.volumes[volume] if volume >= 0 else [-1 - number for number in range(len(self.volumes))]
        end = start + self.limit
        following = Request("", {**params, "start": str(end)}) if end < len(leaves) else None
        return Paper(leaves[start:end], following, self.kept)

    @property
    def course(self) -> Course:
        return Course(lambda request: Request("", {"after": request.params.get("volume", "-1")}), self._cut)

    def _cut(self, _answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        if "after" not in following.params:
            return None
        first = int(following.params["after"]) + 1
        return (Request("", {"volume": str(number)}) for number in range(first, len(self.volumes)))


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=5), st.integers(1, 3), st.integers(1, 4), st.data())
def test_what_a_list_names_comes_after_it_in_order_wherever_a_pull_goes_on(
    volumes: list[list[int]], limit: int, lanes: int, data: st.DataObject
) -> None:
    """Whether a pull is stopped after any page or not: its parts together are all of it, once."""
    archive = Archive(volumes, limit)
    found: list[int] = []
    request: Optional[Request] = Request("", {})
    while request is not None:
        with closing(Ahead(lanes, lanes, archive.course)(archive.fetch, request)) as pages:
            stop, request = data.draw(st.integers(1, 9)), None
            for fetched in islice(pages, stop):
                found += list(fetched.page.records())
                fetched.page.discard()
                request = fetched.following
    assert found == [*(-1 - number for number in range(len(volumes))), *(leaf for volume in volumes for leaf in volume)]
