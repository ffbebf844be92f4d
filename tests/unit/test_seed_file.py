"""A .seed file: whole pages or nothing, whoever dies, whatever the disk says, and whoever writes beside us."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from qualys_ta.errors import ConfigError, TryLater
from qualys_ta.splunk import seed_file
from qualys_ta.splunk.seed_file import SeedFile
from qualys_ta.splunk.seed_place import SeedPlace
from support.core import PACKAGE

STARTED = 1_714_557_600.0  # 2024-05-01T10:00:00Z
NAME = "2024_05_01_10_00_00_TA_QualysCloudPlatform.seed"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return folder


@pytest.fixture
def file(tmp_path: Path) -> SeedPlace:
    return SeedPlace(tmp_path / "all.seed", is_folder=False)


@pytest.fixture
def folder(tmp_path: Path) -> SeedPlace:
    (tmp_path / "seeds").mkdir()
    return SeedPlace(tmp_path / "seeds", is_folder=True)


def append(seed: SeedFile, *events: str) -> None:
    seed.begin()
    for event in events:
        seed.write(f"\n{event}".encode())
    seed.commit()


def left(notes: Path) -> list[str]:
    """What is noted of pages in work."""
    return [path.name for path in notes.iterdir() if path.suffix != ".lock"]


def test_pages_of_all_runs_go_into_the_file_that_was_named(file: SeedPlace, notes: Path) -> None:
    first = SeedFile(file, notes, STARTED)
    append(first, "a", "b")
    append(first, "c")
    append(SeedFile(file, notes, STARTED + 60), "d")
    assert file.path.read_text() == "a\nb\nc\nd"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert left(notes) == []


def test_a_folder_gets_a_file_for_each_run(folder: SeedPlace, notes: Path) -> None:
    runs = [SeedFile(folder, notes, STARTED) for _ in range(2)]
    for number, run in enumerate(runs):
        assert run.path is None
        append(run, f"{number}a")
        append(run, f"{number}b")
    assert {path.name: path.read_text() for path in folder.path.iterdir()} == {
        NAME: "0a\n0b",
        NAME.replace("00_TA", "01_TA"): "1a\n1b",
    }


def test_a_file_that_ends_with_a_line_gets_no_empty_one(file: SeedPlace, notes: Path) -> None:
    file.path.write_text("HOSTGONE: HOST_ID=1\n")
    append(SeedFile(file, notes, STARTED), "a")
    assert file.path.read_text() == "HOSTGONE: HOST_ID=1\na"


def test_a_page_that_is_taken_back_leaves_nothing(folder: SeedPlace, file: SeedPlace, notes: Path) -> None:
    for place in (folder, file):
        seed = SeedFile(place, notes, STARTED)
        seed.begin()
        seed.write(b"\na")
        seed.roll_back()
        seed.roll_back()
    assert list(folder.path.iterdir()) == []
    assert file.path.read_text() == ""
    append(seed, "b")
    assert file.path.read_text() == "b"
    assert left(notes) == []


def die_in_the_middle(place: SeedPlace, notes: Path) -> None:
    """Another process that is killed while it writes a page."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from qualys_ta.splunk.seed_file import SeedFile; from qualys_ta.splunk.seed_place import SeedPlace\n"
        "seed = SeedFile(SeedPlace(Path(sys.argv[1]), sys.argv[2] == '1'), Path(sys.argv[3]), 1714557600.0)\n"
        "seed.begin(); seed.write(b'\\nwhole\\nhal'); os._exit(9)\n"
    )
    argv = [sys.executable, "-c", script, str(place.path), str(int(place.is_folder)), str(notes)]
    assert subprocess.run(argv, check=False, env={**os.environ, "PYTHONPATH": str(PACKAGE / "bin")}).returncode == 9


def test_who_comes_next_cuts_off_what_a_killed_writer_left(file: SeedPlace, notes: Path) -> None:
    append(SeedFile(file, notes, STARTED), "before")
    die_in_the_middle(file, notes)
    assert file.path.read_text() == "before\nwhole\nhal"
    append(SeedFile(file, notes, STARTED), "after")
    assert file.path.read_text() == "before\nafter"


def test_the_same_in_a_folder(folder: SeedPlace, notes: Path) -> None:
    die_in_the_middle(folder, notes)
    append(SeedFile(folder, notes, STARTED), "after")
    assert sorted(path.read_text() for path in folder.path.iterdir()) == ["after"]


def test_a_file_that_took_the_place_of_a_dead_writers_is_left_alone(file: SeedPlace, notes: Path) -> None:
    die_in_the_middle(file, notes)
    file.path.rename(file.path.with_suffix(".1"))
    file.path.write_text("HOSTGONE: of somebody else")
    append(SeedFile(file, notes, STARTED), "a")
    assert file.path.read_text() == "HOSTGONE: of somebody else\na"


@pytest.mark.parametrize("note", ["", "{", "[]", '{"path": 7, "inode": 1, "length": 0}'])
def test_a_note_that_says_nothing_is_removed(file: SeedPlace, notes: Path, note: str) -> None:
    seed = SeedFile(file, notes, STARTED)
    seed._note.write_text(note)
    append(seed, "a")
    assert file.path.read_text() == "a"
    assert left(notes) == []


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_full_disk_takes_the_page_back(
    file: SeedPlace, notes: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(SeedFile(file, notes, STARTED), "before")
    seed = SeedFile(file, notes, STARTED)
    seed.begin()
    seed.write(b"\nsome")
    with monkeypatch.context() as patch:
        patch.setattr(seed_file.os, broken, _no_space)
        with pytest.raises(TryLater, match=r"all\.seed cannot be written: No space"):
            _finish(seed)
    seed.roll_back()
    assert file.path.read_text() == "before"
    assert left(notes) == []


def _finish(seed: SeedFile) -> None:
    seed.write(b"\nmore")
    seed.commit()


def _no_space(*_: object) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("obstacle", ["folder", "link", "gone"])
def test_a_place_that_changed_meanwhile_needs_a_person(file: SeedPlace, notes: Path, obstacle: str) -> None:
    obstacles: dict[str, Callable[[], object]] = {
        "folder": file.path.mkdir,
        "link": lambda: file.path.symlink_to(file.path.parent / "elsewhere"),
        "gone": lambda: None,
    }
    obstacles[obstacle]()
    place = SeedPlace(file.path / "x", is_folder=False) if obstacle == "gone" else file
    seed = SeedFile(place, notes, STARTED)
    with pytest.raises(ConfigError) as refused:
        seed.begin()
    seed.roll_back()
    assert refused.value.setting == "seed_file_path"
    assert not (file.path.parent / "elsewhere").exists()


def test_two_inputs_write_whole_pages_side_by_side(file: SeedPlace, notes: Path) -> None:
    def write(name: str) -> None:
        seed = SeedFile(file, notes, STARTED)
        for page in range(20):
            append(seed, *(f"{name} {page} {number}" for number in range(5)))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = file.path.read_text().split("\n")
    pages = [lines[start : start + 5] for start in range(0, len(lines), 5)]
    assert all(len({line.rpartition(" ")[0] for line in page}) == 1 for page in pages)
    assert len(set(lines)) == len(lines) == 200


def test_an_input_that_never_comes_to_an_end_is_not_waited_for_for_ever(
    file: SeedPlace, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed_file, "LONGEST_WAIT_S", 0.0)
    other, seed = (SeedFile(file, notes, STARTED) for _ in range(2))
    other.begin()
    with pytest.raises(TryLater, match="another input is writing"):
        seed.begin()
    other.roll_back()
    append(seed, "a")
    assert file.path.read_text() == "a"
