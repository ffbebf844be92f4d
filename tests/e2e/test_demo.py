"""`make demo`: its whole way, its report, and that it tells when index and ledger differ."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins import demo
from standins.qualys.ledger import Ledger
from support.e2e import BUILT

SMALL = ["--once", "--hosts", "12", "--findings", "4"]
HELD = {
    "hosts": 12,
    "findings": 48,
    "QIDs": 600,
    "web findings": 8,
    "web applications": 2,
    "policies": 6,
    "assets": 12,
    "tags": 10,
    "asset groups": 20,
    "tickets": 24,
    "findings of reports": 16,
    "file changes": 120,
    "ignored file changes": 24,
    "file incidents": 2,
    "changes of incidents": 8,
}
COUNTED = {*HELD, "postures", "policy summaries"}
EVENTS = {
    "HOSTSUMMARY": "hosts",
    "HOSTVULN": "findings",
    "KB entry": "QIDs",
    "POLICY_INFO": "policies",
    "POLICY_SUMMARY": "policy summaries",
    "POSTURE_INFO": "postures",
    "WAS_FINDING": "web findings",
    "WAS_SUMMARY": "web applications",
    "asset": "assets",
    "tag": "tags",
    "assetGroup": "asset groups",
    "ticket": "tickets",
    "report finding": "findings of reports",
    "FIM_EVENT": "file changes",
    "FIM_IGNORED_EVENT": "ignored file changes",
    "FIM_INCIDENT": "file incidents",
    "FIM_INCIDENT_EVENT": "changes of incidents",
}
"""Kind of event -> what the ledger calls those that it tells of."""
OF_HOSTS = ("HOSTSUMMARY", "HOSTVULN", "POSTURE_INFO")
ASKED = (
    "detection",
    "host",
    "knowledge",
    "policy",
    "posture",
    "was_finding",
    "ticket",
    "report_template",
    "report",
    "host_asset",
    "tag",
    "auth",
)
"""The lists that an input asks for first."""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(demo, "APP", BUILT)
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "demo")
    monkeypatch.setattr(demo, "REPORT", tmp_path / "demo.json")
    yield tmp_path / "demo.json"
    for number, handler in handlers.items():
        signal.signal(number, handler)


def read(report: Path) -> Any:
    return json.loads(report.read_text(encoding="utf-8"))


def lines(told: str, *cells: str) -> list[str]:
    """The lines of tables that begin with these cells."""
    row = " *│ *".join(map(re.escape, cells))
    return re.findall(rf"(?m)^│ {row} *│.*$", told)


SOME = "busy,cut,html,policy:busy,posture:cut,was_finding:html,ticket:busy,report:not_ready,fim_event:expired_token"


@pytest.mark.parametrize("faults", ["", SOME], ids=["well", "faults"])
def test_the_demo_ends_well_and_shows_what_came(faults: str, report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([*SMALL, "--faults", faults]) == 0
    told, found = capsys.readouterr().out, read(report)
    assert found["good"]
    held = found["expected"]
    assert (set(held), held, held["postures"] > held["policy summaries"] > 3) == (COUNTED, {**held, **HELD}, True)
    assert found["indexed"] == held
    assert {row["kind"]: row["events"] for row in found["rows"]} == {kind: held[of] for kind, of in EVENTS.items()}
    assert {row["kind"] for row in found["rows"] if row["hosts"]} == set(OF_HOSTS)
    for kind in ("HOSTVULN", "WAS_FINDING", "report finding"):
        (open_findings,) = re.findall(rf"│ {kind} .*│ (\d+) complete *│", told)
        assert 0 < int(open_findings) < held[EVENTS[kind]]
    assert {name: len(lines(told, name, f"{count:,}", f"{count:,}")) for name, count in held.items()} == dict.fromkeys(
        held, 1
    )
    widths = {len(line) for line in told.splitlines() if line.startswith(("│ qualys:", "│ sourcetype"))}
    assert len(widths) == 1, "the table lines up"
    assert [row["sample"] for row in found["rows"] if row["sample"].partition(" ")[0] in told]
    assert "Ledger and index agree" in told


def test_the_demo_fails_where_the_index_lacks_something(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Ledger.identities

    def more(ledger: Ledger, *params: Any) -> Iterator[tuple[str, str]]:
        yield from held(ledger, *params)
        yield ("1", "2")

    monkeypatch.setattr(Ledger, "identities", more)
    assert demo.main(SMALL) == 1
    assert (read(report)["missing"], read(report)["surplus"]) == (1, 0)


def test_the_demo_fails_where_the_account_is_refused_later(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = ",".join(f"{name}:unauthorized*always" for name in ASKED)  # else it depends on which comes first
    assert demo.main([*SMALL, "--faults", refused]) == 1
    assert read(report)["indexed"] == dict.fromkeys(COUNTED, 0)
    told = " ".join(capsys.readouterr().out.split())
    assert "stopped: /api/" in told
    assert "user name or password is wrong" in told
    assert "No open finding came, so nothing is said of the CIM." in told


def test_the_demo_fails_where_an_open_finding_lacks_what_the_cim_asks_for(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An add-on that gives no severity: all is there, but the CIM says no."""
    app = tmp_path / BUILT.name
    shutil.copytree(BUILT, app)
    props = app / "default" / "props.conf"
    props.write_text(re.sub(r"(?m)^EVAL-severity = .*$", "", props.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(demo, "APP", app)
    assert demo.main(SMALL) == 1
    found = read(report)
    assert (found["missing"], found["surplus"]) == (0, 0)
    assert any(fault.endswith("severity is missing") for fault in found["cim"]["HOSTVULN"]["faults"])
