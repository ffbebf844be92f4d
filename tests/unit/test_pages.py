"""Downloaded answers: private, within the quota, nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qualys_ta.api.pages import ERRORED, ERRORED_KEPT_S, PRESERVED, PageFolder
from qualys_ta.errors import ConfigError, TryLater

NOW = 1_714_557_600.0


def opened(path: Path, quota: int = 1000, preserve: bool = False) -> PageFolder:
    folder = PageFolder(path / "x", "host_detection", quota, preserve, clock=lambda: NOW)
    folder.open()
    return folder


def page(folder: PageFolder, size: int = 10) -> Path:
    path = folder.next_path()
    with folder.writer(path) as writer:
        writer.write(b"x" * size)
    return path


def names(path: Path) -> list[str]:
    return sorted(str(found.relative_to(path / "x")) for found in (path / "x").rglob("*") if found.is_file())


def test_page_is_private_and_removed_once_it_was_written(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    path = page(folder)
    assert path.name == f"host_detection_2024-05-01-10-00-00_{os.getpid()}_batch_1.xml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    folder.discard(path)
    assert names(tmp_path) == []


def test_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir(mode=0o777)
    opened(tmp_path)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o700


def test_what_a_killed_run_left_goes_and_errored_pages_stay_a_week(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    page(folder)
    young, old = folder.errored(page(folder)), folder.errored(page(folder))
    assert young.name.endswith(ERRORED)
    for path, age_s in ((young, ERRORED_KEPT_S - 60), (old, ERRORED_KEPT_S + 60)):
        os.utime(path, (NOW - age_s, NOW - age_s))
    opened(tmp_path)
    assert names(tmp_path) == [young.name]


def test_preserved_pages_survive_the_next_run(tmp_path: Path) -> None:
    folder = opened(tmp_path, preserve=True)
    path = page(folder)
    folder.discard(path)
    opened(tmp_path)
    assert names(tmp_path) == [f"{PRESERVED}/{path.name}"]


def test_page_that_does_not_fit_names_the_setting(tmp_path: Path) -> None:
    folder = opened(tmp_path, quota=100)
    page(folder, 60)
    with pytest.raises(ConfigError) as caught:
        page(folder, 60)
    assert caught.value.setting == "temp_quota_mb"
    assert len(names(tmp_path)) == 1


def test_a_page_may_be_fetched_again_in_its_own_room(tmp_path: Path) -> None:
    folder = opened(tmp_path, quota=100)
    path = folder.next_path()
    for _ in range(3):
        with folder.writer(path) as writer:
            writer.write(b"x" * 90)
    assert path.stat().st_size == 90


def test_preserved_pages_make_room_oldest_first(tmp_path: Path) -> None:
    folder = opened(tmp_path, quota=100, preserve=True)
    kept = []
    for age_s in (300, 200, 100):
        path = page(folder, 30)
        folder.discard(path)
        kept.append(tmp_path / "x" / PRESERVED / path.name)
        os.utime(kept[-1], (NOW - age_s, NOW - age_s))
    page(folder)
    assert [path.exists() for path in kept] == [False, False, True]


def test_disk_that_refuses_is_tried_later(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    folder = opened(tmp_path, quota=1 << 20)
    writer = folder.writer(tmp_path / "x" / "page")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._file.fileno())
    os.close(full)
    with pytest.raises(TryLater, match="No space left on device"), writer:
        writer.write(b"x" * 100_000)


def test_folder_that_cannot_be_used_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path)
    assert caught.value.setting == "temp_dir"
