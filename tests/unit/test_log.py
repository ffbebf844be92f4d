"""The log: whole lines from many processes at once, and no secret in any spelling."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest

from qualys_ta.splunk import log as module
from qualys_ta.splunk.log import HIDDEN, KEPT, Log, log_path, rotate
from support.core import PACKAGE

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z PID=\d+ \(host_detection\) (?:DEBUG|INFO|WARNING|ERROR): .*", re.ASCII
)
PASSWORDS = [
    "correct horse",
    "p\"w\\d'x<&>%/+= ?#é日",
    "aaa+/bbb==",
    "Zürich\U0001f600",
    "tab\tnewline\n",
    "p:w@h",
    "percent%41%2f",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ta.log"


def test_line(path: Path) -> None:
    Log(path, "host_detection", clock=lambda: 1714557600.1239).info("a\n  b\tc")
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert LINE.fullmatch(line)
    assert line.startswith("2024-05-01T10:00:00.123Z PID=")
    assert line.endswith(" (host_detection) INFO: a b c")
    assert path.stat().st_mode & 0o777 == 0o600


def test_levels(path: Path) -> None:
    log = Log(path, "host_detection", "WARNING")
    log.debug("d")
    log.info("i")
    log.warning("w")
    log.set_level("nonsense")
    log.debug("d")
    log.info("i2")
    assert [line[-2:].strip() for line in path.read_text(encoding="utf-8").splitlines()] == ["w", "i2"]


def test_error_is_repeated_for_splunkd(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(path, "host_detection")
    log.hide(["s3cret"])
    log.error("bad s3cret\nx")
    assert capsys.readouterr().err == f"ERROR host_detection: bad {HIDDEN} x\n"


def test_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(tmp_path / "missing" / "ta.log", "host_detection")
    log.hide(["s3cret"])
    log.info("hello s3cret")
    assert f"hello {HIDDEN}" in capsys.readouterr().err


def spellings(secret: str) -> dict[str, str]:
    return {
        "plain": secret,
        "url": quote(secret),
        "url, all of it": quote(secret, safe=""),
        "form": quote_plus(secret),
        "query": urlencode({"password": secret}),
        "repr": repr(secret),
        "json": json.dumps(secret),
        "json, not ascii": json.dumps(secret, ensure_ascii=False),
        "base64": base64.b64encode(secret.encode()).decode(),
    }


@pytest.mark.parametrize("secret", PASSWORDS)
def test_secrets_are_hidden_in_every_spelling(path: Path, secret: str) -> None:
    log = Log(path, "host_detection")
    log.hide(["", secret])
    for number, spelled in enumerate(spellings(secret).values()):
        log.info(f"begin{number} {spelled} end")
    lines = path.read_text(encoding="utf-8").splitlines()
    for line, (name, spelled) in zip(lines, spellings(secret).items()):
        assert HIDDEN in line, name
        assert spelled.strip("\"'") not in line


@pytest.mark.parametrize("secret", PASSWORDS)
@pytest.mark.parametrize("user", ["u", "us", "use", "user"])
def test_basic_credentials_do_not_give_the_secret_away(path: Path, secret: str, user: str) -> None:
    log = Log(path, "host_detection")
    log.hide([secret])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        log.info(f"Authorization: Basic {encode(f'{user}:{secret}'.encode()).decode()}")
    for line in path.read_text(encoding="utf-8").splitlines():
        assert HIDDEN in line
        shown = line.partition("Basic ")[2].replace(HIDDEN, "")
        assert len(shown) <= len(base64.b64encode(f"{user}:".encode())) + 4


def test_longest_secret_is_hidden_first(path: Path) -> None:
    log = Log(path, "host_detection")
    log.hide(["abc", "abcdef"])
    log.info("x abcdef y")
    assert path.read_text(encoding="utf-8").endswith(f"x {HIDDEN} y\n")


def test_rotation(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 100)
    log = Log(path, "host_detection")
    for number in range(2 * KEPT):
        log.info(f"line {number}")
    names = sorted(found.name for found in path.parent.iterdir())
    assert names == sorted([f"ta.log.{number}" for number in range(1, KEPT + 1)] + ["ta.log.lock"])
    kept = [path.with_name(f"ta.log.{number}").read_text(encoding="utf-8").splitlines() for number in (KEPT, 1)]
    assert [lines[-1][-6:] for lines in kept] == ["line 1", "line 9"]


def test_somebody_else_has_just_rotated(path: Path) -> None:
    rotate(path)
    path.write_text("short", encoding="utf-8")
    rotate(path)
    assert path.read_text(encoding="utf-8") == "short"


WRITER = """
import sys
from pathlib import Path
from qualys_ta.splunk import log
log.LARGEST, log.KEPT = 20_000, 100
ours = log.Log(Path(sys.argv[1]), "host_detection")
for number in range(500):
    ours.info(f"writer={sys.argv[2]} line={number} " + "x" * 100)
"""


def test_many_processes_lose_and_mix_no_line_while_the_log_rotates(path: Path) -> None:
    environ = {"PYTHONPATH": str(PACKAGE / "bin"), "PYTHONDONTWRITEBYTECODE": "1"}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(nth)], env=environ) for nth in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    logs = [found for found in path.parent.iterdir() if found.suffix != ".lock"]
    lines = [line for found in logs for line in found.read_text(encoding="utf-8").splitlines()]
    assert len(logs) > 5
    assert all(LINE.fullmatch(line) for line in lines)
    told = {tuple(re.findall(r"=(\d+) ", line)[-2:]) for line in lines}
    assert len(lines) == len(told) == 4 * 500


def test_path_follows_splunk() -> None:
    assert log_path({"SPLUNK_HOME": "/s"}) == Path("/s/var/log/splunk/ta_QualysCloudPlatform.log")
