"""What the conf files must say and must not, the lookups as they ship, and the knowledge base as events."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qualys_ta.populator import METRICS, host_list, load
from qualys_ta.populator.asset_lists import ASSET_LISTS
from qualys_ta.populator.knowledge_base import event as knowledge_event
from qualys_ta.populator.knowledge_tables import KEPT, tables
from qualys_ta.splunk.lookups import place_stubs
from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, KnowledgeError, dashboard, event_time
from standins.splunk.search.patterns import stanza_pattern
from support.knowledge import (
    HEARTBLEED,
    KNOWLEDGE_BASE,
    PACKAGE,
    SCANNED,
    SOURCETYPE,
    UPDATED,
    epoch,
    event_row,
    package_copy,
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_copy(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def knowledge(installed: Path) -> Knowledge:
    return Knowledge.load(installed)


def test_d8_every_metric_has_a_sourcetype_with_rules_and_an_eventtype(knowledge: Knowledge) -> None:
    for metric in METRICS:
        feed = load(metric)
        for sourcetype in {feed.sourcetype, *(each.sourcetype for each in (feed.resource, *feed.others))} - {""}:
            assert sourcetype in knowledge.props
            assert any(f'"{sourcetype}"' in condition.source for condition in knowledge.event_conditions.values())


def test_d9_no_value_has_a_comment_behind_it() -> None:
    for path in (PACKAGE / "default").glob("*.conf"):
        for settings in conf.parse(path.read_text("utf-8")).values():
            assert not [value for value in settings.values() if re.search(r"\s#", value)], path.name


def test_d9_a_comment_behind_a_value_would_be_refused(tmp_path: Path) -> None:
    app = package_copy(tmp_path)
    (app / "local").mkdir()
    (app / "local" / "props.conf").write_text(f"[{SOURCETYPE}]\nMAX_DAYS_AGO = 3650 # days\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="MAX_DAYS_AGO"):
        Knowledge.load(app)


def test_d11_every_stanza_says_how_long_and_when(knowledge: Knowledge) -> None:
    for settings in knowledge.props.values():
        assert {"TRUNCATE", "TIME_PREFIX", "TIME_FORMAT", "MAX_TIMESTAMP_LOOKAHEAD"} <= settings.keys()
        assert "TIMESTAMP_FIELDS" not in settings


def test_d12_a_literal_z_is_read_as_utc(knowledge: Knowledge) -> None:
    for settings in knowledge.props.values():
        assert settings["TIME_FORMAT"].endswith(("Z", "%3N"))  # what follows the milliseconds is not read
        assert settings["TZ"] == "UTC"


def test_d14_an_installed_package_lacks_no_lookup(installed: Path, knowledge: Knowledge) -> None:
    names = {f"{lookup}.csv" for lookup in ("qualys_kb", "qualys_kb_cim", "qualys_kb_cve", "qualys_gone_hosts")}
    names |= {each.table for each in ASSET_LISTS}
    assert names | {"qualys_severity.csv"} == {path.name for path in (installed / "lookups").glob("*.csv")}
    assert all(not table.rows for name, table in knowledge.tables.items() if name != "qualys_severity_lookup")


def test_d14_an_upgrade_leaves_a_filled_lookup_alone(tmp_path: Path) -> None:
    app = package_copy(tmp_path, [HEARTBLEED])
    before = (app / "lookups" / "qualys_kb.csv").read_bytes()
    place_stubs(app)
    assert (app / "lookups" / "qualys_kb.csv").read_bytes() == before


def test_the_shipped_headers_are_those_the_add_on_writes() -> None:
    headers = {name: table.header for name, table in tables(with_texts=False).items()}
    headers[host_list.GONE_TABLE] = host_list.GONE_COLUMNS
    headers.update({each.table: each.header for each in ASSET_LISTS})
    shipped = {path.stem: path.read_text("utf-8") for path in (PACKAGE / "lookups").glob("*.csv.default")}
    assert shipped == {name: ",".join(header) + "\n" for name, header in headers.items()}


def test_d15_the_present_state_has_a_macro_searches_and_a_page(installed: Path, knowledge: Knowledge) -> None:
    assert {"qualys_index", "qualys_current_vulns"} <= knowledge.macros.keys()
    about_now = [name for name, search in knowledge.saved_searches.items() if "`qualys_current" in _source(name)]
    assert len(about_now) >= 4
    views = list((installed / "default/data/ui/views").glob("*.xml"))
    assert len(views) > 3
    assert all(dashboard(view, knowledge) for view in views)


def _source(name: str) -> str:
    return conf.parse((PACKAGE / "default/savedsearches.conf").read_text("utf-8"))[name]["search"]


def test_the_whole_knowledge_base_stays_out_of_the_bundle_and_the_small_tables_do_not() -> None:
    stanzas = conf.parse((PACKAGE / "default" / "distsearch.conf").read_text("utf-8"))
    assert stanzas.keys() == {"replicationDenylist"}
    (pattern,) = stanzas["replicationDenylist"].values()
    folder = "apps/TA-QualysCloudPlatform/lookups"
    denied = [name for name in tables(with_texts=False) if stanza_pattern(pattern).fullmatch(f"{folder}/{name}")]
    assert denied == ["qualys_kb.csv"]
    assert not stanza_pattern(pattern).fullmatch("apps/other/lookups/qualys_kb.csv")


def test_a_push_from_the_deployer_keeps_the_lookups_of_the_members() -> None:
    stanzas = conf.parse((PACKAGE / "default" / "app.conf").read_text("utf-8"))
    assert stanzas["shclustering"] == {"deployer_lookups_push_mode": "always_preserve"}


# The knowledge base as events


def knowledge_row(with_texts: bool = True, **columns: str) -> dict[str, Any]:
    told = {**HEARTBLEED, "LAST_SERVICE_MODIFICATION_DATETIME": UPDATED, "PUBLISHED_DATETIME": SCANNED, **columns}
    told_event = knowledge_event(tuple(told[column] for column in KEPT), with_texts)
    return event_row(told_event.text, sourcetype=KNOWLEDGE_BASE, time=float(told_event.time or 0))


def test_a_knowledge_base_event_is_read_field_by_field(knowledge: Knowledge) -> None:
    row = knowledge_row(DIAGNOSIS="one\ntwo 'three'", SOLUTION="patch \\ it")
    found = knowledge.event(row)
    assert found["eventtype"] == ["qualys_knowledgebase_event"]
    assert "tag" not in found
    assert {name: found[name] for name in json.loads(row["raw"])} == json.loads(row["raw"])
    assert found["DIAGNOSIS"] == "one\ntwo 'three'"


@pytest.mark.parametrize(
    ("changes", "happened"),
    [({}, UPDATED), ({"LAST_SERVICE_MODIFICATION_DATETIME": ""}, SCANNED)],
)
def test_a_knowledge_base_event_happened_when_the_entry_changed(
    knowledge: Knowledge, changes: dict[str, str], happened: str
) -> None:
    forged = '", "LAST_SERVICE_MODIFICATION_DATETIME": "2001-01-01T00:00:00Z'
    for texts in ({}, {"TITLE": forged, "CATEGORY": "PUBLISHED_DATETIME"}, {"SOLUTION": forged}):
        row = knowledge_row(**changes, **texts)
        assert event_time(knowledge.props_of(row), row["raw"]) == epoch(happened) == row["time"]


def test_d10_a_long_knowledge_base_entry_stays_whole_and_alone(knowledge: Knowledge) -> None:
    rows = [knowledge_row(SOLUTION="line\n" * 10_000), knowledge_row(TITLE='{"QID": "1"}')]
    stanza = conf.Stanza(KNOWLEDGE_BASE, dict(knowledge.props[KNOWLEDGE_BASE]), "app", shipped=True)
    raws = [row["raw"] for row in rows]
    assert Breakers({KNOWLEDGE_BASE: stanza}).of(KNOWLEDGE_BASE).events("\n".join(raws)) == raws
    assert json.loads(raws[0])["SOLUTION"].count("\n") == 10_000


def test_d13_a_json_field_has_its_value_once(knowledge: Knowledge) -> None:
    assert all("INDEXED_EXTRACTIONS" not in settings for settings in knowledge.props.values())
    assert knowledge.fields(knowledge_row())["QID"] == "370845"
