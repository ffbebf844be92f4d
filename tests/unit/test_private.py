"""Private files and folders: closed whatever the umask, and never by way of a link that somebody put there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualys_ta.api.pages import PRESERVED, PageFolder
from qualys_ta.errors import ConfigError
from qualys_ta.private import make_folder, open_new
from qualys_ta.splunk.database import open_database
from qualys_ta.splunk.files import locked, write_whole
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.lookups import place_stubs
from support.files import open_to_others


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def pages(path: Path) -> PageFolder:
    return PageFolder(path, "host_detection", 1 << 20, preserve=True)


def test_every_way_to_write_makes_private_files(tmp_path: Path) -> None:
    (tmp_path / "lookups").mkdir(mode=0o700)
    (tmp_path / "lookups" / "a.csv.default").write_text("QID\n")
    (tmp_path / "lookups" / "a.csv.default").chmod(0o600)
    place_stubs(tmp_path)
    write_whole(tmp_path / "whole", "x")
    Log(tmp_path / "log", "x").info("x")
    with locked(tmp_path / "lock"):
        pass
    database = open_database(tmp_path / "database", "CREATE TABLE x (y)")
    database.execute("INSERT INTO x VALUES (1)")  # begins a transaction, so that the journal is there, too
    found = [*tmp_path.rglob("*")]
    database.close()
    assert {"a.csv", "whole", "log", "lock", "database", "database-journal"} <= {path.name for path in found}
    assert open_to_others(path for path in found if path.exists()) == []


def test_a_database_is_private_before_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite makes its files as the umask allows, and what is closed later may have been opened before."""
    monkeypatch.setattr(Path, "chmod", lambda _path, _mode: None)
    open_database(tmp_path / "database", "CREATE TABLE x (y)").close()
    assert open_to_others([tmp_path / "database"]) == []


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for link in (tmp_path / "x", tmp_path / f"whole.{os.getpid()}.tmp"):
        link.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        open_new(tmp_path / "x")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "whole", "x")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("place", ["metric", "metric/input"])
def test_a_link_in_the_place_of_a_folder_for_pages_is_refused(tmp_path: Path, place: str) -> None:
    """To follow it would close somebody's folder, and remove what lies there as a killed run's pages."""
    victim = tmp_path / "victim"
    (victim / "input").mkdir(parents=True)
    (victim / "mine.txt").write_text("mine")
    (victim / "input" / "mine.txt").write_text("mine")
    link = tmp_path / "tmp" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    with pytest.raises(ConfigError, match=f"{link}: It is a link") as refused:
        pages(tmp_path / "tmp" / "metric" / "input").open()
    assert refused.value.setting == "temp_dir"
    assert len([*victim.rglob("*.txt")]) == 2
    assert victim.stat().st_mode & 0o777 == 0o777


def test_a_link_in_the_place_of_the_folder_of_preserved_pages_is_refused(tmp_path: Path) -> None:
    folder = pages(tmp_path / "metric" / "input")
    folder.open()
    (tmp_path / "victim").mkdir()
    (tmp_path / "metric" / "input" / PRESERVED).symlink_to(tmp_path / "victim")
    path = folder.next_path()
    with folder.writer(path) as writer:
        writer.write(b"x")
    with pytest.raises(OSError, match="It is a link"):
        folder.discard(path)
    assert [*(tmp_path / "victim").iterdir()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Who owns it could open it again, and put links into it."""
    (tmp_path / "x").mkdir()
    os.chown(tmp_path / "x", 65534, 65534)
    with pytest.raises(OSError, match="another user"):
        make_folder(tmp_path / "x")
