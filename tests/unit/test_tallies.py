"""What the records of a group count as, over pulls and kills; and that a summary is told once for each group met."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional, Union

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualys_ta.model import Event, tallied
from qualys_ta.splunk.tallies import BATCH, Tallies, tallies_path
from qualys_ta.work.events import EventWork
from support.pulls import ListLog

ACCOUNT = "acme 1/1"


def summary(group: int, counts: Mapping[str, int]) -> Event:
    return Event("", f"{group} {dict(sorted(counts.items()))}")


def tallies(folder: Path, account: str = ACCOUNT) -> Tallies:
    return Tallies(tallies_path(folder, "pc"), account, summary)


Step = Union[tuple[int, str], dict[int, str]]
"""A record and its tally, or groups that come whole from now on."""


def count(ours: Tallies, *steps: Step) -> None:
    for step in steps:
        if isinstance(step, dict):
            ours.begin(step)
        else:
            ours.add(*zip(step))


def pull(folder: Path, *steps: Step, account: str = ACCOUNT, is_told: bool = True) -> list[str]:
    """One process that counts these records, and what it tells at the end of the window."""
    with closing(tallies(folder, account)) as ours:
        count(ours, *steps)
        ours.commit()
        found = [event.text for event in ours.summaries()]
        if is_told:
            ours.told("all")
        return found


def whole(folder: Path, account: str = ACCOUNT, is_new: bool = True) -> dict[int, str]:
    """What came whole, as a process finds it that opens a window, or goes on with the one that is open."""
    with closing(tallies(folder, account)) as ours:
        if is_new:
            ours.open_window()
        return dict(ours.whole)


FIRST = ((1, "7:a|Passed"), (2, "7:a|Failed"), (3, "7:b|Failed"), (4, "8:a|Passed"))
OF_7, OF_8 = "7 {'a|Failed': 1, 'a|Passed': 1, 'b|Failed': 1}", "8 {'a|Passed': 1}"


def test_later_pulls_bring_changes_and_count_all(tmp_path: Path) -> None:
    assert pull(tmp_path, *FIRST) == [OF_7, OF_8]
    assert pull(tmp_path, (2, "7:a|Passed"), (5, "7:a|Passed")) == ["7 {'a|Passed': 3, 'b|Failed': 1}"]


def test_a_group_that_was_only_met_is_told_and_one_that_was_not_is_not(tmp_path: Path) -> None:
    pull(tmp_path, *FIRST)
    assert pull(tmp_path, (8, tallied(8, "")), (9, tallied(9, ""))) == [OF_8, "9 {}"]
    assert pull(tmp_path) == []


def test_a_record_without_a_tally_counts_nowhere(tmp_path: Path) -> None:
    assert pull(tmp_path, (1, ""), (2, "")) == []


def test_a_group_that_comes_whole_begins_anew(tmp_path: Path) -> None:
    """Hosts and controls that left it are in no list: only what is left tells of them."""
    pull(tmp_path, *FIRST)
    assert pull(tmp_path, {7: "x"}, (1, "7:a|Failed")) == ["7 {'a|Failed': 1}"]
    assert pull(tmp_path, (8, "8:")) == [OF_8], "the others stay as they were"


def test_what_came_before_a_group_began_anew_counts_no_more(tmp_path: Path) -> None:
    """In the same pull, too, whatever waits to be written."""
    assert pull(tmp_path, *FIRST, {7: "x"}, (9, "7:c|Error")) == ["7 {'c|Error': 1}", OF_8]
    assert pull(tmp_path, (7, "7:"), {7: "x"}) == ["7 {}"]


def test_a_group_came_whole_once_the_window_was_closed(tmp_path: Path) -> None:
    """Until then every run of the window sees what was so when it was opened, else it would go on otherwise."""
    pull(tmp_path, {7: "old", 8: "old"})
    assert whole(tmp_path, is_new=False) == {}
    assert whole(tmp_path) == whole(tmp_path) == {7: "old", 8: "old"}
    pull(tmp_path, {9: "new"}, is_told=False)
    assert whole(tmp_path, is_new=False) == {7: "old", 8: "old"}
    pull(tmp_path, {8: "new"})
    assert whole(tmp_path, is_new=False) == {7: "old"}
    assert whole(tmp_path) == {7: "old", 8: "new", 9: "new"}


def test_what_a_window_began_that_was_given_up_is_not_whole(tmp_path: Path) -> None:
    """Nor as it was before: what was counted of it then is forgotten."""
    pull(tmp_path, {7: "old", 8: "old"}, *FIRST)
    whole(tmp_path)
    pull(tmp_path, {7: "new"}, (1, "7:a|Passed"), is_told=False)
    assert whole(tmp_path) == {8: "old"}
    pull(tmp_path)
    assert whole(tmp_path) == {8: "old"}


def test_what_was_counted_is_known_once_summaries_were_told(tmp_path: Path) -> None:
    with closing(tallies(tmp_path)) as ours:
        assert ours.made_of() is None
        ours.told("")
        assert ours.made_of() == ""
        ours.told("filtered")
    with closing(tallies(tmp_path)) as ours, closing(tallies(tmp_path, "other 1/1")) as other:
        assert (ours.made_of(), other.made_of()) == ("filtered", None)


def test_a_page_that_comes_twice_counts_once(tmp_path: Path) -> None:
    assert pull(tmp_path, *FIRST, *FIRST) == [OF_7, OF_8]


def test_more_records_than_are_written_at_once(tmp_path: Path) -> None:
    many = [(number, tallied(7, "a|Passed")) for number in range(2 * BATCH + 1)]
    assert pull(tmp_path, *many) == [f"7 {{'a|Passed': {2 * BATCH + 1}}}"]


def test_a_kill_before_the_summaries_were_told_tells_them_again(tmp_path: Path) -> None:
    assert pull(tmp_path, *FIRST, is_told=False) == [OF_7, OF_8]
    assert pull(tmp_path) == [OF_7, OF_8]
    assert pull(tmp_path) == []


@pytest.mark.parametrize("lost", [((2, "7:a|Passed"),), ({7: "new"}, (2, "7:a|Passed")), ((9, "9:"),)])
def test_what_a_killed_pull_did_not_commit_counts_as_before(tmp_path: Path, lost: tuple[Step, ...]) -> None:
    pull(tmp_path, {7: "old"}, *FIRST)
    whole(tmp_path)
    with closing(tallies(tmp_path)) as killed:
        count(killed, *lost)
        for record in range(BATCH):
            killed.add([record], ["8:z|Error"])
    assert pull(tmp_path) == []
    assert whole(tmp_path) == {7: "old"}
    assert pull(tmp_path, (7, "7:"), (8, "8:")) == [OF_7, OF_8]


def test_accounts_are_counted_apart(tmp_path: Path) -> None:
    pull(tmp_path, {7: "x"}, *FIRST, is_told=False)
    assert pull(tmp_path, {7: "y"}, (1, "7:a|Error"), account="other 1/1") == ["7 {'a|Error': 1}"]
    assert whole(tmp_path, "other 1/1") == {7: "y"}
    with closing(tallies(tmp_path, "other 1/1")) as other:
        other.forget()
    assert pull(tmp_path) == [OF_7, OF_8]
    assert (whole(tmp_path), whole(tmp_path, "other 1/1")) == ({7: "x"}, {})


def test_who_pulls_everything_again_counts_from_nothing(tmp_path: Path) -> None:
    pull(tmp_path, {8: "x"}, *FIRST)
    whole(tmp_path)
    pull(tmp_path, {7: "x"})
    with closing(tallies(tmp_path)) as ours:
        assert ours.whole == {8: "x"}
        ours.forget()
        assert ours.whole == {}
    assert whole(tmp_path) == {}
    assert pull(tmp_path, (1, "7:a|Passed")) == ["7 {'a|Passed': 1}"]


def test_a_group_without_a_summary_is_passed_over(tmp_path: Path) -> None:
    with closing(Tallies(tmp_path / "x", ACCOUNT, lambda group, _counts: Event("", "7") if group == 7 else None)) as x:
        x.add([1], ["7:"])
        x.add([1], ["8:"])
        x.commit()
        assert [event.text for event in x.summaries()] == ["7"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(["1:a", "1:b", "1:", "2:a", ""]))
            | st.sampled_from([{1: ""}, {2: ""}, {1: "", 2: ""}]),
            max_size=8,
        ),
        max_size=5,
    )
)
def test_counts_are_those_of_a_dictionary(tmp_path: Path, pulls: list[list[Step]]) -> None:
    tallies_path(tmp_path, "pc").unlink(missing_ok=True)
    known: dict[int, dict[int, str]] = {1: {}, 2: {}}
    for records in pulls:
        met: set[int] = set()
        for step in records:
            if isinstance(step, dict):
                known.update({group: {} for group in step})
                continue
            record, tally = step
            met.update(map(int, tally[:1]))
            if tally[2:]:
                known[int(tally[0])][record] = tally[2:]
        counted = {group: list(known[group].values()) for group in met}
        expected = [
            summary(group, {name: found.count(name) for name in found}).text for group, found in sorted(counted.items())
        ]
        assert pull(tmp_path, *records) == expected


def test_the_file_is_private_and_a_damaged_one_begins_anew(tmp_path: Path) -> None:
    pull(tmp_path, *FIRST)
    path = tallies_path(tmp_path, "pc")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"no database at all")
    assert pull(tmp_path, (1, "7:a|Passed")) == ["7 {'a|Passed': 1}"]
    path.unlink()
    path.mkdir()
    with pytest.raises(sqlite3.Error):
        tallies(tmp_path)


@pytest.mark.parametrize(
    ("counted", "checkpoint", "now", "expected"),
    [
        (None, "2024", "all", "2024"),
        ("all", "2024", "all", "2024"),
        ("all", "", "some", "1999"),
        ("all", "2024", "some", "1999"),
        ("", "2024", "some", "1999"),
    ],
)
def test_where_something_else_is_counted_everything_comes_again(
    tmp_path: Path, counted: Optional[str], checkpoint: str, now: str, expected: str
) -> None:
    """From the start date on, and from nothing: a summary of half of it would be wrong."""
    feed = SimpleNamespace(counted=lambda _settings: now, start=None)
    job: Any = SimpleNamespace(feed=feed, settings=SimpleNamespace(metric={}), log=ListLog())
    none: Any = None
    with closing(tallies(tmp_path)) as ours:
        count(ours, {7: "x"}, *FIRST)
        ours.commit()
        if counted is not None:
            ours.told(counted)
        work = EventWork(job, none, None, ours, none, "", none)
        assert work.since(checkpoint, "1999") == expected
        is_forgotten = bool(checkpoint) and expected == "1999"
        assert ours.counts(7) == ({} if is_forgotten else {"a|Passed": 1, "a|Failed": 1, "b|Failed": 1})
        assert ours.whole == ({} if is_forgotten or counted is None else {7: "x"})
        assert len(job.log.lines) == int(is_forgotten)
        assert EventWork(job, none, None, None, none, "", none).since(checkpoint, "1999") == (checkpoint or "1999")
