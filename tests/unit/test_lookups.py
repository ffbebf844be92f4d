"""The lookups on disk: stubs that never overwrite, tables that are replaced whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualys_ta.model import Entry, Table
from qualys_ta.splunk.lookups import lookup_path, lost, place_stubs, write_tables

HEADER = "QID,TITLE\n"
A, B = "a.csv", "b.csv"
ROWS: list[list[Entry]] = [[("1", "one")], [("2", "two"), ("3", "three")]]
TABLES = {A: Table(("QID", "TITLE"), iter), B: Table(("QID",), lambda entries: ((qid,) for qid, _ in entries))}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app's folder as the package leaves it."""
    (tmp_path / "lookups").mkdir()
    for name in (A, B):
        lookup_path(tmp_path, f"{name}.default").write_text(HEADER, encoding="utf-8")
    lookup_path(tmp_path, "qualys_severity.csv").write_text("shipped as it is\n", encoding="utf-8")
    return tmp_path


def text(app: Path, name: str) -> str:
    return lookup_path(app, name).read_bytes().decode()


def names(app: Path) -> list[str]:
    return sorted(path.name for path in (app / "lookups").iterdir() if path.suffix != ".default")


def test_what_is_missing_gets_its_header(app: Path) -> None:
    place_stubs(app)
    assert (text(app, A), text(app, B)) == (HEADER, HEADER)
    assert names(app) == [A, B, "qualys_severity.csv"]


@pytest.mark.parametrize("there", ["QID,TITLE\n1,one\n", "other header\n", ""])
def test_what_is_there_is_never_overwritten(app: Path, there: str) -> None:
    lookup_path(app, A).write_text(there, encoding="utf-8")
    place_stubs(app)
    place_stubs(app)
    assert (text(app, A), text(app, B)) == (there, HEADER)


def test_stubs_that_cannot_be_placed_stop_nobody(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search head may run where the app's folder is read-only; root, which CI is, may write everywhere."""

    def refuse(*_: object, **_options: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    place_stubs(app)
    assert names(app) == ["qualys_severity.csv"]


def test_an_app_without_lookups_has_no_stubs(tmp_path: Path) -> None:
    place_stubs(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "is_lost"),
    [(None, True), ("", True), (HEADER, True), (HEADER + "1,one\n", False)],
    ids=["missing", "empty", "header only", "filled"],
)
def test_a_filled_table_is_lost_where_it_is_gone_or_only_a_header(app: Path, there: str, is_lost: bool) -> None:
    write_tables(app, TABLES, ROWS)
    if there is None:
        lookup_path(app, B).unlink()
    else:
        lookup_path(app, B).write_text(there, encoding="utf-8")
    assert lost(app, (A, B)) is is_lost
    assert not lost(app, (A,))
    assert not lost(app, ())


def test_tables_are_written_whole_each_from_the_same_entries(app: Path) -> None:
    place_stubs(app)
    write_tables(app, TABLES, ROWS)
    assert text(app, A) == "QID,TITLE\n1,one\n2,two\n3,three\n"
    assert text(app, B) == "QID\n1\n2\n3\n"
    assert names(app) == [A, B, "qualys_severity.csv"]


def test_the_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    write_tables(tmp_path, TABLES, [])
    assert names(tmp_path) == [A, B]


def torn(error: Exception) -> Iterator[list[Entry]]:
    yield ROWS[0]
    raise error


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), sqlite3.DatabaseError("damaged"), KeyError()]
)
def test_an_error_leaves_the_tables_of_before_and_nothing_else(app: Path, error: Exception) -> None:
    write_tables(app, TABLES, ROWS)
    before = text(app, A), text(app, B)
    with pytest.raises(type(error)):
        write_tables(app, TABLES, torn(error))
    assert (text(app, A), text(app, B)) == before
    assert names(app) == [A, B, "qualys_severity.csv"]


def test_readers_of_the_table_of_before_keep_it(app: Path) -> None:
    """A search that reads while the table is replaced reads to the old one's end."""
    write_tables(app, TABLES, ROWS)
    with lookup_path(app, A).open(encoding="utf-8") as search:
        assert search.readline() == HEADER
        write_tables(app, TABLES, [[("9", "nine")]])
        assert search.read() == "1,one\n2,two\n3,three\n"
    assert text(app, A) == HEADER + "9,nine\n"
