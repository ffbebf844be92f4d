"""The pages for who searches say what the conf does: every field and its source, every eventtype, every panel."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from qualys_ta.populator import host_detection_api as api
from qualys_ta.populator.enrichment import FIELDS as ENRICHED
from qualys_ta.populator.finding_plan import ALWAYS
from standins import cim
from standins.splunk import conf
from standins.splunk.search.errors import Place
from standins.splunk.search.expression import parse_expression
from support.asset_events import ASSET
from support.core import PACKAGE
from support.doc_pages import named, rows_of, text
from support.fim_rows import FIM
from support.knowledge import SOURCETYPE
from support.posture_events import POLICY, POSTURE
from support.ticket_events import TICKET
from support.web_events import WAS

VIEWS = PACKAGE / "default" / "data" / "ui" / "views"
REPORT = "qualys:scanReport"
DERIVED = {
    "Derived fields": (SOURCETYPE,),
    "Derived fields of web application findings": (WAS,),
    "Derived fields of policies and postures": (POLICY, POSTURE),
    "Derived fields of scan reports": (REPORT,),
    "Derived fields of tickets": (TICKET,),
    "Derived fields of assets": (ASSET,),
    "Derived fields of file changes": FIM,
}
"""Heading of fields.md -> the sourcetypes that it is about."""

LOG = "source::...ta_QualysCloudPlatform.log*"
PANELS = {
    "qualys_overview": "The dashboard",
    "qualys_policy_compliance": "Policy compliance",
    "qualys_web_applications": "Web applications",
    "qualys_tickets": "Tickets",
    "qualys_scan_reports": "Scan reports",
    "qualys_assets": "Assets",
    "qualys_file_integrity": "File integrity",
}
"""View -> heading of current_state.md."""

RAW = ("Fields of the host", "Fields of the finding", "Enriched fields")
BESIDE = {"SEVERITY", "RESULT_TRUNCATED", "QDS_Severity"}
"""Fields of a finding that nobody chooses by these names."""

_GROUP = re.compile(r"\(\?<(\w+)>")


def stanzas(name: str) -> dict[str, dict[str, str]]:
    return conf.parse((PACKAGE / "default" / f"{name}.conf").read_text(encoding="utf-8"))


def settings(kind: str, *sourcetypes: str) -> Iterator[tuple[str, str]]:
    """What stands behind ``EVAL-``, ``LOOKUP-`` … in these stanzas of props.conf, and its value."""
    for stanza in sourcetypes:
        for name, value in stanzas("props")[stanza].items():
            if name.startswith(kind):
                yield name[len(kind) :], value


def from_event(*sourcetypes: str) -> dict[str, set[str]]:
    """Derived field -> the fields of the event that it is made of."""
    made: dict[str, set[str]] = {}
    for _, value in settings("FIELDALIAS-", *sourcetypes):
        words = value.split()
        for old, new in zip(words[::3], words[2::3]):
            made.setdefault(new, set()).add(old)
    for name, value in settings("EVAL-", *sourcetypes):
        made.setdefault(name, set()).update(parse_expression(value, Place("props.conf", name)).names)
    return made


def from_lookups(*sourcetypes: str) -> dict[str, set[str]]:
    """Derived field -> the lookups that fill it."""
    filled: dict[str, set[str]] = {}
    for _, value in settings("LOOKUP-", *sourcetypes):
        inputs, _, outputs = value.partition(" OUTPUTNEW ")
        for name in outputs.split():
            filled.setdefault(name, set()).add(inputs.partition(" ")[0])
    return filled


def extracted(*sourcetypes: str) -> set[str]:
    return {name for _, value in settings("EXTRACT-", *sourcetypes) for name in _GROUP.findall(value)}


def columns(title: str, head: str) -> dict[str, str]:
    """Field -> its cell in the column of this head, in a table of fields.md; no such column: no field."""
    table = text("fields.md").partition(f"\n## {title}\n")[2]
    heads = [cell.strip() for cell in table.partition("\n|")[2].partition("\n")[0].strip("|").split("|")]
    if head not in heads:
        return {}
    return {cells[0].strip("`"): cells[heads.index(head)] for cells in rows_of("fields.md", title)}


@pytest.mark.parametrize("title", DERIVED)
def test_every_derived_field_is_there_with_what_it_is_made_of(title: str) -> None:
    told = {field: set(named(source)) for field, source in columns(title, "From the event").items()}
    made = from_event(*DERIVED[title])
    assert set(told) == {*made, *from_lookups(*DERIVED[title]), *extracted(*DERIVED[title])}
    assert {field: sources for field, sources in told.items() if sources} == {
        field: sources for field, sources in made.items() if sources
    }


@pytest.mark.parametrize("title", DERIVED)
def test_every_lookup_output_is_there_with_its_lookup(title: str) -> None:
    told = {field: set(named(lookup)) for field, lookup in columns(title, "Else from the lookup").items()}
    assert {field: lookups for field, lookups in told.items() if lookups} == from_lookups(*DERIVED[title])


@pytest.mark.parametrize("title", list(DERIVED)[:2])
def test_what_the_cim_knows_is_marked(title: str) -> None:
    told = {field: mark == "yes" for field, mark in columns(title, "CIM").items()}
    known = {field["name"] for field in cim.FIELDS}
    assert {field for field, mark in told.items() if mark} == known & set(told)
    assert [field for field in known - set(told) if f"`{field}`" not in text("fields.md")] == []


@pytest.mark.parametrize("title", RAW)
def test_every_raw_field_says_what_becomes_of_it(title: str) -> None:
    made = from_event(SOURCETYPE)
    for raw, becomes, *_ in rows_of("fields.md", title):
        for field in set(named(raw)):
            assert set(named(becomes)) == {new for new, sources in made.items() if field in sources}, field


def test_every_raw_field_is_there() -> None:
    host, finding, enriched = (
        [field for raw, *_ in rows_of("fields.md", title) for field in set(named(raw))] for title in RAW
    )
    assert sorted(host) == sorted({*api.HOST_FIELDS, "HOST_ID"} - {"ID"})
    assert sorted(finding) == sorted({*api.DETECTION_FIELDS, *ALWAYS, *BESIDE})
    assert [(field, column) for field, _, column in rows_of("fields.md", RAW[2])] == list(ENRICHED.items())
    assert len(enriched) == len(ENRICHED)


def test_every_eventtype_is_there_with_its_tags() -> None:
    told = [(set(named(types)), set(named(tags))) for _, types, tags in rows_of("fields.md", "Eventtypes and tags")]
    assert set().union(*(types for types, _ in told)) == set(stanzas("eventtypes"))
    tagged = {name.partition("=")[2]: set(tags) for name, tags in stanzas("tags").items()}
    for types, tags in told:
        assert tags == set().union(*(tagged.get(name, set()) for name in types)), types


def test_every_field_of_the_log_is_there() -> None:
    told = {field for cell, _ in rows_of("fields.md", "The add-on's log") for field in named(cell)}
    assert told == extracted(LOG)


def test_an_unknown_qid_is_named_as_the_lookup_names_it() -> None:
    name = stanzas("transforms")["qualys_kb_name_lookup"]["default_match"]
    assert f"`{name}`" in text("fields.md")


@pytest.mark.parametrize("name", ["macros", "savedsearches"])
def test_macros_and_searches_are_explained(name: str) -> None:
    told = {cells[0].strip("`*") for cells in rows_of("current_state.md", {"macros": "Macros"}.get(name, "Searches"))}
    assert told == {stanza.removeprefix("Qualys: ") for stanza in stanzas(name)}


@pytest.mark.parametrize("view", PANELS)
def test_every_panel_of_a_dashboard_is_explained(view: str) -> None:
    page = (VIEWS / f"{view}.xml").read_text(encoding="utf-8")
    titles = [title.partition(",")[0].partition(":")[0] for title in re.findall(r"<title>(.*?)</title>", page)]
    assert [cells[0] for cells in rows_of("current_state.md", PANELS[view])] == titles


def test_every_dashboard_is_explained() -> None:
    assert {path.stem for path in VIEWS.glob("*.xml")} == set(PANELS)
