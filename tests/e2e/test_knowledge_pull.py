"""The knowledge base through the built add-on: pulled whole, then what changed; three lookups, events by option."""

from __future__ import annotations

import calendar
import json
import time
from pathlib import Path

import pytest

from qualys_ta.populator.knowledge_tables import COLUMNS, SHOWN
from standins.qualys import QualysStandin
from standins.qualys.dirt import KINDS
from standins.splunk.errors import StandinError
from support.deaths import KILLED
from support.e2e import REST, Site
from support.e2e_knowledge import CIM, CVES, KB, LOOKUPS, PATH, KnowledgeSite, kb_row
from support.page import account_form, choose

WHOLE = {"action": "list", "details": "All", "show_supported_modules_info": "1"}
OFFLINE = {"offline": True}
ALL_DIRT = (*((kind,) for kind in KINDS), KINDS)


@pytest.fixture
def kb(site: Site) -> KnowledgeSite:
    return KnowledgeSite.of(site)


# Whole


def test_the_first_pull_is_whole_and_becomes_three_lookups(kb: KnowledgeSite) -> None:
    assert kb.tick().returncode == 0
    assert [(call.method, call.path, call.params) for call in kb.calls] == [("POST", PATH, WHOLE)]
    assert kb.differences() == []
    assert len(kb.rows(KB)) == len(kb.qualys.knowledge) > 500
    assert (kb.raw, kb.lines("WARNING"), kb.lines("ERROR"), kb.begun()) == ([], [], [], [])
    assert f"records={len(kb.rows(KB))} events=0 " in kb.lines("INFO")[-1]


def test_what_a_pull_leaves(kb: KnowledgeSite) -> None:
    """For splunkd's user only, and no page."""
    kb.tick()
    assert kb.leftovers() == ["knowledge_base.demo.db"]
    assert kb.state["lookups"] == dict.fromkeys(LOOKUPS, kb.store.name)
    written = [*kb.checkpoints.iterdir(), *(kb.lookups / name for name in LOOKUPS)]
    assert {path.stat().st_mode & 0o077 for path in written} == {0}


@pytest.mark.parametrize("dirt", ALL_DIRT, ids=[*KINDS, "all"])
def test_dirt_of_real_answers(kb: KnowledgeSite, dirt: tuple[str, ...]) -> None:
    kb.qualys.dirt.set(dirt)
    choose(kb, "kb", log_kb_additional_fields="1")
    assert kb.tick().returncode == 0
    assert kb.differences(with_texts=True) == []


@pytest.mark.parametrize("fault", ["unavailable", "busy", "html", "cut", "truncated999"])
def test_what_does_not_come_whole_changes_nothing(kb: KnowledgeSite, fault: str) -> None:
    kb.pulled()
    before = kb.texts()
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:3])
    kb.qualys.faults.set(f"knowledge:{fault}*always")
    assert kb.tick().returncode == 1
    assert len(kb.lines("ERROR")) == 1
    assert (kb.texts(), kb.begun()) == (before, [])
    kb.qualys.faults.set()
    assert kb.tick(clock=120).returncode == 0
    assert kb.differences() == []


# What changed


def test_a_later_pull_asks_for_what_changed_in_30_days_and_no_more(kb: KnowledgeSite) -> None:
    kb.qualys.clock.set("2026-03-01T12:00:00Z")
    kb.pulled()
    old = {row["QID"]: row for row in kb.rows(KB)}
    changed = kb.qualys.modify_entries(kb.qualys.knowledge.qids[:3])
    new = kb.qualys.publish_entries(new=2)
    assert kb.tick().returncode == 0
    assert kb.calls[-1].params == {**WHOLE, "last_modified_after": "2026-01-30T11:50:00Z"}
    assert kb.differences() == []
    told = {row["QID"] for row in kb.rows(KB) if row != old.get(row["QID"])}
    assert told == set(map(str, (*changed, *new)))
    assert " changed=5 " in kb.lines("INFO")[-1]


def test_an_entry_that_comes_late_is_found(kb: KnowledgeSite) -> None:
    """It reaches the platform weeks after the time that it names."""
    kb.qualys.clock.set("2026-03-01T12:00:00Z")
    kb.pulled()
    kb.qualys.publish_entries(new=1, at="2026-02-05T00:00:00Z")
    assert kb.tick().returncode == 0
    assert kb.differences() == []


def test_where_nothing_changed_the_lookups_are_not_touched(kb: KnowledgeSite) -> None:
    """A search head would replicate them anew."""
    kb.pulled()
    before = [(kb.lookups / name).stat().st_ino for name in LOOKUPS]
    assert kb.tick().returncode == 0
    assert [(kb.lookups / name).stat().st_ino for name in LOOKUPS] == before
    assert len(kb.calls) == 2


def test_a_start_date_does_not_cut_the_knowledge_base(kb: KnowledgeSite) -> None:
    kb.set_input(start_date="2025-10-01T00:00:00Z")
    kb.tick()
    assert kb.calls[0].params == WHOLE
    assert kb.differences() == []


def test_neither_does_what_the_vendors_add_on_left(kb: KnowledgeSite) -> None:
    (kb.checkpoints / kb.name).write_text('{"last_run_datetime": "2025-10-01T00:00:00Z"}')
    kb.tick()
    assert kb.calls[0].params == WHOLE
    assert kb.differences() == []


# Events


def told(kb: KnowledgeSite) -> dict[str, dict[str, str]]:
    """QID -> its event since the index was emptied; fails where a QID came twice."""
    rows = [json.loads(text) for text in kb.raw]
    found = {row["QID"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def expected(kb: KnowledgeSite, *qids: int, with_texts: bool = False) -> dict[str, dict[str, str]]:
    entries = kb.qualys.knowledge_ledger.expected()
    return {str(qid): kb_row(entries[qid], with_texts) for qid in qids or entries}


def test_events_by_option_one_for_each_qid_then_one_for_each_change(kb: KnowledgeSite) -> None:
    """What the overlap reads again is not sent again."""
    choose(kb, "kb", is_index_knowledgebase="1")
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:5])
    assert kb.tick().returncode == 0
    assert told(kb) == expected(kb)
    assert kb.differences() == [], "lookups are written all the same"
    for changed in (kb.qualys.knowledge.qids[3:6], kb.qualys.knowledge.qids[:1], ()):
        kb.splunk.clean()
        kb.qualys.clock.advance(60)
        kb.qualys.modify_entries(changed)
        kb.ask("run_now")
        assert kb.tick().returncode == 0
        assert told(kb) == (expected(kb, *changed) if changed else {})


def test_an_event_is_indexed_as_what_it_is(kb: KnowledgeSite) -> None:
    choose(kb, "kb", is_index_knowledgebase="1")
    kb.set_input(index="summary")
    kb.tick()
    row = kb.splunk.events()[0]
    entry = kb.qualys.knowledge_ledger.expected()[int(json.loads(row["raw"])["QID"])]
    assert (row["index"], row["sourcetype"], row["source"]) == ("summary", "qualys:knowledgebase", "qualys")
    assert row["time"] == calendar.timegm(time.strptime(entry.modified, "%Y-%m-%dT%H:%M:%SZ"))


def test_switched_on_later_events_tell_of_what_the_next_pull_brings(kb: KnowledgeSite) -> None:
    kb.qualys.clock.set("2026-03-01T12:00:00Z")
    kb.pulled()
    choose(kb, "kb", is_index_knowledgebase="1")
    changed = kb.qualys.modify_entries(kb.qualys.knowledge.qids[7:9])
    kb.tick()
    assert told(kb) == expected(kb, *changed)


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        ("1999-01-01T00:00:00Z", WHOLE),
        ("2010-06-01T00:00:00Z", {**WHOLE, "last_modified_after": "2010-05-02T00:00:00Z"}),
    ],
    ids=["all of it", "part of it"],
)
def test_a_person_who_starts_again_gets_the_events_again(kb: KnowledgeSite, since: str, asked: dict[str, str]) -> None:
    choose(kb, "kb", is_index_knowledgebase="1")
    kb.pulled()
    kb.ask("start_again", since=since)
    assert kb.tick().returncode == 0
    assert kb.calls[-1].params == asked
    assert told(kb) == expected(kb, *kb.qualys.knowledge_ledger.expected(asked))
    assert kb.differences() == []


# Long texts


def test_switching_the_long_texts_on_pulls_everything_again(kb: KnowledgeSite) -> None:
    """Switching them off does not: the store holds more than is wanted. What changes meanwhile comes without."""
    choose(kb, "kb", is_index_knowledgebase="1")
    kb.pulled()
    choose(kb, "kb", log_kb_additional_fields="1")
    assert kb.tick().returncode == 0
    assert kb.differences(with_texts=True) == []
    assert list(kb.rows(KB)[0]) == list(COLUMNS)
    assert told(kb) == expected(kb, with_texts=True)
    choose(kb, "kb", log_kb_additional_fields="0")
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:3])
    kb.ask("run_now")
    assert kb.tick().returncode == 0
    assert kb.differences() == []
    assert list(kb.rows(KB)[0]) == list(SHOWN)
    choose(kb, "kb", log_kb_additional_fields="1")
    kb.ask("run_now")
    assert kb.tick().returncode == 0
    assert kb.differences(with_texts=True) == []
    assert ["last_modified_after" in call.params for call in kb.calls] == [False, False, True, False]


def test_a_switch_that_was_broken_off_and_taken_back_loses_no_text(kb: KnowledgeSite) -> None:
    """Half of the entries were pulled without their texts when somebody wants the texts again."""
    choose(kb, "kb", log_kb_additional_fields="1")
    kb.pulled()
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:300])
    choose(kb, "kb", log_kb_additional_fields="0")
    assert kb.tick(kill=["knowledge_store", 3]).returncode == KILLED
    choose(kb, "kb", log_kb_additional_fields="1")
    assert kb.tick().returncode == 0
    assert kb.differences(with_texts=True) == []


def test_another_platform_is_pulled_whole(kb: KnowledgeSite, tmp_path: Path) -> None:
    kb.pulled()
    with QualysStandin(tmp_path, hosts=1, knowledge_entries=50) as platform:
        kb.save_account(**account_form(platform))
        assert kb.tick().returncode == 0
    assert [call.params for call in platform.requests if call.path == PATH] == [WHOLE]


# Lookups that are not wanted, lost, or shared


def test_without_lookups_the_store_alone_is_filled(kb: KnowledgeSite) -> None:
    """On a forwarder that only enriches; switched on later, the lookups come from the store."""
    stubs = kb.texts()
    choose(kb, "kb", kb_lookups="0")
    kb.pulled()
    assert (kb.texts(), kb.state["lookups"]) == (stubs, {})
    choose(kb, "kb", kb_lookups="1")
    assert kb.tick().returncode == 0
    assert "last_modified_after" in kb.calls[-1].params
    assert kb.differences() == []


def test_lookups_that_are_switched_off_stay_as_they_are(kb: KnowledgeSite) -> None:
    kb.pulled()
    before = kb.texts()
    choose(kb, "kb", kb_lookups="0")
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:1])
    kb.tick()
    assert kb.texts() == before
    (kb.lookups / CIM).unlink()
    kb.tick()
    assert kb.texts()[CIM] == b"", "nobody is asked to fill it any more"


def lose(kb: KnowledgeSite, name: str, how: str) -> None:
    """What a deployment server or a careless hand does."""
    table = kb.lookups / name
    if how == "deleted":
        table.unlink()
    else:
        table.write_bytes(table.with_name(f"{name}.default").read_bytes())


@pytest.mark.parametrize("name", LOOKUPS)
@pytest.mark.parametrize("how", ["deleted", "header only"])
def test_a_lost_lookup_is_written_again_by_the_next_tick_from_the_store(kb: KnowledgeSite, name: str, how: str) -> None:
    kb.tick()
    before = kb.texts()
    lose(kb, name, how)
    assert kb.tick(**OFFLINE).returncode == 0
    assert kb.texts() == before
    assert kb.tick(**OFFLINE).returncode == 0
    assert kb.lines("WARNING") == [f"Lookups were lost and are written again: {', '.join(LOOKUPS)}."]
    assert kb.state["outcome"] == "closed"


def test_a_lost_lookup_comes_back_with_its_texts(kb: KnowledgeSite) -> None:
    choose(kb, "kb", log_kb_additional_fields="1")
    kb.tick()
    lose(kb, KB, "deleted")
    assert kb.tick(**OFFLINE).returncode == 0
    assert kb.differences(with_texts=True) == []


@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_lookups_that_are_lost_with_their_store_come_back_with_the_next_pull(kb: KnowledgeSite, how: str) -> None:
    """Until then nothing is pretended, and nothing said again each minute."""
    kb.tick()
    for name in LOOKUPS:
        lose(kb, name, "deleted")
    kb.store.unlink() if how == "deleted" else kb.store.write_bytes(b"no database" * 500)
    for _ in range(3):
        kb.tick()
    lost = [line for level in ("INFO", "WARNING", "ERROR") for line in kb.lines(level) if "lost" in line]
    kb.ask("run_now")
    assert kb.tick().returncode == 0
    assert kb.calls[-1].params == WHOLE
    assert kb.differences() == []
    assert len(lost) <= 1


def test_a_lookup_that_has_no_rows_to_lose_is_not_missed(kb: KnowledgeSite, tmp_path: Path) -> None:
    """A knowledge base without any CVE; ticks that are not due stay silent."""
    with QualysStandin(tmp_path, hosts=1, knowledge_entries=5) as platform:
        kb.save_account(**account_form(platform))
        assert kb.tick().returncode == 0
    assert (len(kb.rows(KB)), kb.rows(CVES)) == (5, [])
    before = kb.splunk.log()
    assert kb.tick(**OFFLINE).returncode == 0
    assert kb.splunk.log() == before


def test_lookups_follow_an_input_that_goes_to_another_account_and_back(kb: KnowledgeSite, tmp_path: Path) -> None:
    assert kb.tick().returncode == 0
    first = kb.texts()
    with QualysStandin(tmp_path, hosts=1, knowledge_entries=50) as platform:
        kb.splunk.post(REST.format("account"), **account_form(platform, name="another"))
        kb.set_input(account="another")
        kb.ask("run_now")
        assert kb.tick().returncode == 0
        assert len(kb.rows(KB)) == 50
    kb.set_input(account="demo")
    kb.ask("run_now")
    assert kb.tick().returncode == 0
    assert kb.texts() == first


def test_an_input_that_takes_over_keeps_the_lookups(kb: KnowledgeSite) -> None:
    """The input was deleted and made anew under another name: what it did not write itself is its own now."""
    kb.tick()
    before = kb.texts()
    kb.splunk.delete(f"{REST.format('qualys')}/{kb.name}")
    lose(kb, KB, "deleted")
    other = KnowledgeSite.of(kb, "another")
    assert other.tick().returncode == 0
    assert other.texts() == before
    lose(kb, CIM, "header only")
    assert other.tick(**OFFLINE).returncode == 0
    assert other.texts() == before


def test_splunk_asking_for_the_scheme_puts_headers_where_there_is_nothing(kb: KnowledgeSite) -> None:
    kb.tick()
    kept = kb.texts()[CIM]
    for name in (KB, CVES):
        (kb.lookups / name).unlink()
    assert kb.splunk.scheme().title
    assert (kb.rows(KB), kb.rows(CVES), kb.texts()[CIM]) == ([], [], kept)
    assert (kb.lookups / KB).read_bytes() == (kb.lookups / f"{KB}.default").read_bytes()


# Owners


def test_of_several_owners_the_first_by_name_works(kb: KnowledgeSite) -> None:
    """However they were made: here by an editor of inputs.conf."""
    second = KnowledgeSite.of(kb, "second")
    assert second.tick().returncode == 1
    assert second.error().startswith("Metric: the input knowledge_base pulls the knowledge base already")
    assert second.state["outcome"] == "held"
    assert kb.tick().returncode == 0
    assert kb.differences() == []


@pytest.mark.parametrize("disabled", ["1", "true"])
def test_an_owner_that_is_disabled_stands_in_nobodys_way(kb: KnowledgeSite, disabled: str) -> None:
    kb.set_input(disabled=disabled)
    second = KnowledgeSite.of(kb, "second")
    assert second.tick().returncode == 0
    assert second.differences() == []


def test_a_second_owner_is_refused_on_the_data_inputs_page(kb: KnowledgeSite) -> None:
    given = {"metric": "knowledge_base", "account": "demo"}
    told = "the input knowledge_base pulls the knowledge base already"
    assert told in kb.splunk.validate("second", **given)
    with pytest.raises(StandinError, match=told):
        kb.splunk.post("data/inputs/qualys", name="second", **given)
    assert kb.splunk.validate(kb.name, **given) == ""
    choose(kb, "kb", kb_lookups="0")
    assert "of this account already" in kb.splunk.validate("second", **given)


def test_an_owner_in_another_app_is_an_owner_too(kb: KnowledgeSite) -> None:
    """Where Data Inputs saves an input depends on the app that one looks at."""
    confs = kb.splunk.splunkd.confs
    confs.write("inputs", "search", "qualys://elsewhere", {"metric": "knowledge_base", "disabled": "0"})
    try:
        assert "the input elsewhere pulls" in kb.splunk.validate(kb.name, metric="knowledge_base", account="demo")
        assert kb.tick().returncode == 1
        assert "the input elsewhere pulls" in kb.error()
    finally:
        confs.remove("inputs", "search", "qualys://elsewhere")


# Every minute


def test_a_start_that_is_not_due_loads_next_to_nothing(kb: KnowledgeSite, tmp_path: Path) -> None:
    kb.tick()
    log, modules = kb.splunk.log(), tmp_path / "modules.json"
    run = kb.tick(offline=True, modules=str(modules))
    assert (run.returncode, run.stderr, kb.splunk.log()) == (0, "", log)
    loaded = set(json.loads(modules.read_text()))
    assert "qualys_ta.splunk.lookups" in loaded
    assert loaded & {"csv", "sqlite3", "requests", "xml.etree.ElementTree", "qualys_ta.work.tables"} == set()


def test_it_is_pulled_once_a_day(kb: KnowledgeSite) -> None:
    kb.tick()
    kb.tick(clock=86_000)
    assert len(kb.calls) == 1
    kb.tick(clock=86_400 + 60)
    assert len(kb.calls) == 2
