"""Which files were read: by time and size, else by content; another account's do not count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qualys_ta.splunk.read_files import ReadFiles, read_files_path


@pytest.fixture
def files(tmp_path: Path) -> Iterator[ReadFiles]:
    with closing(ReadFiles(read_files_path(tmp_path, "in"), "demo 1/1")) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.xml"
    path.write_text("one", "utf-8")
    return path


def note(files: ReadFiles, file: Path) -> None:
    version = files.unread(file)
    assert version
    files.add(version)


def test_a_file_is_read_once(files: ReadFiles, file: Path) -> None:
    assert files.unread(file)
    note(files, file)
    assert files.unread(file) is None


def test_a_touched_copied_or_moved_file_is_the_same(files: ReadFiles, file: Path) -> None:
    note(files, file)
    os.utime(file, (1, 1))
    assert files.unread(file) is None
    moved = file.rename(file.with_name("b.xml"))
    assert files.unread(moved) is None


def test_other_content_is_read(files: ReadFiles, file: Path) -> None:
    note(files, file)
    file.write_text("two", "utf-8")
    os.utime(file, (9, 9))
    assert files.unread(file)


def test_what_changes_while_it_is_read_is_read_again(files: ReadFiles, file: Path) -> None:
    version = files.unread(file)
    assert version
    file.write_text("more", "utf-8")
    files.add(version)
    assert files.unread(file)


def test_each_checkpoint_has_its_own_and_may_forget(tmp_path: Path, files: ReadFiles, file: Path) -> None:
    note(files, file)
    with closing(ReadFiles(read_files_path(tmp_path, "in"), "other 1/1")) as other:
        assert other.unread(file)
        other.forget()
    assert files.unread(file) is None
    files.forget()
    assert files.unread(file)
