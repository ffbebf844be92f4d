"""Files that are damaged, forbidden, or do not fit: one clear line, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.e2e import EVENTS_PER_PAGE, NAME, Site
from support.files import read_only

AN_HOUR_LATER = {"clock": 3700}
DAMAGED = {
    "empty": b"",
    "cut": b'{"v": 1, "first_seen": 17',
    "binary": b"\x00\xff\xfe",
    "a list": b"[]",
    "other values": b'{"v": 1, "outcome": "closed", "checkpoints": {"demo 1/1": {"since": 7, "open": null}}}',
}


def damage(path: Path, how: str) -> None:
    path.write_bytes(DAMAGED[how])


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_checkpoint_is_replaced_by_the_copy_of_the_last_pull(site: Site, how: str) -> None:
    """What came before the copy was made does not come again."""
    assert site.tick().returncode == 0
    since = site.checkpoint["since"]
    damage(site.checkpoints / f"{NAME}.json", how)
    site.qualys.touch()
    site.splunk.clean()
    assert site.tick(**AN_HOUR_LATER).returncode == 0
    (warning,) = site.lines("WARNING")
    assert f"{NAME}.json" in warning
    assert "the copy of the last closed window is used" in warning
    assert [path.read_bytes() for path in site.checkpoints.glob("*.unreadable-*")] == [DAMAGED[how]]
    site.assert_complete(since=since)


@pytest.mark.parametrize("how", DAMAGED)
def test_without_a_copy_all_is_pulled_again(site: Site, how: str) -> None:
    assert site.tick().returncode == 0
    damage(site.checkpoints / f"{NAME}.json", how)
    damage(site.checkpoints / f"{NAME}.json.bak", how)
    site.splunk.clean()
    assert site.tick().returncode == 0
    (warning,) = site.lines("WARNING")
    assert "starts again from the start date" in warning
    site.assert_complete()


def test_a_damaged_store_of_sent_events_costs_repeats_only(site: Site) -> None:
    site.qualys.touch(changes=False)
    assert site.tick().returncode == 0
    (site.checkpoints / f"{NAME}.seen").write_bytes(b"no database, whatever SQLite thinks" * 100)
    assert site.tick(**AN_HOUR_LATER).returncode == 0
    site.assert_complete(repeats=3 * EVENTS_PER_PAGE)


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ("checkpoints", "Permission denied. It must belong to splunkd's user."),
        ("tmp", "Permission denied. (setting: temp_dir)"),
    ],
)
def test_a_folder_that_may_not_be_written(site: Site, closed: str, told: str) -> None:
    """Nothing is asked of the platform, because nothing of it could be kept."""
    folder: Path = getattr(site, closed)
    with read_only(folder):
        assert site.tick(humble=True).returncode == 1
    assert str(folder) in site.error()
    assert site.error().endswith(told)
    assert site.calls == []
    site.save_account(skip_test="1")
    assert site.tick().returncode == 0
    site.assert_complete()


def test_a_log_that_may_not_be_written_stops_nothing(site: Site) -> None:
    """The lines go to standard error, which splunkd keeps in its own log."""
    with read_only(site.splunk.home / "var/log/splunk"):
        run = site.tick(humble=True)
    assert run.returncode == 0
    assert "cannot write" in run.stderr
    assert "Finished: " in run.stderr
    site.assert_complete()


@pytest.mark.parametrize(
    ("part", "size", "told"),
    [
        ("pages", 20_000, "Cannot write the page to {pages}: File too large. Free disk space there."),
        ("files", 100, "Cannot use {checkpoints}/host_detection.json: File too large."),
        ("seen", 100, "A store in the checkpoint folder (*.seen, *.db) cannot be used:"),
    ],
)
def test_a_full_disk(site: Site, part: str, size: int, told: str) -> None:
    """Nothing of a page is left or written; once there is room again the next start pulls all."""
    site.qualys.touch(changes=False)
    assert site.tick(clock=-7200).returncode == 0
    site.splunk.clean()
    site.ask("start_again", since="1999-01-01T00:00:00Z")
    assert site.tick(full={part: size}).returncode == 1
    assert site.error().startswith(told.format(pages=site.pages, checkpoints=site.checkpoints))
    assert list(site.pages.glob("*")) == []
    assert site.tick(**AN_HOUR_LATER).returncode == 0
    site.assert_complete()


def test_a_full_disk_at_the_very_first_start(site: Site) -> None:
    run = site.tick(full={"files": 100})
    assert run.returncode == 1
    assert site.error().startswith(f"Cannot use the checkpoint folder {site.checkpoints}: File too large. Free disk")
    assert site.calls == []
    assert site.tick().returncode == 0
    site.assert_complete()


def test_a_log_on_a_full_disk_stops_nothing(site: Site) -> None:
    log = site.splunk.home / "var/log/splunk/ta_QualysCloudPlatform.log"
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/full")  # a limit for the process would hit the threads that download, too
    run = site.tick()
    log.unlink()
    assert run.returncode == 0
    assert "Finished: " in run.stderr
    site.assert_complete()


def test_a_quota_that_a_page_does_not_fit_into(site: Site) -> None:
    """The setting is named, nothing of the page is left, and the input waits until somebody saved."""
    site.save("api", temp_quota_mb="1")
    site.pages.mkdir(parents=True)
    support_case = site.pages / "old.xml.errored"
    support_case.write_bytes(b"x" * 950_000)
    assert site.tick().returncode == 1
    assert "temp_quota_mb" in site.error()
    assert list(site.pages.iterdir()) == [support_case]
    assert (site.state["outcome"], len(site.calls), site.raw) == ("held", 1, [])
    assert site.tick(**AN_HOUR_LATER).returncode == 0
    assert len(site.calls) == 1
    site.save("api", temp_quota_mb="2")
    assert site.tick().returncode == 0
    site.assert_complete()


def test_what_a_pull_leaves(site: Site) -> None:
    """State, its copy, lock and store of sent events; for nobody else to read."""
    assert site.tick().returncode == 0
    assert site.leftovers() == []
    assert json.loads((site.checkpoints / f"{NAME}.json.bak").read_text()) == site.state
    assert {path.stat().st_mode & 0o077 for path in site.checkpoints.iterdir()} == {0}
