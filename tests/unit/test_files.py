"""Files survive a kill, locks do not."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qualys_ta.splunk import files
from qualys_ta.splunk.files import locked, sweep, write_whole, writing_whole
from support.core import PACKAGE

ENVIRON = {"PYTHONPATH": str(PACKAGE / "bin"), "PYTHONDONTWRITEBYTECODE": "1"}
HOLDER = """
import sys
from pathlib import Path
from qualys_ta.splunk.files import locked
with locked(Path(sys.argv[1])) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that tries to hold the lock and says whether it does; it ends when its stdin is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_text_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_whole(path, "néw")
    assert path.read_text(encoding="utf-8") == "néw"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


class Killed(BaseException):
    """SIGTERM arrives in the middle of it."""


@pytest.mark.parametrize("error", [OSError("no space"), Killed()])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_goes_wrong_leaves_the_old_text_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, call: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "x.json"
    write_whole(path, "old")
    monkeypatch.setattr(*((os, "fsync", fail) if call == "fsync" else (files, "replace", fail)))
    with pytest.raises(type(error)):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_written_piece_by_piece_takes_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    write_whole(path, "old")
    with writing_whole(path) as file:
        for number in range(10_000):
            file.write(f"{number}\r\n")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_bytes().endswith(b"9998\r\n9999\r\n")
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_people_know(tmp_path: Path) -> None:
    """Not the temporary one; that of a full disk names none."""
    with pytest.raises(OSError) as full, writing_whole(tmp_path / "x.csv"):
        raise OSError(28, "No space left on device")
    assert (full.value.errno, full.value.filename) == (28, str(tmp_path / "x.csv"))
    with pytest.raises(FileNotFoundError) as missing, writing_whole(tmp_path / "none" / "x.csv"):
        pass
    assert missing.value.filename == str(tmp_path / "none" / "x.csv")


def test_what_killed_processes_began_is_swept_and_nothing_else(tmp_path: Path) -> None:
    names = ("x.csv", "x.csv.12.tmp", "x.csv.345.tmp", "y.csv.12.tmp", "x.csv.tmp", "x.csv.12.tmp.bak", "x.csv.default")
    for name in names:
        (tmp_path / name).touch()
    sweep(tmp_path / "x.csv")
    assert {path.name for path in tmp_path.iterdir()} == set(names) - {"x.csv.12.tmp", "x.csv.345.tmp"}


def test_disk_full(tmp_path: Path) -> None:
    """Shown with a limit on the size of files: the old text stays."""
    path = tmp_path / "x.json"
    write_whole(path, "old")
    code = (
        "import resource, signal, sys; from pathlib import Path; from qualys_ta.splunk.files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_whole(Path(sys.argv[1]), 'x' * 5000)\n"
        "except OSError as error: print(error.strerror)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, env=ENVIRON
    )
    assert done.stdout == "File too large\n"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_one_process_holds_the_lock_and_its_end_releases_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path) as first:
        assert says(first) == "True"
        with locked(path) as held:
            assert not held
        first.send_signal(signal.SIGKILL)
        first.wait()
    with locked(path) as held:
        assert held
    assert path.exists()


def test_two_starts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with holder(path) as first, holder(path) as second:
        assert sorted([says(first), says(second)]) == ["False", "True"]
        first.communicate()
        second.communicate()


def test_lock_file_that_somebody_removed_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    path.unlink()
    assert not files._holds(fd, path)
    path.touch()
    assert not files._holds(fd, path)
    os.close(fd)
