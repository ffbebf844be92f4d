"""The Qualys stand-in as time goes by: its clock, hosts processed again, hosts that come and go."""

from __future__ import annotations

from pathlib import Path

from standins.qualys import EVERYTHING, QualysStandin
from standins.qualys.clock import PlatformClock, seconds, stamp
from support.qualys import Client, pulled


def test_touched_hosts_come_again_with_changes(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=8, findings=9) as standin, Client(standin) as client:
        before = standin.ledger.statuses()
        standin.clock.set("2026-02-01T10:00:00Z")
        touched = standin.touch(standin.population.ids[2:4])
        again = pulled(client.pages(vm_processed_after="2026-02-01T10:00:00Z", **EVERYTHING))
        after = standin.ledger.statuses()
    assert tuple(again) == touched
    changed = {ident for ident, status in after.items() if before.get(ident) != status}
    updated = {
        ident
        for host in again.values()
        for ident, finding in host.findings.items()
        if finding.get("LAST_UPDATE_DATETIME") == "2026-02-01T10:00:00Z"
    }
    assert changed == updated
    assert len(after) - len(before) == 2
    assert len(changed) < sum(len(host.findings) for host in again.values())


def test_touch_without_changes_moves_only_times(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=3) as standin:
        before = standin.ledger.statuses()
        standin.clock.set("2026-02-01")
        standin.touch(changes=False)
        assert standin.ledger.statuses() == before
        assert {host.processed_at for host in standin.population.hosts()} == {seconds("2026-02-01")}
        assert not standin.ledger.expected({**EVERYTHING, "detection_updated_since": "2026-01-01"})


def test_statuses_move_on_with_each_touch(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1) as standin:
        seen = set()
        for day in range(1, 7):
            standin.clock.set(f"2026-03-0{day}")
            standin.touch()
            seen |= {
                (finding.elements["STATUS"], "LAST_FIXED_DATETIME" in finding.elements)
                for host in standin.ledger.expected_hosts()
                for finding in host.findings
                if finding.elements.get("LAST_UPDATE_DATETIME") == f"2026-03-0{day}T00:00:00Z"
            }
    assert {("New", False), ("Fixed", True), ("Re-Opened", True)} <= seen


def test_hosts_come_and_go(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=3) as standin, Client(standin) as client:
        first, *_, last = standin.population.ids
        standin.clock.set("2026-02-01")
        added = standin.add_hosts(2)
        standin.remove_hosts([first, 1])
        found = pulled(client.pages(**EVERYTHING))
        assert min(added) > last
        assert list(found) == [*standin.population.ids]
        assert first not in found
        assert {found[ident].elements["LAST_SCAN_DATETIME"] for ident in added} == {"2026-02-01T00:00:00Z"}


def test_clock_runs_until_it_is_set() -> None:
    clock = PlatformClock()
    clock.advance(3600)
    ahead = clock.now()
    clock.set("2026-01-01")
    clock.advance(1)
    assert stamp(clock.now()) == "2026-01-01T00:00:01Z"
    clock.release()
    assert ahead - clock.now() > 3500
