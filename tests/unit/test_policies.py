"""The calls of a pull of posture: every policy that is due, once and in order, wherever the pull went on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, Optional
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.chains import Course
from qualys_ta.errors import AuthError, Refused, TryLater
from qualys_ta.model import Request, Window
from qualys_ta.populator.policy_list import made_of
from qualys_ta.populator.policy_posture_info import FEED, POSTURE, POSTURES
from qualys_ta.populator.posture_api import policy_params
from qualys_ta.work import policies
from qualys_ta.work.policies import AFTER
from support.courses import Listed, ListedPage, job, stage
from support.posture import pc_settings, policy

SINCE = "2024-01-03T00:00:00Z"
LIST = Request("/api/9.9/fo/compliance/policy/", {"action": "list", "details": "Basic"})
PATH = "/api/9.9/fo/compliance/posture/info/"
NEVER, LATER = 0, 9
"""Days of January; what happens in a pull happens on the ninth."""


class Times(NamedTuple):
    """On which day a policy was modified and evaluated."""

    modified: int
    evaluated: int

    @property
    def is_due(self) -> bool:
        """What says nothing of time may always have been evaluated."""
        return max(self) >= 3 or self == (NEVER, NEVER)


def day(number: int) -> Optional[str]:
    return f"2024-01-{number:02}T00:00:00Z" if number else None


class Platform:
    """Policies, and what is asked of their posture; of odd ones there are two pages. `came`: those that came whole."""

    def __init__(
        self,
        held: dict[int, Times],
        since: str = SINCE,
        resync: bool = False,
        came: Iterable[int] = (),
        start_date: str = SINCE,
        **chosen: str,
    ) -> None:
        self.held = held
        self.listed = Listed(lambda _request: [self._markup(number) for number in sorted(self.held)])
        self.job = job(FEED, pc_settings(**chosen), start_date)
        self.window = Window(since, "f", resync=resync)
        self.whole = {number: self.made_of(number) for number in came if number in held}

    def made_of(self, number: int) -> str:
        return made_of(fromstring(self._markup(number)), self.job.settings.metric)

    def _markup(self, number: int) -> str:
        modified, evaluated = self.held[number]
        return policy(ID=number, modified=day(modified), evaluated=day(evaluated), created=None)

    @property
    def course(self) -> Course:
        return policies.course(self.job, self.listed.reader, self.window, self.whole)

    def fetch(self, request: Request) -> ListedPage:
        number = request.params.get("policy_id", "0")
        is_cut = int(number) % 2 and "id_min" not in request.params
        return ListedPage(request, next=replace(request, params={**request.params, "id_min": "7"}) if is_cut else None)


def asked(requests: list[Request]) -> list[tuple[bool, int]]:
    """(whether only changes, policy) of each first page of posture."""
    return [
        ("status_changes_since" in request.params, int(number))
        for request in requests
        if request.resource and "id_min" not in request.params
        for number in (request.params.get("policy_id") or request.params["policy_ids"]).split(",")
    ]


DAYS = st.sampled_from([NEVER, 1, 3, 4])
HELD = st.dictionaries(st.integers(1, 12), st.builds(Times, DAYS, DAYS), max_size=8)
CHANGES = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["modify", "evaluate", "remove"])), max_size=3)
STOPS = st.lists(st.tuples(st.integers(1, 4), CHANGES), max_size=4)


@settings(deadline=None, max_examples=150)
@given(HELD, st.sets(st.integers(1, 12)), STOPS, st.integers(1, 3), st.integers(1, 3))
def test_wherever_a_pull_goes_on_each_policy_is_asked_for_once_and_in_order(
    held: dict[int, Times], came: set[int], stops: list[tuple[int, list[tuple[int, str]]]], batch: int, lanes: int
) -> None:
    """Whatever happens to policies meanwhile: those that it happened to are due in the next pull, too. What comes whole
    is begun with its first page, made of what it was when it was asked for."""
    platform = Platform(dict(held), came=came, pc_num_count_for_pid=str(batch))
    begun: list[int] = []
    written: list[Request] = []
    request: Optional[Request] = LIST
    for pages, changes in [*stops, (1 << 30, [])]:
        if request is not None:
            course = platform.course
            found, request = stage(course, platform.fetch, request, pages, lanes)
            written += found
            for each in found:
                begins = course.begins(each)
                assert begins == {number: platform.made_of(number) for number in begins}
                begun += begins
        for number, what in changes:
            before = platform.held.pop(number, Times(NEVER, NEVER))
            if what != "remove":
                modified = LATER if what == "modify" else before.modified
                platform.held[number] = Times(modified, LATER if what == "evaluate" else before.evaluated)
    assert request is None
    order = asked(written)
    assert order == sorted(set(order))
    assert len({number for _, number in order}) >= len(order) - sum(len(changes) for _, changes in stops)
    changed = {number for _, changes in stops for number, _ in changes}
    assert begun == [number for changes_only, number in order if not changes_only]
    due = {(number in came, number) for number, times in held.items() if times.is_due}
    assert {each for each in order if each[1] not in changed} == {each for each in due if each[1] not in changed}
    continued = [request.params["policy_id"] for request in written if "id_min" in request.params]
    assert continued == [request.params["policy_id"] for request in written if is_cut(request)]


def is_cut(request: Request) -> bool:
    return int(request.params.get("policy_id", "0")) % 2 == 1 and "id_min" not in request.params


CAME = (2, 3, 5)
HELD_BY_ALL = {1: Times(4, 1), 2: Times(1, 4), 3: Times(1, 1), 4: Times(4, 4), 5: Times(1, 4)}
WHOLE = {"action": "list", "output_format": "xml", "details": "Basic"}
CHANGED = {**WHOLE, "status_changes_since": SINCE}


def test_policies_that_did_not_come_whole_come_first_and_whole() -> None:
    platform = Platform(HELD_BY_ALL, came=CAME)
    (*parts,) = platform.course.cut(None, platform.course.rest(LIST)) or ()
    assert [(request.params["policy_id"], "status_changes_since" in request.params) for request in parts] == [
        ("1", False),
        ("4", False),
        ("2", True),
        ("5", True),
    ]
    assert parts[2] == Request(PATH, {**CHANGED, "policy_id": "2", "truncation_limit": "1000"}, resource=POSTURE.name)
    assert platform.listed.expected == [(PATH, 4)]
    assert platform.job.log.lines == ["INFO 4 policies are due, to be asked for in 4 calls or more."]


def test_several_policies_per_call_never_mix_whole_and_changed() -> None:
    platform = Platform(HELD_BY_ALL, came=CAME, pc_num_count_for_pid="10")
    course = platform.course
    (*parts,) = course.cut(None, course.rest(LIST)) or ()
    assert parts == [
        Request(PATH, {**WHOLE, "policy_ids": "1,4"}, resource=POSTURES.name),
        Request(PATH, {**CHANGED, "policy_ids": "2,5"}, resource=POSTURES.name),
    ]
    assert [course.begins(part) for part in parts] == [{1: platform.made_of(1), 4: platform.made_of(4)}, {}]


def test_what_never_came_whole_is_due_from_the_start_date_on() -> None:
    """It was filtered out so far: nothing has to happen to it."""
    platform = Platform(HELD_BY_ALL, came=(1, 2, 4, 5), start_date="2024-01-01T00:00:00Z")
    (*parts,) = platform.course.cut(None, platform.course.rest(LIST)) or ()
    assert [(part.params["policy_id"], "status_changes_since" in part.params) for part in parts] == [
        ("3", False),
        ("1", True),
        ("2", True),
        ("4", True),
        ("5", True),
    ]


@pytest.mark.parametrize(
    "params",
    [
        {"action": "list", "ids": "5"},
        {AFTER: "whole 0"},
        {"policy_id": "7", "id_min": "9"},
        {"policy_id": "7", "status_changes_since": SINCE},
        {"policy_ids": "7,9", "status_changes_since": SINCE},
    ],
)
def test_nothing_else_begins_a_policy(params: dict[str, str]) -> None:
    assert Platform(HELD_BY_ALL).course.begins(Request(PATH, params)) == {}


@pytest.mark.parametrize(("since", "resync"), [("", False), (SINCE, True)])
def test_a_first_pull_and_a_resync_ask_for_all_policies_whole(since: str, resync: bool) -> None:
    platform = Platform(HELD_BY_ALL, since, resync, pc_num_count_for_pid="5")
    (part,) = platform.course.cut(None, platform.course.rest(LIST)) or ()
    assert part.params == {**WHOLE, "policy_ids": "1,2,3,4,5"}


def test_the_list_is_asked_for_as_the_person_wants_it() -> None:
    platform = Platform(HELD_BY_ALL, came=[2], extra_posture_params="policy_ids=2-4&status=Failed")
    (*parts,) = platform.course.cut(None, platform.course.rest(LIST)) or ()
    assert platform.listed.asked == [LIST.__class__(LIST.path, policy_params(platform.job.settings.metric))]
    assert platform.listed.asked[0].params["ids"] == "2-4"
    assert [request.params["policy_id"] for request in parts] == ["4", "2"]
    assert {request.params["status"] for request in parts} == {"Failed"}


@pytest.mark.parametrize(
    ("params", "resource", "after"),
    [
        ({"action": "list"}, "", "whole 0"),
        ({"action": "list", "ids": "5"}, "", "whole 0"),
        ({"policy_id": "7"}, POSTURE.name, "whole 7"),
        ({"policy_id": "7", "id_min": "9"}, POSTURE.name, "whole 7"),
        ({"policy_id": "7", "status_changes_since": SINCE}, POSTURE.name, "changed 7"),
        ({"policy_ids": "7,9,12"}, POSTURES.name, "whole 12"),
        ({"policy_ids": "7", "status_changes_since": SINCE}, POSTURES.name, "changed 7"),
    ],
)
def test_what_is_left_after_a_call_is_behind_its_last_policy(params: dict[str, str], resource: str, after: str) -> None:
    rest = Platform({}).course.rest(Request(PATH, params, resource=resource))
    assert rest == Request(PATH, {AFTER: after}, resource=POSTURE.name)


def test_only_what_says_behind_which_policy_is_cut() -> None:
    course = Platform(HELD_BY_ALL).course
    assert course.cut(None, LIST) is None
    assert course.cut(LIST, Request(PATH, {"policy_id": "7", "id_min": "9"}, resource=POSTURE.name)) is None


@pytest.mark.parametrize("error", [Refused("no list"), AuthError("no entry"), TryLater("busy")])
def test_without_the_list_the_pull_stops(error: Exception) -> None:
    """Nothing could be right without it; the window stays open behind what was written."""
    platform = Platform(HELD_BY_ALL)
    platform.listed.error = error
    with pytest.raises(type(error), match=str(error)):
        stage(platform.course, platform.fetch, LIST)
