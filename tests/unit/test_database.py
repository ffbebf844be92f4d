"""SQLite files of the checkpoint folder: private, whole or empty, and an error where the disk refuses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qualys_ta.splunk.database import open_database, open_for_reading

SCHEMA = "CREATE TABLE IF NOT EXISTS fact (name TEXT)"


def count(database: sqlite3.Connection) -> int:
    (found,) = database.execute("SELECT count(*) FROM fact").fetchone()
    return int(found)


def written(path: Path) -> None:
    with closing(open_database(path, SCHEMA)) as database:
        database.executemany("INSERT INTO fact VALUES (?)", [("x" * 200,)] * 300)
        database.commit()


def test_a_database_is_made_once_private_and_with_a_rollback_journal(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    written(path)
    with closing(open_database(path, SCHEMA)) as database:
        assert count(database) == 300
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("what", [b"no database" * 500, b"", b"SQLite format 3\x00" + b"\xff" * 9000])
def test_what_cannot_be_read_is_replaced_by_an_empty_one(tmp_path: Path, what: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(what)
    with closing(open_database(path, SCHEMA)) as database:
        assert count(database) == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_page_that_is_damaged_is_found_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    written(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xaa" * 4096 + whole[12288:])
    with closing(open_database(path, SCHEMA)) as database:
        assert count(database) == 0


def test_a_folder_is_no_database_and_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        open_database(tmp_path, SCHEMA)
    assert tmp_path.is_dir()


def test_readers_change_nothing_and_make_nothing(tmp_path: Path) -> None:
    path = tmp_path / "with # and % in it.db"
    with pytest.raises(sqlite3.OperationalError), closing(open_for_reading(path)) as reader:
        count(reader)
    assert list(tmp_path.iterdir()) == []
    written(path)
    with closing(open_for_reading(path)) as reader:
        assert count(reader) == 300
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("DELETE FROM fact")
