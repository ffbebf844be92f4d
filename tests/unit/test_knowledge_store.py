"""The store of one account's knowledge base: rows that stand for themselves, whatever happens to its writer."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.model import Entry, Event
from qualys_ta.populator.knowledge_tables import KEPT
from qualys_ta.splunk.knowledge_store import FETCHED_AT_ONCE, KnowledgeReader, KnowledgeStore, store_path
from support.core import PACKAGE
from support.pulls import ListLog
from support.vulns import row

TESTS = Path(__file__).parents[1]
BASE = [row("7", TITLE="seven"), row("8", TITLE="eight")]


@contextmanager
def store(folder: Path, columns: tuple[str, ...] = KEPT) -> Iterator[KnowledgeStore]:
    """One process's store; what it did not commit is gone afterwards."""
    opened = KnowledgeStore(path_in(folder), columns)
    try:
        yield opened
    finally:
        opened.close()


def path_in(folder: Path) -> Path:
    return store_path(folder, "acme")


def kept(folder: Path, columns: tuple[str, ...] = KEPT) -> list[Entry]:
    with store(folder) as known:
        return [entry for some in known.entries(columns) for entry in some]


def filled(folder: Path) -> None:
    with store(folder) as known:
        known.put(BASE)
        known.complete("platform, user, depth")
        known.published("slim")


def test_each_account_has_its_own_private_file(tmp_path: Path) -> None:
    filled(tmp_path)
    assert path_in(tmp_path).name == "knowledge_base.acme.db"
    assert [path.name for path in tmp_path.iterdir()] == ["knowledge_base.acme.db"]
    assert path_in(tmp_path).stat().st_mode & 0o777 == 0o600


def test_changes_are_counted_and_nothing_else(tmp_path: Path) -> None:
    with store(tmp_path) as known:
        assert known.put(BASE) == 2
        assert known.put(BASE) == 0
        assert known.put([row("8", TITLE="eight"), row("9")]) == 1
        assert known.put([row("7", TITLE="seven", DIAGNOSIS="new"), row("8", TITLE="8")]) == 2
        assert known.put([]) == 0


@pytest.mark.parametrize("column", KEPT[1:])
def test_a_change_of_any_column_is_a_change(tmp_path: Path, column: str) -> None:
    with store(tmp_path) as known:
        known.put([row("7")])
        assert known.put([row("7", **{column: "changed"})]) == 1
        known.commit()
    assert kept(tmp_path) == [row("7", **{column: "changed"})]


def test_entries_come_by_qid_with_the_columns_asked_for_some_at_a_time(tmp_path: Path) -> None:
    qids = range(FETCHED_AT_ONCE + 5, 0, -1)
    with store(tmp_path) as known:
        known.put([row(str(qid), TITLE=f"title {qid}") for qid in qids])
        some = list(known.entries(("TITLE", "QID")))
    assert [len(each) for each in some] == [FETCHED_AT_ONCE, 5]
    assert some[0][:2] == [("title 1", "1"), ("title 2", "2")]


def test_what_was_not_committed_is_gone(tmp_path: Path) -> None:
    filled(tmp_path)
    with store(tmp_path) as known:
        known.put([row("7", TITLE="never"), row("9")])
    assert kept(tmp_path) == BASE


def test_a_whole_pull_is_of_one_making(tmp_path: Path) -> None:
    with store(tmp_path) as known:
        assert known.made_of() != "platform, user, depth"
    filled(tmp_path)
    with store(tmp_path) as known:
        assert known.made_of() == "platform, user, depth"
        assert known.made_of() != "platform, another, depth"


def test_it_is_published_until_something_changes(tmp_path: Path) -> None:
    filled(tmp_path)
    with store(tmp_path) as known:
        assert known.published_as() == "slim"
        assert (known.is_published("slim"), known.is_published("texts")) == (True, False)
        known.put(BASE)
        assert known.is_published("slim")
        known.put([row("7", TITLE="changed")])
        known.commit()
    with store(tmp_path) as known:
        assert (known.published_as(), known.is_published("slim")) == ("slim", False)
        known.published("texts")
        assert known.is_published("texts")


OLD = [Event("1", "a"), Event("1", "b")]


def sent(folder: Path, *events: Event, name: str = "kb", commit: bool = True) -> list[str]:
    """What one process sends of the events of QID 1, 2 …"""
    with store(folder) as known:
        fresh = known.unsent(name, [str(qid) for qid, _ in enumerate(events, 1)], events)
        if commit:
            known.commit()
    return [event.text for event in fresh]


def test_an_event_is_sent_once_and_again_when_it_changed(tmp_path: Path) -> None:
    assert sent(tmp_path, *OLD) == ["a", "b"]
    assert sent(tmp_path, *OLD) == []
    assert sent(tmp_path, Event("2", "a"), Event("1", "B")) == ["B"]
    assert sent(tmp_path, *OLD) == ["b"], "what it was before is news, too"


def test_other_inputs_and_other_qids_are_others(tmp_path: Path) -> None:
    sent(tmp_path, *OLD)
    assert sent(tmp_path, *OLD, name="other") == ["a", "b"]
    assert sent(tmp_path, OLD[1], OLD[0]) == ["b", "a"]


def test_what_was_sent_is_noted_with_the_commit(tmp_path: Path) -> None:
    assert sent(tmp_path, *OLD, commit=False) == ["a", "b"]
    assert sent(tmp_path, *OLD) == ["a", "b"]


def test_a_person_who_wants_it_all_again_gets_it_and_others_do_not(tmp_path: Path) -> None:
    sent(tmp_path, *OLD)
    sent(tmp_path, *OLD, name="other")
    with store(tmp_path) as known:
        known.forget_sent("kb")
    assert sent(tmp_path, *OLD) == ["a", "b"]
    assert sent(tmp_path, *OLD, name="other") == []


@pytest.mark.parametrize("columns", [KEPT[:-1], (*KEPT, "NEW"), (*KEPT[:-2], KEPT[-1], KEPT[-2])])
def test_a_store_with_other_columns_is_filled_anew(tmp_path: Path, columns: tuple[str, ...]) -> None:
    with store(tmp_path, columns) as older:
        older.put([("7", *["x"] * (len(columns) - 1))])
        older.complete("platform, user, depth")
        older.published("slim")
    assert kept(tmp_path) == []
    with store(tmp_path) as known:
        assert known.made_of() != "platform, user, depth"
        assert not known.is_published("slim")
        assert known.put(BASE) == 2


def damage(path: Path, how: str) -> None:
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    hole = whole[:middle] + b"\xaa" * 4096 + whole[middle + 4096 :]
    path.write_bytes({"text": b"no database " * 999, "cut": whole[:middle], "hole": hole, "empty": b""}[how])


@pytest.mark.parametrize("how", ["text", "cut", "hole", "empty"])
def test_a_damaged_file_is_replaced_and_filled_anew(tmp_path: Path, how: str) -> None:
    with store(tmp_path) as known:
        known.put([row(str(qid), TITLE="x" * 100) for qid in range(1, 400)])
        known.complete("all")
    damage(path_in(tmp_path), how)
    with store(tmp_path) as known:
        assert known.made_of() != "all"
        assert known.put(BASE) == 2
        known.commit()
    assert kept(tmp_path) == BASE


def test_a_folder_that_is_not_there_is_an_error_of_sqlite(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        KnowledgeStore(path_in(tmp_path / "none"), KEPT)


# Readers


def titles(reader: KnowledgeReader, *qids: str) -> list[object]:
    found = [reader.entry(qid) for qid in qids]
    return [entry and entry["TITLE"] for entry in found]


def test_a_reader_finds_an_entry_by_column(tmp_path: Path) -> None:
    filled(tmp_path)
    reader = KnowledgeReader(path_in(tmp_path), ListLog())
    found = reader.entry("7")
    assert found is not None
    assert {**found, "QID": str(found["QID"])} == dict(zip(KEPT, BASE[0]))
    assert titles(reader, "8", "9", "", "x", "7; DROP TABLE entry") == ["eight", None, None, None, None]
    reader.close()


def test_a_reader_sees_what_is_committed_while_another_process_writes(tmp_path: Path) -> None:
    filled(tmp_path)
    reader = KnowledgeReader(path_in(tmp_path), ListLog())
    with store(tmp_path) as writer:
        writer.put([row("7", TITLE="not yet")])
        assert titles(reader, "7") == ["seven"]
        writer.commit()
        assert titles(reader, "7") == ["not yet"]
    reader.close()


def no_knowledge(path: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        KnowledgeReader(path, ListLog())
    return str(refused.value)


def test_without_a_knowledge_base_there_is_nothing_to_read(tmp_path: Path) -> None:
    told = "There is no knowledge base of this account on this server yet."
    assert no_knowledge(path_in(tmp_path)) == told
    assert list(tmp_path.iterdir()) == [], "a reader makes no file"
    with store(tmp_path):
        assert no_knowledge(path_in(tmp_path)) == told


@pytest.mark.parametrize("how", ["text", "empty"])
def test_a_damaged_file_is_left_to_its_writer(tmp_path: Path, how: str) -> None:
    filled(tmp_path)
    damage(path_in(tmp_path), how)
    before = path_in(tmp_path).read_bytes()
    assert no_knowledge(path_in(tmp_path))
    assert path_in(tmp_path).read_bytes() == before


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from qualys_ta.populator.knowledge_tables import KEPT
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from support.vulns import row
store = KnowledgeStore(Path(sys.argv[1]), KEPT)
for qid in range(1, 4000):
    store.put([row(str(qid), TITLE="half " * 200)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_after_a_killed_writer_finds_the_rows_of_before(tmp_path: Path) -> None:
    """The journal that the writer left is played back, whoever opens the file first."""
    filled(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, str(path_in(tmp_path))],
        env={"PYTHONPATH": f"{PACKAGE / 'bin'}:{TESTS}:{TESTS.parent}", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert Path(f"{path_in(tmp_path)}-journal").stat().st_size > 0
    reader = KnowledgeReader(path_in(tmp_path), ListLog())
    assert titles(reader, "7", "8", "9") == ["seven", "eight", None]
    reader.close()
    assert kept(tmp_path) == BASE


def test_another_platform_or_user_empties_it(tmp_path: Path) -> None:
    with closing(KnowledgeStore(path_in(tmp_path), KEPT, "ours")) as ours:
        ours.put(BASE)
        ours.complete("all")
        before = ours.identity
    with closing(KnowledgeStore(path_in(tmp_path), KEPT, "ours")) as same:
        assert (same.made_of(), same.identity) == ("all", before)
    with closing(KnowledgeStore(path_in(tmp_path), KEPT, "theirs")) as theirs:
        assert (theirs.made_of(), list(theirs.entries(KEPT))) == ("", [])
        assert theirs.identity != before


def test_a_store_that_was_lost_is_another_one(tmp_path: Path) -> None:
    """So an open window is not continued behind rows that are not there."""
    with store(tmp_path) as first:
        before = first.identity
    with store(tmp_path) as again:
        assert again.identity == before
    path_in(tmp_path).unlink()
    with store(tmp_path) as new:
        assert new.identity != before


def test_a_reader_that_meets_damage_says_so_once_and_knows_nothing_more(tmp_path: Path) -> None:
    with store(tmp_path) as known:
        known.put([row(str(qid), TITLE="x" * 500) for qid in range(1, 2000)])
        known.complete("all")
    path, log = path_in(tmp_path), ListLog()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size - size // 2))
    with closing(KnowledgeReader(path, log)) as reader:
        assert reader.entry("1") is not None
        assert [reader.entry(str(qid)) for qid in (1990, 1991, 1)] == [None, None, None]
    (line,) = log.lines
    assert line.startswith("WARNING The knowledge base cannot be read any more (database disk image is malformed)")
