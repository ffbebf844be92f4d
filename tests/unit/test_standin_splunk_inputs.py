"""Scripts started as splunkd starts them: what they are told, what is indexed, how they are stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.splunk import SplunkStandin, StandinError
from support.fake_addon import NAME, eventually, fake_splunk


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    with fake_splunk(tmp_path_factory.mktemp("inputs")) as splunk:
        yield splunk


def _raw(splunk: SplunkStandin, name: str) -> list[str]:
    return [row["raw"] for row in splunk.events() if row["stanza"] == f"qualys://{name}"]


def _add(splunk: SplunkStandin, mode: str, **settings: str) -> str:
    splunk.post("data/inputs/qualys", name=mode, mode=mode, **settings)
    return mode


def test_what_a_script_is_told(splunk: SplunkStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    run = splunk.tick(_add(splunk, "echo", remark='<&"é', index="main"))
    assert (run.returncode, run.events, run.stream_error) == (0, 2, "")
    first, second = splunk.events()[-2:]
    assert "PYTHONPATH" not in first["raw"]
    for part in (f"'SPLUNK_HOME': '{splunk.home}'", f"'SPLUNK_DB': '{splunk.home}/var/lib/splunk'", "cwd=/ "):
        assert part in first["raw"]
    assert f'<stanza name="qualys://echo" app="{NAME}">' in second["raw"]
    assert '<param name="remark">&lt;&amp;"é</param>' in second["raw"]
    assert f"<server_uri>{splunk.management_url}</server_uri>" in second["raw"]
    assert f"<checkpoint_dir>{splunk.home}/var/lib/splunk/modinputs/qualys</checkpoint_dir>" in second["raw"]
    assert (splunk.home / "var/lib/splunk/modinputs/qualys").is_dir()


def test_an_event_keeps_its_own_fields_and_takes_the_stanzas_for_the_rest(splunk: SplunkStandin) -> None:
    first, second = [row for row in splunk.events() if row["stanza"] == "qualys://echo"][:2]
    assert {key: first[key] for key in ("time", "index", "host", "source", "sourcetype")} == {
        "time": 1732170000.5,
        "index": "main",
        "host": "stand-in",
        "source": "qualys",
        "sourcetype": "qualys",
    }
    assert [second[key] for key in ("index", "host", "source", "sourcetype")] == [
        "summary",
        "elsewhere",
        "qualys://echo",
        "fake:input",
    ]


def test_stderr_goes_to_the_run_and_to_splunkd_log(splunk: SplunkStandin) -> None:
    run = splunk.tick(_add(splunk, "fail"))
    assert (run.returncode, run.stderr) == (1, "ERROR it went wrong\n")
    log = splunk.log("splunkd.log")
    assert "ERROR ExecProcessor - message from" in log
    assert "qualys://fail exited with code 1" in log
    last = splunk.splunkd.store.last_run("qualys://fail")
    assert last is not None
    assert last.returncode == 1


def test_a_killed_run_keeps_its_whole_events(splunk: SplunkStandin) -> None:
    run = splunk.start(_add(splunk, "hang"))
    eventually(lambda: run.events == 1)
    assert run.poll() is None
    run.kill()
    assert run.wait(20).returncode == -signal.SIGKILL
    assert run.stream_error == ""
    assert _raw(splunk, "hang") == ["before the kill"]


@pytest.mark.parametrize(("mode", "indexed"), [("ill_formed", ["good"]), ("not_closed", ["good"])])
def test_a_stream_that_is_not_xml_is_reported(splunk: SplunkStandin, mode: str, indexed: list[str]) -> None:
    run = splunk.tick(_add(splunk, mode))
    assert run.stream_error
    assert run.stream_error in splunk.log("splunkd.log")
    assert _raw(splunk, mode) == indexed


def test_events_are_broken_and_cut_by_props(splunk: SplunkStandin) -> None:
    assert splunk.tick(_add(splunk, "broken")).events == 2
    assert _raw(splunk, "broken") == ["ID=1 a\nb", "ID=2 c"]
    splunk.tick(_add(splunk, "long"))
    assert [len(raw) for raw in _raw(splunk, "long")] == [10_000, 20_000]


def test_an_index_that_does_not_exist_loses_its_events(splunk: SplunkStandin) -> None:
    assert splunk.tick(_add(splunk, "nowhere")).events == 0
    assert "index=no_such_index" in splunk.log("splunkd.log")


def test_validation_and_scheme(splunk: SplunkStandin) -> None:
    assert splunk.validate("x", mode="echo") == ""
    assert splunk.validate("x", mode="wrong") == "x: no mode wrong"
    assert [argument.name for argument in splunk.scheme().arguments] == ["mode", "remark"]
    with pytest.raises(StandinError, match="400: y: no mode wrong"):
        splunk.post("data/inputs/qualys", name="y", mode="wrong")
    with pytest.raises(StandinError, match='Argument "spelled" is not supported'):
        splunk.post("data/inputs/qualys", name="y", mode="echo", spelled="wrong")
    with pytest.raises(StandinError, match="required arguments are missing: mode"):
        splunk.post("data/inputs/qualys", name="y")
    with pytest.raises(StandinError, match="404"):
        splunk.tick("y")


def test_the_scheduler_repeats_and_never_doubles(tmp_path: Path) -> None:
    with fake_splunk(tmp_path) as splunk:
        splunk.schedule(period_s=0.05)
        _add(splunk, "broken", disabled="0")
        eventually(lambda: len(splunk.events()) >= 6)
        _add(splunk, "polite")
        splunk.post("data/inputs/qualys/polite/enable")
        eventually(lambda: "started" in _raw(splunk, "polite"))
        before = len(splunk.events("fake:broken"))
        eventually(lambda: len(splunk.events("fake:broken")) >= before + 6)
        assert _raw(splunk, "polite") == ["started"]
        splunk.post("data/inputs/qualys/polite/disable")
        eventually(lambda: splunk.splunkd.store.last_run("qualys://polite"))
        last = splunk.splunkd.store.last_run("qualys://polite")
        assert last is not None
        assert (last.returncode, last.stream_error) == (0, "")


def test_stopping_ends_every_process(tmp_path: Path) -> None:
    with fake_splunk(tmp_path) as splunk:
        run = splunk.start(_add(splunk, "polite"))
        eventually(lambda: run.events)
    with pytest.raises(ProcessLookupError):
        os.kill(run.pid, 0)


def test_a_restart_keeps_settings_and_events(tmp_path: Path) -> None:
    with fake_splunk(tmp_path) as splunk:
        splunk.tick(_add(splunk, "broken", remark="kept"))
    with fake_splunk(tmp_path) as splunk:
        (entry,) = splunk.get("data/inputs/qualys")["entry"]
        assert entry["content"]["remark"] == "kept"
        assert len(splunk.events()) == 2
