"""A pull that has written enough: it ends after the page in hand, and the next one goes on there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Optional

from qualys_ta.chains import Fetched
from qualys_ta.model import Page, Request, Window
from qualys_ta.output import Totals
from qualys_ta.pull import Pull
from support.pulls import ListLog, Platform, first_request, fleet

WINDOW = Window("2024-01-01T00:00:00Z", "fingerprint")


@dataclass
class Written:
    """An output that keeps how much came."""

    pages: int = 0
    is_closed: bool = False

    def open(self, window: Window) -> None:
        """Nothing to open."""

    def take(self, _page: Page, totals: Totals) -> None:
        self.pages += 1
        totals.records += 1

    def close(self, _totals: Totals) -> None:
        self.is_closed = True


@dataclass
class Run:
    """One run of a pull of five pages, which ends after `most` of them."""

    most: int
    written: Written = field(default_factory=Written)
    saved: list[Window] = field(default_factory=list)
    closed: list[Window] = field(default_factory=list)
    begun: list[Fetched] = field(default_factory=list)

    def pull(self, window: Window = WINDOW) -> Totals:
        return Pull(
            first=first_request(),
            fetch=Platform(fleet(5), 1).fetch,
            output=self.written,
            save=self.saved.append,
            close=self.closed.append,
            log=ListLog(),
            begin=self.begin,
            enough=lambda: "enough" if self.written.pages >= self.most else "",
        ).run(window)

    def begin(self, window: Window, first: Fetched) -> Window:
        assert self.written.pages == 0
        self.begun.append(first)
        return replace(window, estimate="much")


def following(run: Run) -> Optional[Request]:
    return run.saved[-1].next


def test_it_ends_after_the_page_in_hand_and_the_next_goes_on() -> None:
    first, second = Run(2), Run(9)
    assert first.pull().until == ""
    assert (first.written.pages, first.written.is_closed, first.closed) == (2, False, [])
    asked = following(first)
    assert asked is not None
    assert asked.params["id_min"] == "3"
    assert second.pull(first.saved[-1]).until
    assert (second.written.pages, second.written.is_closed) == (3, True)
    (done,) = second.closed
    assert (done.pages, done.estimate) == (5, "much")


def test_the_last_page_ends_the_pull_and_not_the_limit() -> None:
    run = Run(5)
    assert run.pull().until
    assert run.written.is_closed


def test_the_first_page_of_a_window_is_told_before_it_is_written_and_only_that() -> None:
    first, second = Run(1), Run(1)
    first.pull()
    second.pull(first.saved[-1])
    assert [fetched.following.params["id_min"] for fetched in first.begun if fetched.following] == ["2"]
    assert second.begun == []
