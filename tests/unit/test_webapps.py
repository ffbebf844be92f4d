"""The calls of a pull of web findings: every finding, whatever the sets, the stops, and the web applications made
meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.chains import Course
from qualys_ta.criteria import AFTER
from qualys_ta.errors import AuthError, ConfigError, Ended, Refused, TryLater
from qualys_ta.model import Request, Window
from qualys_ta.populator.was_findings import FEED
from qualys_ta.populator.was_findings import params as first_params
from qualys_ta.work import webapps
from qualys_ta.work.webapps import BEHIND, BELOW, START, rest
from support.core import leaves, tag
from support.courses import Listed, ListedPage, job, stage
from support.webapps import was_settings

PATH = "/qps/rest/9.9/search/was/finding"
IN = "webApp.id IN"
OWN = '<Criteria field="webApp.id" operator="IN">3,9</Criteria>'


class Platform:
    """Findings (id -> web application), `limit` to a page; empty applications are listed, too."""

    def __init__(self, found: dict[int, int], apps: set[int], limit: int = 2, **chosen: str) -> None:
        self.found, self.apps, self.limit = found, apps, limit
        self.listed = Listed(self._webapps)
        self.set(**chosen)

    def set(self, **chosen: str) -> None:
        self.job = job(FEED, was_settings(was_page_size=str(self.limit), **chosen))

    def _webapps(self, request: Request) -> list[str]:
        behind = int(request.params.get(AFTER, "0"))
        return [tag("WebApp", leaves({"id": app})) for app in sorted(self.apps) if app > behind]

    @property
    def course(self) -> Course:
        return webapps.course(self.job, self.listed.reader, Window("", "f"), {})

    @property
    def first(self) -> Request:
        return Request(PATH, {**first_params(self.job.settings.metric), "lastTestedDate GREATER": "2024"})

    def ids(self, request: Request) -> list[int]:
        """All findings that the request and the pages behind it bring."""
        asked = request.params
        chosen = asked.get(IN)
        return [
            number
            for number, app in sorted(self.found.items())
            if number > int(asked.get(AFTER, "-1"))
            and app > int(asked.get(BEHIND, "-1"))
            and app < int(asked.get(BELOW, str(1 << 60)))
            and (chosen is None or str(app) in chosen.split(","))
        ]

    def fetch(self, request: Request) -> ListedPage:
        shown, more = self.ids(request)[: self.limit], self.ids(request)[self.limit :]
        page = ListedPage(request, list(map(str, shown)))
        if more:
            page.next = replace(request, params={**request.params, AFTER: str(shown[-1])})
        return page

    def parts(self, answered: Optional[Request], following: Request) -> list[dict[str, str]]:
        """The criteria of what is left, but for those of the first request."""
        cut = self.course.cut(answered, following)
        assert cut is not None
        return [{name: text for name, text in each.params.items() if name not in self.first.params} for each in cut]


STOPS = st.lists(
    st.tuples(
        st.integers(1, 4),  # pages that are written before the run stops
        st.integers(1, 3),  # parallel downloads of the run
        st.integers(0, 2),  # findings of a web application that is made after it
        st.none() | st.integers(1, 9),  # a web application that goes
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(1, 9), max_size=16), st.sets(st.integers(1, 9)), STOPS, st.integers(1, 3))
def test_wherever_a_pull_goes_on_each_finding_comes(
    apps: list[int], unlisted: set[int], stops: list[tuple[int, int, int, Optional[int]]], limit: int
) -> None:
    """And once: also where somebody downloads less, or more, side by side from then on, and of applications that are
    not listed."""
    platform = Platform(dict(enumerate(apps, 1)), set(range(1, 10)), limit)
    there, gone = set(platform.found), set()
    platform.apps -= unlisted
    brought: list[int] = []
    request: Optional[Request] = platform.first
    for pages, lanes, made, removed in [*stops, (1 << 30, 2, 0, None)]:
        if request is None:
            break
        platform.set(num_threads_for_was=str(lanes))
        written, request = stage(platform.course, platform.fetch, request, pages, lanes)
        for asked in written:
            brought += platform.ids(asked)[:limit]
        newest, last = max(platform.apps, default=0) + 1, max(platform.found, default=0)
        platform.apps.add(newest)
        platform.found.update({last + number: newest for number in range(1, made + 1)})
        gone |= {number for number, app in platform.found.items() if app == removed}
        platform.apps -= {removed}
        platform.found = {number: app for number, app in platform.found.items() if app != removed}
    assert request is None
    assert there - gone <= set(brought)
    assert len(brought) == len(set(brought))


def test_a_first_page_that_is_all_costs_one_call() -> None:
    """Nothing is listed before it is clear that there is more."""
    platform = Platform({1: 3, 2: 9}, {3, 9})
    assert stage(platform.course, platform.fetch, platform.first) == ([platform.first], None)
    assert platform.listed.asked == []


def test_what_is_left_is_cut_into_sets_behind_the_first_page() -> None:
    platform = Platform({}, {3, 9, 12, 20, 21}, num_threads_for_was="2")
    following = replace(platform.first, params={**platform.first.params, AFTER: "77"})
    assert platform.parts(platform.first, following) == [
        {AFTER: "77", START: "77", BELOW: "10"},
        {AFTER: "77", START: "77", BEHIND: "9", BELOW: "21"},
        {AFTER: "77", START: "77", BEHIND: "20", BELOW: "22"},
        {AFTER: "77", START: "77", BEHIND: "21"},
    ]
    assert platform.listed.asked == [Request("/qps/rest/9.9/search/was/webapp", {"limitResults": "1000"})]
    (line,) = platform.job.log.lines
    assert line == "INFO 5 web applications are left, to be asked for in sets of 2."


def test_what_is_left_behind_a_set_is_cut_again() -> None:
    """Only applications behind it are listed; those that were made since are among them."""
    platform = Platform({}, {3, 9, 12, 20}, num_threads_for_was="3")
    within = {AFTER: "99", START: "77", BEHIND: "2", BELOW: "10"}
    left = rest(replace(platform.first, params={**platform.first.params, **within}))
    start = {AFTER: "77", START: "77"}
    assert left == replace(platform.first, params={**platform.first.params, **start, BEHIND: "9"})
    assert platform.parts(None, left) == [
        {**start, BEHIND: "9", BELOW: "13"},
        {**start, BEHIND: "12", BELOW: "21"},
        {**start, BEHIND: "20"},
    ]
    assert platform.listed.asked[0].params == {"limitResults": "1000", AFTER: "9"}
    platform.apps = {3}
    assert platform.parts(None, left) == [{**start, BEHIND: "9"}]


@pytest.mark.parametrize(
    "left",
    [
        {},
        {AFTER: "5"},
        {BELOW: "10", AFTER: "5", START: "5"},
        {BELOW: "10", AFTER: "7", START: "5"},
        {BEHIND: "9", BELOW: "13", AFTER: "5", START: "5"},
        {BEHIND: "9", AFTER: "7", START: "5"},
    ],
)
def test_a_pull_that_goes_on_within_a_chain_is_not_cut_before_its_next_page(left: dict[str, str]) -> None:
    platform = Platform({}, {3, 9})
    assert platform.course.cut(None, replace(platform.first, params={**platform.first.params, **left})) is None


@pytest.mark.parametrize("error", [Refused("no list"), TryLater("busy"), ConfigError("version gone")])
def test_without_the_list_pages_follow_each_other(error: Exception) -> None:
    platform = Platform(dict.fromkeys(range(1, 8), 3), {3})
    platform.listed.error = error
    written, _ = stage(platform.course, platform.fetch, platform.first)
    assert [request.params.get(AFTER) for request in written] == [None, "2", "4", "6"]
    assert not any({BEHIND, BELOW, START} & request.params.keys() for request in written)
    told = "The web applications cannot be listed, so pages are downloaded one after the other."
    assert platform.job.log.lines == [f"WARNING {told} {error}"]


@pytest.mark.parametrize("error", [AuthError("no entry"), Ended("over")])
def test_a_refused_login_is_not_tried_again(error: Exception) -> None:
    platform = Platform(dict.fromkeys(range(1, 8), 3), {3})
    platform.listed.error = error
    with pytest.raises(type(error), match=str(error)):
        stage(platform.course, platform.fetch, platform.first)
    assert len(platform.listed.asked) == 1


@pytest.mark.parametrize("chosen", [{"extra_was_params": OWN}, {"num_threads_for_was": "1"}])
def test_one_chain_where_a_person_chose_web_applications_or_one_download(chosen: dict[str, str]) -> None:
    platform = Platform(dict.fromkeys(range(1, 8), 3), {3, 9}, **chosen)
    written, _ = stage(platform.course, platform.fetch, platform.first)
    assert len(written) == 4
    assert {request.params.get(IN) for request in written} == {platform.first.params.get(IN)}
    assert platform.listed.asked == []


def test_a_persons_own_set_has_nothing_behind_it() -> None:
    """Else everything but their web applications would follow."""
    platform = Platform({}, {3, 9, 12}, extra_was_params=OWN)
    assert platform.first.params[IN] == "3,9"
    assert platform.course.rest(platform.first) is None


def test_a_set_that_is_left_is_followed_by_what_is_behind_it_whoever_downloads_it() -> None:
    """Somebody sets one download while a pull waits in the middle of a set: the other sets must come all the same."""
    platform = Platform({1: 3, 2: 3, 3: 3, 4: 9, 5: 12}, {3, 9, 12}, num_threads_for_was="1")
    waiting = replace(platform.first, params={**platform.first.params, BELOW: "4", AFTER: "2", START: "1"})
    written, _ = stage(platform.course, platform.fetch, waiting)
    assert [platform.ids(request) for request in written] == [[3], [4, 5]]
