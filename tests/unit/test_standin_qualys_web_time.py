"""What becomes of the stand-in's web applications: scans, long ones too, and what each brings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from standins.qualys import ExpectedWebFinding, QualysStandin
from support.qualys import Client
from support.web import APPS, ask, ids, pulled

NOW = "2025-11-03T00:00:00Z"
LATER = "2025-11-04T00:00:00Z"
STATUSES = {"NEW": "ACTIVE", "ACTIVE": "FIXED", "FIXED": "REOPENED", "REOPENED": "FIXED", "PROTECTED": "ACTIVE"}

Expected = dict[int, ExpectedWebFinding]


@pytest.fixture
def apps(standin: QualysStandin) -> Iterator[tuple[int, ...]]:
    """Web applications with findings, at a time after all their scans."""
    standin.clock.set(NOW)
    return tuple({found.app_id: 0 for found in standin.web_ledger.expected().values()})


def of(found: Expected, app: int) -> Expected:
    return {ident: finding for ident, finding in found.items() if finding.app_id == app}


def test_a_scan_tests_all_findings_of_its_application(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    before = standin.web_ledger.expected()
    assert standin.web.rescan([apps[0]], changes=False) == (apps[0],)
    after = standin.web_ledger.expected()
    assert standin.web_ledger.expected_since("2025-11-02") == of(after, apps[0])
    assert {finding.tested for finding in of(after, apps[0]).values()} == {NOW}
    assert {ident: found.status for ident, found in after.items()} == {i: found.status for i, found in before.items()}
    untouched = [ident for ident, finding in before.items() if finding.app_id != apps[0]]
    assert [after[ident] for ident in untouched] == [before[ident] for ident in untouched]


def test_changes_move_statuses_and_bring_a_new_finding(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    before = of(standin.web_ledger.expected(), apps[0])
    standin.web.rescan([apps[0]])
    after = of(standin.web_ledger.expected(), apps[0])
    (new,) = after.keys() - before.keys()
    assert new == max(standin.web.finding_ids)
    assert after[new].elements["firstDetectedDate"] == after[new].tested == NOW
    assert after[new].status in ("NEW", "-")
    moved = [ident for ident in before if before[ident].status != after[ident].status]
    assert min(before) in moved
    assert len(moved) < len(before)
    assert [after[ident].status for ident in moved] == [STATUSES[before[ident].status] for ident in moved]


def test_a_fixed_finding_was_tested_and_not_detected(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    standin.web.rescan(apps)
    found = [finding.elements for finding in standin.web_ledger.expected({"status EQUALS": "FIXED"}).values()]
    newly = [each for each in found if each["fixedDate"] == NOW]
    assert newly
    assert all(each["lastDetectedDate"] < each["lastTestedDate"] == NOW for each in found)
    reopened = standin.web_ledger.expected({"status EQUALS": "REOPENED"}).values()
    assert not [finding for finding in reopened if "fixedDate" in finding.elements]


def test_a_long_scan_shows_later_than_it_tested(standin: QualysStandin, client: Client, apps: tuple[int, ...]) -> None:
    standin.web.rescan([apps[0]])
    first = pulled(client, **{"lastTestedDate GREATER": "2025-11-01T00:00:00Z"})
    standin.clock.advance(3600)
    standin.web.rescan([apps[1]], lag_s=7200)
    late = of(standin.web_ledger.expected(), apps[1])
    assert {finding.tested for finding in late.values()} == {"2025-11-02T23:00:00Z"}
    assert pulled(client, **{"lastTestedDate GREATER": NOW}) == {}
    assert pulled(client, **{"lastTestedDate GREATER": "2025-11-02T00:00:00Z"}) == {**first, **late}


def test_an_identity_is_new_with_every_test(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    known = {finding.identity for finding in standin.web_ledger.expected().values()}
    for moment in (NOW, LATER):
        standin.clock.set(moment)
        standin.web.rescan([apps[0]], changes=moment == LATER)
        met = {finding.identity for finding in standin.web_ledger.expected_since("2025-11-02").values()}
        assert not known & met
        known |= met


def test_ignoring_is_no_test(standin: QualysStandin, client: Client, apps: tuple[int, ...]) -> None:
    chosen = [
        ident for ident, found in standin.web_ledger.expected().items() if found.elements.get("isIgnored") == "false"
    ]
    standin.web.ignore(chosen[:2])
    assert standin.web_ledger.expected_since("2025-11-02") == {}
    found = pulled(client, **{"ignoredDate EQUALS": NOW})
    assert list(found) == chosen[:2]
    assert {finding.elements["isIgnored"] for finding in found.values()} == {"true"}
    assert all(finding.elements["ignoredBy/id"] for finding in found.values())


def test_applications_come_and_go(standin: QualysStandin, client: Client, apps: tuple[int, ...]) -> None:
    all_apps, all_findings = standin.web.app_ids, standin.web.finding_ids
    added = standin.web.add(5)
    assert min(added) > max(all_apps)
    new = [finding for finding in standin.web_ledger.expected().values() if finding.app_id in added]
    assert len(new) == 4 * 8
    assert min(finding.id for finding in new) > max(all_findings)
    assert max(finding.tested for finding in new) <= NOW
    standin.web.remove([apps[0], added[0]])
    assert ids(ask(client, path=APPS)) == [ident for ident in (*all_apps, *added) if ident not in (apps[0], added[0])]
    assert not of(standin.web_ledger.expected(), apps[0])
    (again,) = standin.web.add(1)
    assert again > max(added)
    with pytest.raises(KeyError):
        standin.web.rescan([apps[0]])


def test_the_first_scan_of_an_application(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    (bare,) = set(standin.web.app_ids) - set(apps)
    standin.web.rescan([bare])
    (found,) = of(standin.web_ledger.expected(), bare).values()
    assert (found.status, found.tested) == ("NEW", NOW)
    assert standin.web_ledger.apps()[bare].scanned_at is not None


def test_summaries_count_all_that_an_application_holds(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    standin.web.rescan([apps[0]])
    (summary,) = standin.web_ledger.summaries({"lastTestedDate GREATER": "2025-11-02T00:00:00Z"}).values()
    found = of(standin.web_ledger.expected(), apps[0]).values()
    for part in ("type", "status", "severity"):
        counts = {name: count for name, count in summary.items() if name.startswith(part)}
        assert sum(counts.values()) == len(found) == 9
        assert counts.keys() == {f"{part}_{getattr(finding, part)}" for finding in found}
    assert standin.web_ledger.summaries().keys() == set(apps)


def test_restored_is_as_drawn(standin: QualysStandin, apps: tuple[int, ...]) -> None:
    before = standin.web_ledger.expected()
    standin.web.rescan()
    standin.web.add(1)
    standin.web.ignore(before)
    standin.web.restore()
    assert standin.web_ledger.expected() == before
