"""The knowledge base of the Qualys stand-in as time goes by: entries that change and that are published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standins.qualys import CUSTOMIZED_QIDS, UNKNOWN_QIDS, QualysStandin
from standins.qualys.catalog import INFORMATION, VULNERABILITIES
from standins.qualys.clock import PlatformClock
from standins.qualys.knowledge_base import KnowledgeBase
from support.qualys import EVERY_DETAIL, Client, entries

CATALOG_QIDS = {known.qid for known in (*INFORMATION, *VULNERABILITIES)}


def test_a_changed_entry_is_in_the_next_increment(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1) as standin, Client(standin) as client:
        before = standin.knowledge_ledger.expected()
        changed = (45038, CUSTOMIZED_QIDS[0])
        standin.clock.set("2026-02-01T10:00:00Z")
        assert standin.modify_entries(changed) == changed
        increment = entries(client.knowledge(**EVERY_DETAIL, last_modified_after="2026-02-01T10:00:00Z").xml)
        assert tuple(increment) == tuple(sorted(changed))
        for qid, entry in increment.items():
            assert entry.title == f"{before[qid].title} (change 1)"
            assert entry.severity == before[qid].severity % 5 + 1
            assert (entry.modified, entry.published) == ("2026-02-01T10:00:00Z", before[qid].published)
        standin.modify_entries([45038], at="2026-03-01T00:00:00Z")
        assert standin.knowledge_ledger.expected()[45038].title.endswith(" (change 2)")
        assert standin.knowledge_ledger.expected({"last_modified_after": "2026-02-15"}).keys() == {45038}
        assert standin.knowledge_ledger.expected().keys() == before.keys()


def test_new_entries_are_published(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1) as standin, Client(standin) as client:
        held = standin.knowledge.qids
        unknown, *new = standin.publish_entries([UNKNOWN_QIDS[0], held[0]], new=2, at="2026-02-01T10:00:00Z")
        assert unknown == UNKNOWN_QIDS[0]
        assert min(new) > max(held)
        assert sorted(client.knowledge(published_after="2026-02-01").qids) == sorted([unknown, *new])
        assert standin.knowledge.qids == tuple(sorted((*held, unknown, *new)))
        standin.modify_entries(new)
        assert client.knowledge(last_modified_after="2026-02-01").qids == sorted([unknown, *new])
        standin.knowledge.restore()
        assert standin.knowledge.qids == held


def test_unknown_entries_cannot_be_changed() -> None:
    with pytest.raises(KeyError, match=str(UNKNOWN_QIDS[1])):
        KnowledgeBase(500, PlatformClock()).modify([UNKNOWN_QIDS[1]])


def test_another_process_can_change_and_read_it(standin: QualysStandin) -> None:
    with Client(standin) as client:

        def post(**body: Any) -> Any:
            return json.loads(
                client.call("/_standin/knowledge", headers={"Authorization": ""}, body=json.dumps(body)).body
            )

        revised = post(modify=[45038], publish=[UNKNOWN_QIDS[2]], new=1, at="2026-02-01")
        assert (revised["modified"], revised["published"][0]) == ([45038], UNKNOWN_QIDS[2])
        client.knowledge(ids="45038,45017")
        asked = {"entries": "1", "last_modified_after": "2026-02-01"}
        told = json.loads(client.call("/_standin/knowledge", asked, method="GET").body)
        assert (told["entries"], told["served_entries"]) == (602, 2)
        assert {entry["qid"] for entry in told["expected"]} == {45038, *revised["published"]}
        assert set(told["qids"]) == set(standin.knowledge.qids)
        assert "error" in post(modify=[1])


@pytest.mark.parametrize("number", [0, 5, 407, 408])
def test_its_size_can_be_chosen(number: int) -> None:
    known = KnowledgeBase(number, PlatformClock()).qids
    assert len(known) == number
    assert len(set(known) - CATALOG_QIDS) == max(0, number - 407)


def test_an_entry_is_always_the_same(standin: QualysStandin) -> None:
    other = KnowledgeBase(500, PlatformClock())
    assert list(other.entries()) == list(standin.knowledge.entries(other.qids))
