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
from support.core import PACKAGE

DOCS = PACKAGE.parent / "docs"
DERIVED = "Derived fields"
RAW = ("Fields of the host", "Fields of the finding", "Enriched fields")
BESIDE = {"SEVERITY", "RESULT_TRUNCATED", "QDS_Severity"}
"""Fields of a finding that nobody chooses by these names."""

_FIELD = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
_QUOTED = re.compile(r'"[^"]*"')
_GROUP = re.compile(r"\(\?<(\w+)>")


def stanzas(name: str) -> dict[str, dict[str, str]]:
    return conf.parse((PACKAGE / "default" / f"{name}.conf").read_text(encoding="utf-8"))


def settings(kind: str) -> Iterator[tuple[str, str]]:
    """What stands behind ``EVAL-``, ``LOOKUP-`` … in all stanzas of props.conf, and its value."""
    for stanza in stanzas("props").values():
        for name, value in stanza.items():
            if name.startswith(kind):
                yield name[len(kind) :], value


def from_event() -> dict[str, set[str]]:
    """Derived field -> the fields of the event that it is made of."""
    made: dict[str, set[str]] = {}
    for _, value in settings("FIELDALIAS-"):
        words = value.split()
        for old, new in zip(words[::3], words[2::3]):
            made.setdefault(new, set()).add(old)
    for name, value in settings("EVAL-"):
        made.setdefault(name, set()).update(_FIELD.findall(_QUOTED.sub("", value)))
    return made


def from_lookups() -> dict[str, set[str]]:
    """Derived field -> the lookups that fill it."""
    filled: dict[str, set[str]] = {}
    for _, value in settings("LOOKUP-"):
        lookup, _, outputs = value.partition(" QID OUTPUTNEW ")
        for name in outputs.split():
            filled.setdefault(name, set()).add(lookup)
    return filled


def extracted() -> set[str]:
    return {name for _, value in settings("EXTRACT-") for name in _GROUP.findall(value)}


def rows(page: str, title: str) -> list[list[str]]:
    """The cells of the rows of the tables below a heading, to the next one."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/{page} has no heading {title!r}"
    tables = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n?)+)", found.group(1), re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def named(cell: str) -> set[str]:
    return {name.strip(" `") for name in cell.split(",") if name.strip()}


def test_every_derived_field_is_there_with_what_it_is_made_of() -> None:
    told = {field.strip("`"): named(source) for field, _, source, *_ in rows("fields.md", DERIVED)}
    made = from_event()
    assert set(told) == {*made, *from_lookups(), "qualys_event"}
    assert {field: sources for field, sources in told.items() if sources} == {
        field: sources for field, sources in made.items() if sources
    }


def test_every_lookup_output_is_there_with_its_lookup() -> None:
    told = {field.strip("`"): named(lookup) for field, _, _, lookup, *_ in rows("fields.md", DERIVED)}
    assert {field: lookups for field, lookups in told.items() if lookups} == from_lookups()


def test_what_the_cim_knows_is_marked() -> None:
    told = {field.strip("`"): mark == "yes" for field, mark, *_ in rows("fields.md", DERIVED)}
    known = {field["name"] for field in cim.FIELDS}
    assert {field for field, mark in told.items() if mark} == known & set(told)
    text = (DOCS / "fields.md").read_text(encoding="utf-8")
    assert [field for field in known - set(told) if f"`{field}`" not in text] == []


@pytest.mark.parametrize("title", RAW)
def test_every_raw_field_says_what_becomes_of_it(title: str) -> None:
    made = from_event()
    for raw, becomes, *_ in rows("fields.md", title):
        for field in named(raw):
            assert named(becomes) == {new for new, sources in made.items() if field in sources}, field


def test_every_raw_field_is_there() -> None:
    host, finding, enriched = ([field for raw, *_ in rows("fields.md", title) for field in named(raw)] for title in RAW)
    assert sorted(host) == sorted({*api.HOST_FIELDS, "HOST_ID"} - {"ID"})
    assert sorted(finding) == sorted({*api.DETECTION_FIELDS, *ALWAYS, *BESIDE})
    assert [(field, column) for field, _, column in rows("fields.md", RAW[2])] == list(ENRICHED.items())
    assert len(enriched) == len(ENRICHED)


def test_every_eventtype_is_there_with_its_tags() -> None:
    told = [(named(types), named(tags)) for _, types, tags in rows("fields.md", "Eventtypes and tags")]
    assert set().union(*(types for types, _ in told)) == set(stanzas("eventtypes"))
    tagged = {name.partition("=")[2]: set(tags) for name, tags in stanzas("tags").items()}
    for types, tags in told:
        assert tags == set().union(*(tagged.get(name, set()) for name in types)), types


def test_every_field_of_the_log_is_there() -> None:
    told = {field for cell, _ in rows("fields.md", "The add-on's log") for field in named(cell)}
    assert told == extracted() - {"qualys_event"}


def test_an_unknown_qid_is_named_as_the_lookup_names_it() -> None:
    name = stanzas("transforms")["qualys_kb_name_lookup"]["default_match"]
    assert f"`{name}`" in (DOCS / "fields.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["macros", "savedsearches"])
def test_macros_and_searches_are_explained(name: str) -> None:
    told = {cells[0].strip("`*") for cells in rows("current_state.md", {"macros": "Macros"}.get(name, "Searches"))}
    assert told == {stanza.removeprefix("Qualys: ") for stanza in stanzas(name)}


def test_every_panel_of_the_dashboard_is_explained() -> None:
    view = (PACKAGE / "default" / "data" / "ui" / "views" / "qualys_overview.xml").read_text(encoding="utf-8")
    titles = [title.partition(",")[0].partition(":")[0] for title in re.findall(r"<title>(.*?)</title>", view)]
    assert [cells[0] for cells in rows("current_state.md", "The dashboard")] == titles
