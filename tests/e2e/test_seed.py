"""Events in a .seed file instead of the stream: the same ones, whoever is killed and whatever the disk says."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.splunk.stream import StreamEvent
from support.deaths import KILLED
from support.e2e import EVENTS_PER_PAGE, HOSTS, PER_PAGE, Site

SOURCETYPE = "qualys:hostDetection"


def into(site: Site, path: Path) -> None:
    site.save("vm", enable_seed_file_generation="1", seed_file_path=str(path))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def index(site: Site, *paths: Path) -> None:
    """What ``splunk add oneshot`` does, and a monitor. Nothing else may have come."""
    assert site.raw == []
    read = [{"data": path.read_bytes().decode(), "sourcetype": SOURCETYPE, "source": str(path)} for path in paths]
    site.splunk.splunkd._indexer().add([StreamEvent("monitor", fields) for fields in read])


def test_a_folder_gets_a_file_for_each_run_and_it_holds_what_the_stream_would(site: Site, tmp_path: Path) -> None:
    assert site.tick().returncode == 0
    streamed = sorted(site.raw)
    site.fresh()
    into(site, tmp_path)
    run = site.tick()
    assert (run.returncode, run.events) == (0, 0)
    (file,) = files(tmp_path)
    assert file.name.endswith("_TA_QualysCloudPlatform.seed")
    assert file.stat().st_mode & 0o777 == 0o600
    index(site, file)
    site.assert_complete()
    assert sorted(site.raw) == streamed
    site.qualys.touch()
    site.splunk.clean()
    site.ask("run_now")
    assert site.tick(clock=60).returncode == 0
    assert len(files(tmp_path)) == 2


def test_a_file_is_appended_to_by_all_runs(site: Site, tmp_path: Path) -> None:
    into(site, tmp_path / "all.seed")
    assert site.tick().returncode == 0
    before = (tmp_path / "all.seed").read_bytes()
    site.ask("start_again", since="1999-01-01T00:00:00Z")
    assert site.tick().returncode == 0
    assert (tmp_path / "all.seed").read_bytes() == before + b"\n" + before
    index(site, tmp_path / "all.seed")
    site.assert_complete(repeats=HOSTS // PER_PAGE * EVENTS_PER_PAGE)


def test_a_pull_killed_while_it_writes_the_file_leaves_whole_events(site: Site, tmp_path: Path) -> None:
    """Each page is begun, written, synced, and its note taken away; the kills are spread over the pages."""
    for number in (1, 2, 3, 5, 8):
        site.fresh()
        file = tmp_path / f"{number}.seed"
        into(site, file)
        assert site.tick(kill=["seed_file", number]).returncode == KILLED
        assert site.tick().returncode == 0
        index(site, file)
        site.assert_complete(repeats=EVENTS_PER_PAGE)


def test_a_disk_that_is_full_takes_the_page_back_and_the_run_tries_later(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "all.seed"
    into(site, file)
    assert site.tick(full={"seed_file": 100_000}).returncode == 1
    assert site.error() == (
        f"Path of the .seed file: {file} cannot be written: File too large. The page was taken back; nothing is lost."
    )
    assert site.state["outcome"] == "later"
    assert file.stat().st_size < 100_000
    assert site.tick(clock=61).returncode == 0
    index(site, file)
    site.assert_complete()
    assert site.repeats == 0


@pytest.mark.parametrize("change", ["gone", "foreign"])
def test_a_place_that_is_not_good_any_more_is_told_before_anything_is_asked(
    site: Site, tmp_path: Path, change: str
) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir()
    into(site, folder / "all.seed")
    if change == "gone":
        folder.rmdir()
    else:
        (folder / "all.seed").write_text("root:x:0:0:root:/root:/bin/bash\n")
    assert site.tick().returncode == 1
    assert site.error().endswith("(setting: seed_file_path)")
    assert (site.calls, site.state["outcome"]) == ([], "held")


def test_gone_hosts_are_told_in_the_file_too(site: Site, tmp_path: Path) -> None:
    into(site, tmp_path / "all.seed")
    assert site.tick().returncode == 0
    gone = site.qualys.population.ids[0]
    site.qualys.remove_hosts([gone])
    assert site.tick(clock=86_500).returncode == 0
    index(site, tmp_path / "all.seed")
    (text,) = [text for text in site.raw if text.startswith("HOSTGONE: ")]
    assert text.startswith(f"HOSTGONE: HOST_ID={gone}, ")
