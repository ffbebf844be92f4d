"""What the records of a group count as, over pulls and kills; and that a summary is told once for each group met."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualys_ta.model import Event, tallied, tallied_anew
from qualys_ta.splunk.tallies import BATCH, Tallies, tallies_path
from qualys_ta.spool import Frame

ACCOUNT = "acme 1/1"


def summary(group: int, counts: Mapping[str, int]) -> Event:
    return Event("", f"{group} {dict(sorted(counts.items()))}")


def tallies(folder: Path, account: str = ACCOUNT) -> Tallies:
    return Tallies(tallies_path(folder, "pc"), account, summary)


def frame(record: int, tally: str) -> Frame:
    return Frame(record, "", (), b"", tally)


def pull(folder: Path, *records: tuple[int, str], account: str = ACCOUNT, is_told: bool = True) -> list[str]:
    """One process that counts these records, and what it tells at the end of the window."""
    with closing(tallies(folder, account)) as ours:
        for record, tally in records:
            ours.add(frame(record, tally))
        ours.commit()
        found = [event.text for event in ours.summaries()]
        if is_told:
            ours.told()
        return found


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
    assert pull(tmp_path, (7, tallied_anew(7)), (1, "7:a|Failed")) == ["7 {'a|Failed': 1}"]
    assert pull(tmp_path, (8, "8:")) == [OF_8], "the others stay as they were"


def test_what_came_before_a_group_began_anew_counts_no_more(tmp_path: Path) -> None:
    """In the same pull, too, whatever waits to be written."""
    assert pull(tmp_path, *FIRST, (7, tallied_anew(7)), (9, "7:c|Error")) == ["7 {'c|Error': 1}", OF_8]


def test_a_page_that_comes_twice_counts_once(tmp_path: Path) -> None:
    assert pull(tmp_path, *FIRST, *FIRST) == [OF_7, OF_8]


def test_more_records_than_are_written_at_once(tmp_path: Path) -> None:
    many = [(number, tallied(7, "a|Passed")) for number in range(2 * BATCH + 1)]
    assert pull(tmp_path, *many) == [f"7 {{'a|Passed': {2 * BATCH + 1}}}"]


def test_a_kill_before_the_summaries_were_told_tells_them_again(tmp_path: Path) -> None:
    assert pull(tmp_path, *FIRST, is_told=False) == [OF_7, OF_8]
    assert pull(tmp_path) == [OF_7, OF_8]
    assert pull(tmp_path) == []


@pytest.mark.parametrize("lost", [((2, "7:a|Passed"),), ((7, "7!"), (2, "7:a|Passed")), ((9, "9:"),)])
def test_what_a_killed_pull_did_not_commit_counts_as_before(tmp_path: Path, lost: tuple[tuple[int, str], ...]) -> None:
    pull(tmp_path, *FIRST)
    with closing(tallies(tmp_path)) as killed:
        for record, tally in lost:
            killed.add(frame(record, tally))
        for record in range(BATCH):
            killed.add(frame(record, "8:z|Error"))
    assert pull(tmp_path) == []
    assert pull(tmp_path, (7, "7:"), (8, "8:")) == [OF_7, OF_8]


def test_accounts_are_counted_apart(tmp_path: Path) -> None:
    pull(tmp_path, *FIRST, is_told=False)
    assert pull(tmp_path, (1, "7:a|Error"), account="other 1/1") == ["7 {'a|Error': 1}"]
    with closing(tallies(tmp_path, "other 1/1")) as other:
        other.forget()
    assert pull(tmp_path) == [OF_7, OF_8]


def test_who_pulls_everything_again_counts_from_nothing(tmp_path: Path) -> None:
    pull(tmp_path, *FIRST)
    with closing(tallies(tmp_path)) as ours:
        ours.forget()
    assert pull(tmp_path, (1, "7:a|Passed")) == ["7 {'a|Passed': 1}"]


def test_a_group_without_a_summary_is_passed_over(tmp_path: Path) -> None:
    with closing(Tallies(tmp_path / "x", ACCOUNT, lambda group, _counts: Event("", "7") if group == 7 else None)) as x:
        x.add(frame(1, "7:"))
        x.add(frame(1, "8:"))
        x.commit()
        assert [event.text for event in x.summaries()] == ["7"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(["1:a", "1:b", "1:", "1!", "2:a", "2!", ""])), max_size=8
        ),
        max_size=5,
    )
)
def test_counts_are_those_of_a_dictionary(tmp_path: Path, pulls: list[list[tuple[int, str]]]) -> None:
    tallies_path(tmp_path, "pc").unlink(missing_ok=True)
    known: dict[int, dict[int, str]] = {1: {}, 2: {}}
    for records in pulls:
        met = {int(tally[0]) for _, tally in records if tally}
        for record, tally in records:
            if tally.endswith("!"):
                known[int(tally[0])].clear()
            elif tally[2:]:
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
