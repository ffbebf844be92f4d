"""splunkd's door: what it says on stdin, and the tick that is not due."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.splunk import modinput, state
from qualys_ta.splunk.invocation import Invocation, Stanza, read_invocation
from qualys_ta.splunk.modinput import main, tick
from support.core import PACKAGE

APP = "TA-QualysCloudPlatform"


def said(checkpoint_dir: object = "/c", name: str = "qualys://host_detection", **params: str) -> bytes:
    """What splunkd writes to stdin to start an input."""
    told = "".join(f"<param name={quoteattr(key)}>{escape(value)}</param>" for key, value in params.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?><input><server_host>h&amp;1</server_host>'
        "<server_uri>https://127.0.0.1:8089</server_uri><session_key>k&lt;</session_key>"
        f"<checkpoint_dir>{checkpoint_dir}</checkpoint_dir><configuration>"
        f'<stanza name={quoteattr(name)} app="{APP}">{told}</stanza></configuration></input>'
    ).encode()


def invocation(folder: Path, **params: str) -> Invocation:
    return read_invocation(io.BytesIO(said(folder / "modinputs", **params)))


class Runs:
    """Counts the runs that a tick starts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_: object) -> int:
        self.count += 1
        return 0


@pytest.fixture
def once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, int]]:
    """One tick of an input with these parameters: its exit code, and how many runs it started."""
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    (tmp_path / "var" / "log" / "splunk").mkdir(parents=True)

    def once(**params: str) -> tuple[int, int]:
        found, runs = invocation(tmp_path, **params), Runs()
        return tick(found, found.stanzas[0], tmp_path / APP, runs), runs.count

    return once


def log_of(home: Path) -> str:
    path = home / "var" / "log" / "splunk" / "ta_QualysCloudPlatform.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_what_splunkd_says() -> None:
    found = read_invocation(io.BytesIO(said(duration="0 9 * * *", start_date="", note='<&" é')))
    assert (found.server_host, found.server_uri, found.session_key) == ("h&1", "https://127.0.0.1:8089", "k<")
    assert found.checkpoint_dir == Path("/c")
    params = {"duration": "0 9 * * *", "start_date": "", "note": '<&" é'}
    assert found.stanzas == (Stanza("qualys://host_detection", APP, params),)
    assert found.stanzas[0].name == "host_detection"


def test_what_splunkd_asks_to_validate() -> None:
    body = b'<items><server_host>h</server_host><item name="vm"><param name="duration">5</param></item></items>'
    (stanza,) = read_invocation(io.BytesIO(body)).stanzas
    assert (stanza.name, stanza.params) == ("vm", {"duration": "5"})


@pytest.mark.parametrize("body", [b"", b"x", b"<input>"])
def test_what_splunkd_never_says(
    body: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError):
        read_invocation(io.BytesIO(body))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert main(["qualys.py"], Path(), Runs()) == 1
    assert capsys.readouterr().err.startswith("ERROR splunkd's input cannot be read")


def test_new_interval_input_runs_at_once(once: Callable[..., tuple[int, int]]) -> None:
    assert once(duration="1h") == (0, 1)


def test_tick_that_is_not_due_says_nothing(once: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    folder = tmp_path / "modinputs"
    folder.mkdir()
    state.save(folder, "host_detection", state.State().started(modinput.time.time()).closed())
    assert once(duration="1h") == (0, 0)
    assert log_of(tmp_path) == ""
    state.ask(folder, "host_detection", state.RUN_NOW)
    assert once(duration="1h") == (0, 1)


def test_cron_input_remembers_when_it_was_first_seen(once: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    assert once(duration="0 0 1 1 *")[0] == 0
    saved = json.loads((tmp_path / "modinputs" / "host_detection.json").read_text(encoding="utf-8"))
    assert saved["first_seen"] > 0
    once(duration="0 0 1 1 *")
    assert json.loads((tmp_path / "modinputs" / "host_detection.json").read_text(encoding="utf-8")) == saved


def test_schedule_that_cannot_be_read_is_one_line_and_no_run(
    once: Callable[..., tuple[int, int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert once(duration="0 25 * * *") == (1, 0)
    assert once(duration="0 25 * * *") == (0, 0)
    assert log_of(tmp_path).count("ERROR") == capsys.readouterr().err.count("ERROR") == 1
    assert "0 25 * * *" in log_of(tmp_path)


def test_damaged_checkpoint_is_a_warning_and_a_run(once: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    (tmp_path / "modinputs").mkdir()
    (tmp_path / "modinputs" / "host_detection.json").write_text("{", encoding="utf-8")
    assert once(duration="1h") == (0, 1)
    assert log_of(tmp_path).count("WARNING: The checkpoint") == 1


def test_folder_that_cannot_be_used_is_an_error(once: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    (tmp_path / "modinputs").write_text("a file", encoding="utf-8")
    assert once(duration="1h") == (1, 0)
    assert "Cannot use the checkpoint folder" in log_of(tmp_path)


HEAVY = ("requests", "urllib3", "sqlite3", "solnlib", "splunklib", "xml.etree", "ssl", "http", "email")


def test_tick_that_is_not_due_imports_next_to_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "modinputs"
    folder.mkdir()
    state.save(folder, "host_detection", state.State().started(modinput.time.time()).closed())
    code = (
        "import sys; from pathlib import Path; from qualys_ta.splunk.modinput import main\n"
        "code = main(['qualys.py'], Path(sys.argv[1]), None)\n"
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        input=said(folder, duration="1h"),
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE / "bin"), "SPLUNK_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout == b"0 []\n"
    assert done.stderr == b""
