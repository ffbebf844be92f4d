"""Which policies are due, what is told of them, and which calls for posture follow."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import BadRecord
from qualys_ta.feed import Conversion
from qualys_ta.model import Event
from qualys_ta.populator.policy_list import due_policies, is_due, made_of
from qualys_ta.populator.policy_posture_info import FEED, summary
from qualys_ta.populator.posture_api import Batch, batches, posture_params
from support.core import SINCE, extracted
from support.posture import (
    pc_settings,
    policies,
    policies_converted,
    policies_told,
    policy,
    policy_answer,
    told,
)

BEFORE, AFTER, LATER = "2023-12-31T23:59:59Z", "2024-01-01T00:10:00Z", "2024-06-01T00:00:00Z"
LONG_AGO = "2021-01-01T00:00:00Z"


def due(body: bytes, conversion: Conversion) -> list[tuple[int, bool]]:
    return [policy for policy, _ in due_policies(policies(body), conversion)]


def as_now(body: bytes, **chosen: str) -> dict[int, str]:
    """All policies of the answer came whole, as they are."""
    return {number: now for (number, _), now in due_policies(policies(body), Conversion(pc_settings(**chosen)))}


@pytest.mark.parametrize(
    ("modified", "evaluated", "created", "expected"),
    [
        (AFTER, AFTER, BEFORE, True),
        (AFTER, None, BEFORE, True),
        (BEFORE, AFTER, BEFORE, True),
        (f"\n {BEFORE} ", f"\n {AFTER} ", BEFORE, True),
        (SINCE, None, BEFORE, True),
        (BEFORE, BEFORE, BEFORE, False),
        (BEFORE, None, BEFORE, False),
        (BEFORE, "", BEFORE, False),
        (None, None, AFTER, True),
        (None, None, BEFORE, False),
        (None, None, None, True),
    ],
)
def test_a_policy_is_due_where_it_was_changed_or_evaluated(
    modified: Optional[str], evaluated: Optional[str], created: Optional[str], expected: bool
) -> None:
    """L15: whatever time is missing. What was filtered out so far is due from the start date on, in the event, too."""
    body = policy_answer(policy(modified=modified, evaluated=evaluated, created=created))
    held, settings = as_now(body), pc_settings()
    for conversion, whole, is_now in (
        (Conversion(settings, SINCE), True, expected),
        (Conversion(settings, SINCE, whole=held), False, expected),
        (Conversion(settings, SINCE, start=LONG_AGO, whole=held), False, expected),
        (Conversion(settings, SINCE, start=LONG_AGO), True, True),
        (Conversion(settings, SINCE, start=LONG_AGO, whole={7: "otherwise"}), True, True),
        (Conversion(settings, SINCE, start=AFTER), True, expected),
    ):
        assert due(body, conversion) == [(7, whole)] * is_now
        (found,) = policies_told(body, conversion)
        assert (found.record, len(told([found])), found.tally) == (7, int(is_now), "7:" if is_now else "")


def test_all_policies_are_due_and_whole_the_first_time() -> None:
    body = policy_answer(policy(), policy(ID=8, evaluated=None), policy(ID=9, modified=None, evaluated=None))
    assert due(body, Conversion(pc_settings())) == [(7, True), (8, True), (9, True)]
    assert [found.tally for found in policies_converted(body)] == ["7:", "8:", "9:"]


def test_what_came_whole_comes_whole_again_only_where_it_was_changed_itself() -> None:
    """In the overlap of two pulls, too: an evaluation brings changes only."""
    before = policy_answer(policy(modified=AFTER), policy(ID=8, modified=AFTER), policy(ID=9, modified=AFTER))
    later = policy_answer(
        policy(modified=AFTER), policy(ID=8, modified=AFTER, evaluated=LATER), policy(ID=9, modified=LATER)
    )
    conversion = Conversion(pc_settings(), SINCE, whole=as_now(before))
    assert due(before, conversion) == [(7, False), (8, False), (9, False)]
    assert due(later, conversion) == [(7, False), (8, False), (9, True)]


@pytest.mark.parametrize(
    ("chosen", "is_whole"),
    [
        ({"extra_posture_params": "host_ids=7-9"}, True),
        ({"extra_posture_params": "status=Failed"}, True),
        ({"log_policy_summary": "0"}, True),
        ({"extra_posture_params": "policy_ids=5-9"}, False),
        ({"pc_num_count_for_pid": "5", "pc_truncation_limit": "7"}, False),
    ],
)
def test_other_filters_bring_policies_whole(chosen: dict[str, str], is_whole: bool) -> None:
    """Both ways: also where the filter is taken away again. Which policies are chosen filters none of them."""
    body = policy_answer(policy())
    assert due(body, Conversion(pc_settings(**chosen), SINCE, whole=as_now(body))) == [(7, is_whole)]
    assert due(body, Conversion(pc_settings(), SINCE, whole=as_now(body, **chosen))) == [(7, is_whole)]


def test_what_posture_is_made_of_has_no_order() -> None:
    (element,) = policies(policy_answer(policy()))
    one, other = (
        pc_settings(extra_posture_params=text) for text in ("host_ids=7&ips=10.0.0.1", "ips=10.0.0.1&host_ids=7")
    )
    assert made_of(element, one) == made_of(element, other)


def test_a_policy_without_a_number_is_told_and_holds_nobody_up() -> None:
    body = policy_answer(policy(ID="x"), policy(ID=None), policy(ID=8))
    assert due(body, Conversion(pc_settings())) == [(8, True)]
    with pytest.raises(BadRecord, match="a POLICY whose ID is 'x', not a number"):
        is_due(policies(body)[0], Conversion(pc_settings()))


def test_policies_that_nobody_asked_for_are_left_out() -> None:
    body = policy_answer(*(policy(ID=number) for number in (6, 7, 8, 9)))
    chosen = {"extra_posture_params": "policy_ids=6,8-9"}
    assert [number for number, _ in due(body, Conversion(pc_settings(**chosen)))] == [6, 8, 9]
    assert [found.tally for found in policies_converted(body, **chosen)] == ["6:", "", "8:", "9:"]


@pytest.mark.parametrize("chosen", [{"log_policy_summary": "0"}, {"extra_posture_params": "status=Failed"}])
def test_where_no_summary_can_be_right_nothing_is_counted(chosen: dict[str, str]) -> None:
    (found,) = policies_converted(policy_answer(policy()), **chosen)
    assert (found.tally, len(found.events)) == ("", 1)


def test_an_event_tells_what_there_is() -> None:
    (event,) = told(policies_converted(policy_answer(policy(evaluated=None, TITLE='The "A"\nlist'))))
    assert event.time == "1675209600"
    assert extracted(event.text) == [
        ("POLICY_ID", "7"),
        ("POLICY_TITLE", "The 'A' list"),
        ("LAST_MODIFIED_DATETIME", "2023-02-01T00:00:00Z"),
        ("LAST_MODIFIED_BY", "acme_ab1"),
        ("CREATED_DATETIME", "2022-01-01T00:00:00Z"),
        ("CREATED_BY", "acme_ab1"),
        ("STATUS", "active"),
        ("IS_LOCKED", "0"),
    ]


def test_the_moment_is_the_last_time_it_was_touched() -> None:
    first, second = policies_converted(policy_answer(policy(), policy(modified="2024-06-01T00:00:00Z")))
    assert (first.moment, second.moment) == ("2024-05-03T00:00:00Z", "2024-06-01T00:00:00Z")


def test_the_list_is_asked_for_whole_or_for_what_a_person_chose() -> None:
    """S11: a person may say which policies."""
    assert FEED.params(pc_settings()) == {"action": "list", "details": "Basic"}
    chosen = pc_settings(extra_posture_params="policy_ids=7,9&host_ids=1")
    assert FEED.params(chosen) == {"action": "list", "details": "Basic", "ids": "7,9"}
    assert FEED.since_params(SINCE) == FEED.since_params(None) == {}


@pytest.mark.parametrize(
    ("chosen", "asked"),
    [
        ({}, {"details": "Basic"}),
        ({"pc_details": "1"}, {"details": "All"}),
        (
            {"pc_extra_details": "1"},
            {"details": "All", "show_remediation_info": "1", "cause_of_failure": "1", "include_dp_name": "1"},
        ),
        (
            {"extra_posture_params": "policy_ids=7&status=Failed&hide_evidence=1"},
            {"details": "Basic", "status": "Failed", "hide_evidence": "1"},
        ),
    ],
)
def test_calls_for_posture(chosen: dict[str, str], asked: dict[str, str]) -> None:
    always = {"action": "list", "output_format": "xml", **asked}
    settings = pc_settings(**chosen)
    assert posture_params(settings, [7], SINCE) == {
        **always,
        "policy_id": "7",
        "truncation_limit": "1000",
        "status_changes_since": SINCE,
    }
    assert posture_params(settings, [7, 8], None) == {**always, "policy_ids": "7,8"}


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=40), st.integers(1, 10))
def test_every_due_policy_is_in_one_call_with_its_like(due: list[tuple[int, bool]], most: int) -> None:
    found = list(batches(due, most))
    assert all(1 <= len(batch.policies) <= most for batch in found)
    dealt = [(policy, batch.whole) for batch in found for policy in batch.policies]
    assert sorted(dealt) == sorted({number: (number, (number, True) in due) for number, _ in due}.values())
    assert len(found) == sum(
        -(-len([1 for _, is_whole in dealt if is_whole is whole]) // most) for whole in (True, False)
    )


def test_whole_policies_come_first() -> None:
    due = [(4, False), (3, True), (2, False), (1, True), (2, True)]
    assert list(batches(due, 2)) == [Batch((1, 2), True), Batch((3,), True), Batch((4,), False)]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            {"1071|Passed": 3, "1071|Failed": 1, "1072|Failed": 2},
            'NUMBER_OF_CONTROLS="2", Passed="3", Failed="3", Error="0"',
        ),
        ({}, 'NUMBER_OF_CONTROLS="0", Passed="0", Failed="0", Error="0"'),
        (
            {"1|Error": 1, "1|Not_Evaluated": 2, "2|": 4, "|Passed": 1},
            'NUMBER_OF_CONTROLS="2", Passed="1", Failed="0", Error="1", Not_Evaluated="2"',
        ),
    ],
)
def test_a_summary_counts_what_is_known_of_a_policy(counts: dict[str, int], words: str) -> None:
    """D5: once for a policy, of all of its posture; the core asks for it when all pages were read."""
    assert FEED.summary is summary
    assert summary(7, counts) == Event("", f'POLICY_SUMMARY: POLICY_ID="7", {words}')
