"""What the knowledge base knows, in every finding that is pulled; without one, findings come as ever, and a warning."""

from __future__ import annotations

import pytest

from qualys_ta.populator.enrichment import FIELDS
from standins.qualys import UNKNOWN_QIDS
from support.core import extracted
from support.e2e import Site
from support.e2e_knowledge import KnowledgeSite, kb_row
from support.page import choose

AN_HOUR_LATER = {"clock": 3700}


@pytest.fixture
def kb(site: Site) -> KnowledgeSite:
    """The account's knowledge base, pulled; findings are to be enriched."""
    choose(site, "vm", enrich_detections="1")
    kb = KnowledgeSite.of(site)
    assert kb.tick().returncode == 0
    return kb


def findings(site: Site) -> list[dict[str, str]]:
    return [dict(extracted(text)) for text in site.raw if text.startswith("HOSTVULN: ")]


def known(site: Site) -> dict[str, dict[str, str]]:
    """QID -> what an event should say, by the platform."""
    rows = {str(qid): kb_row(entry) for qid, entry in site.qualys.knowledge_ledger.expected().items()}
    return {
        qid: {field: row[column] for field, column in FIELDS.items() if row[column] not in ("", "-")}
        for qid, row in rows.items()
    }


def told(site: Site) -> dict[str, dict[str, str]]:
    """QID -> what events say; fails where two events of a QID differ."""
    found: dict[str, dict[str, str]] = {}
    for event in findings(site):
        said = {field: event[field] for field in FIELDS if field in event}
        assert found.setdefault(event["QID"], said) == said
    return found


def test_every_finding_says_what_is_known_of_its_qid(kb: KnowledgeSite, site: Site) -> None:
    assert site.tick().returncode == 0
    knowledge = known(site)
    assert told(site) == {event["QID"]: knowledge.get(event["QID"], {}) for event in findings(site)}
    assert set(told(site)) & set(map(str, UNKNOWN_QIDS)), "some QIDs are unknown to the knowledge base"
    assert (site.lines("WARNING"), site.lines("ERROR"), site.repeats) == ([], [], 0)


def test_a_finding_keeps_its_own_severity_and_is_given_one_where_it_has_none(kb: KnowledgeSite, site: Site) -> None:
    site.tick()
    severities = {str(qid): str(entry.severity) for qid, entry in kb.qualys.knowledge_ledger.expected().items()}
    expected = [finding for host in site.qualys.ledger.expected().values() for finding in host.findings]
    own = {finding.unique_vuln_id: finding.elements.get("SEVERITY", "") for finding in expected}
    assert set(own.values()) > {""}
    for event in findings(site):
        given = own[event["UNIQUE_VULN_ID"]] or severities.get(event["QID"], "")
        assert event.get("SEVERITY", "") == given


def test_without_enrichment_nothing_of_it_is_written(site: Site) -> None:
    KnowledgeSite.of(site).tick()
    assert site.tick().returncode == 0
    assert [event for event in findings(site) if FIELDS.keys() & event.keys()] == []


@pytest.mark.parametrize("how", ["missing", "empty", "damaged", "of another account"])
def test_without_a_knowledge_base_findings_come_as_ever_and_a_warning(site: Site, how: str) -> None:
    choose(site, "vm", enrich_detections="1")
    store = site.checkpoints / f"knowledge_base.{'eu' if how == 'of another account' else 'demo'}.db"
    if how != "missing":
        store.write_bytes(b"no database" * 500 if how == "damaged" else b"")
    assert site.tick().returncode == 0
    (warning,) = site.lines("WARNING")
    assert warning.startswith("Findings are not enriched: ")
    assert "Enable an input of the metric knowledge_base" in warning or how == "damaged"
    site.assert_complete()


def test_what_is_learned_later_is_told_with_the_next_change(kb: KnowledgeSite, site: Site) -> None:
    """An entry that changed does not make findings news; the next one tells the new words."""
    site.tick()
    seen = {int(qid) for qid in told(site)} & set(kb.qualys.knowledge.qids)
    site.splunk.clean()
    kb.qualys.modify_entries(sorted(seen))
    kb.ask("run_now")
    kb.tick()
    assert site.tick(**AN_HOUR_LATER).returncode == 0
    assert findings(site) == []
    site.qualys.clock.advance(3600)
    site.qualys.touch()
    assert site.tick(clock=7400).returncode == 0
    knowledge = known(site)
    assert told(site) == {qid: knowledge.get(qid, {}) for qid in told(site)} != {}


def test_a_forwarder_enriches_from_its_store_alone(site: Site) -> None:
    choose(site, "vm", enrich_detections="1")
    choose(site, "kb", kb_lookups="0")
    kb = KnowledgeSite.of(site)
    kb.tick()
    assert site.tick().returncode == 0
    assert all("TITLE" in event for event in findings(site) if event["QID"] not in map(str, UNKNOWN_QIDS))
    assert [kb.rows(name) for name in kb.texts()] == [[], [], []]
