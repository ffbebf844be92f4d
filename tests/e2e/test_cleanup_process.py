"""`cleanup.py` as a person starts it, beside an input that runs: that one's files stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.pythons import VERSIONS, how_to_get, interpreter
from support.e2e import DEADLINE_S, NAME, Site
from support.fake_addon import eventually

PAGE = "host_detection_2026-11-20-10-00-00_4711_batch_1.xml"


def cleanup(site: Site, *options: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """What `splunk cmd python ./bin/cleanup.py` starts, from the add-on's folder; nobody is at the terminal."""
    return subprocess.run(
        [python, "./bin/cleanup.py", *options],
        cwd=site.splunk.app_home,
        env=site.splunk.splunkd.scripts.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )


def put(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"<left over/>")
    return [folder / name for name in names]


def test_a_running_input_is_not_disturbed(site: Site) -> None:
    site.save("api", preserve_api_output="1")
    site.qualys.faults.set("stall")
    run = site.start()
    eventually(lambda: len(site.calls) == 1)
    pid_file = site.tmp / f"{NAME}.pid"
    its = [*put(site.pages, PAGE, f"{PAGE}.errored"), *put(site.pages / "preserved", PAGE), pid_file]
    others = put(site.pages.with_name("deleted_input"), PAGE, f"{PAGE}.events")
    done = cleanup(site, "--all", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(path.exists() for path in its)
    assert not any(path.exists() for path in others)
    assert f"  {NAME}: it is running." in done.stdout.splitlines()
    run.kill()
    run.wait(DEADLINE_S)
    assert "it is running" not in cleanup(site, "--hd", "--yes").stdout
    assert not any(path.exists() for path in its)
    site.save("api", preserve_api_output="0")
    site.qualys.faults.set()
    assert site.tick().returncode == 0
    site.assert_complete()


def test_cleaning_while_it_pulls_loses_nothing(site: Site) -> None:
    """Over and over, until the pull has ended."""
    run = site.start()
    while run.poll() is None:
        assert cleanup(site, "--all", "--yes").returncode == 0
    run.wait(DEADLINE_S)
    assert site.lines("ERROR") == []
    if site.calls == []:  # the lock was held while the input started: it comes with the next tick
        assert site.tick().returncode == 0
    site.assert_complete()


@pytest.mark.parametrize(("flag", "metric"), [("pc", "policy_posture_info"), ("was", "was_findings")])
def test_an_option_of_another_metric_leaves_this_ones(site: Site, flag: str, metric: str) -> None:
    its = put(site.tmp / metric / metric, f"{metric}_2026-11-20-10-00-00_4711_batch_1.xml.waiting", PAGE)
    others = put(site.pages, PAGE)
    done = cleanup(site, f"--{flag}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2].split()[:3] == [metric, "2", "0"]
    assert [path.exists() for path in (*its, *others)] == [False, False, True]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_python_of_splunk_runs_it(site: Site, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(how_to_get(version))
    left = put(site.pages, PAGE)
    assert cleanup(site, "--help", python=python).stdout.startswith("usage: splunk cmd python bin/cleanup.py")
    done = cleanup(site, "--hd", python=python)
    assert (done.returncode, done.stderr) == (0, "")
    assert not left[0].exists()
    assert done.stdout.splitlines()[-1].split() == ["Total", "1", "0", "0", "0", "0.0"]
