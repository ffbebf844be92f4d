"""The knowledge objects of one app, loaded strictly, and what they make of an event."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from standins.splunk import conf
from standins.splunk.search import attributes as known
from standins.splunk.search.commands import Clock
from standins.splunk.search.conditions import Condition, parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.lookups import Table, read_table
from standins.splunk.search.macros import Macro, expand, read_macros
from standins.splunk.search.patterns import stanza_pattern
from standins.splunk.search.pipeline import Search, parse_search
from standins.splunk.search.props import Conf, Rules, compile_rules
from standins.splunk.search.values import Fields, text, values_of

Row = Mapping[str, Any]
"""An indexed event: time (epoch seconds), index, host, source, sourcetype, raw; perhaps indexed_at and id."""

_TABLES: Mapping[str, known.Table] = {
    "props": known.PROPS,
    "transforms": known.TRANSFORMS,
    "eventtypes": known.EVENTTYPES,
    "tags": known.TAGS,
    "macros": known.MACROS,
    "savedsearches": known.SAVEDSEARCHES,
}
_ADDRESSED = ("host", "source")
"""Stanza prefixes that address an event by something other than its sourcetype, weakest first."""


@dataclass(frozen=True)
class Knowledge:
    """An app's props, transforms, eventtypes, tags, macros and saved searches, ready to be applied to events."""

    props: Conf
    transforms: Conf
    tables: Mapping[str, Table]
    macros: Mapping[str, Macro]
    event_conditions: Mapping[str, Condition]
    """The eventtypes, by name."""
    tag_names: Mapping[tuple[str, str], tuple[str, ...]]
    """The enabled tags of each (field, value)."""
    saved_searches: Mapping[str, Search]
    _rules: dict[tuple[str, ...], Rules] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, app_home: Path) -> Knowledge:
        """Reads default/ and local/ over it; KnowledgeError names the file, stanza and attribute it does not know."""
        confs = {name: _read(app_home, name, table) for name, table in _TABLES.items()}
        macros = read_macros(confs["macros"])
        tables = {
            name: read_table(attributes, app_home / "lookups", Place("transforms.conf", name))
            for name, attributes in confs["transforms"].items()
            if "filename" in attributes
        }
        knowledge = cls(
            confs["props"],
            confs["transforms"],
            tables,
            macros,
            _eventtypes(confs["eventtypes"], macros),
            _tags(confs["tags"]),
            _saved_searches(confs["savedsearches"], macros, tables),
        )
        for stanza in confs["props"]:
            knowledge.rules((stanza,))
        return knowledge

    def props_of(self, row: Row) -> dict[str, str]:
        """The merged props.conf settings of an event: source over host over sourcetype."""
        return {key: value for stanza in self._stanzas(row) for key, value in self.props[stanza].items()}

    def sourcetype_of(self, source: str) -> str:
        """The sourcetype that a `[source::…]` stanza gives a file when it is read, or ""."""
        return self.props_of({"source": source}).get("sourcetype", "")

    def fields(self, row: Row) -> Fields:
        """What extractions, aliases, calculated fields and lookups give, and _raw, _time, _indextime, index, host …"""
        fields: Fields = {name: str(row[name]) for name in ("host", "index", "source", "sourcetype")}
        fields["_raw"], fields["_time"] = str(row["raw"]), text(float(row["time"]))
        if row.get("indexed_at") is not None:
            fields["_indextime"] = str(int(row["indexed_at"]))
        self.rules(self._stanzas(row)).apply(fields)
        return fields

    def eventtypes(self, row: Row) -> list[str]:
        return self._matching(self.fields(row))

    def tags(self, row: Row) -> list[str]:
        return values_of(self.event(row), "tag")

    def event(self, row: Row) -> Fields:
        """The fields with `eventtype` and `tag` added, each where there is one."""
        fields = self.fields(row)
        for name, found in (("eventtype", self._matching), ("tag", self._tagged)):
            if names := found(fields):
                fields[name] = names
        return fields

    def parsed(self, spl: str, place: Place) -> Search:
        """Raises KnowledgeError where the search uses what the evaluator does not know."""
        return parse_search(spl, self.macros, self.tables, place)

    def search(
        self,
        spl: str,
        rows: Iterable[Row],
        *,
        now: float,
        utc_offset_s: int = 0,
        earliest: str = "",
        latest: str = "",
    ) -> list[Fields]:
        """The results of a search over indexed events, as seen by a user `utc_offset_s` east of UTC.

        `earliest` and `latest` are Splunk's time modifiers; left out, all time is searched.
        """
        clock = Clock.within(earliest, latest, now, utc_offset_s)
        return self._run(self.parsed(spl, Place("search")), rows, clock)

    def saved_search(
        self,
        name: str,
        rows: Iterable[Row],
        *,
        now: float,
        utc_offset_s: int = 0,
        earliest: str = "",
        latest: str = "",
    ) -> list[Fields]:
        """The results of a shipped search; its time range is the caller's affair."""
        clock = Clock.within(earliest, latest, now, utc_offset_s)
        return self._run(self.saved_searches[name], rows, clock)

    def _run(self, search: Search, rows: Iterable[Row], clock: Clock) -> list[Fields]:
        latest = math.inf if clock.latest is None else clock.latest
        within = [row for row in rows if clock.earliest <= float(row["time"]) < latest]
        return search.run((self.event(row) for row in sorted(within, key=_age, reverse=True)), clock)

    def rules(self, stanzas: tuple[str, ...]) -> Rules:
        """The search-time rules of these props.conf stanzas together, a later one overriding an earlier one."""
        if stanzas not in self._rules:
            settings = {key: value for stanza in stanzas for key, value in self.props[stanza].items()}
            place = Place("props.conf", " + ".join(stanzas))
            self._rules[stanzas] = compile_rules(settings, self.transforms, self.tables, place)
        return self._rules[stanzas]

    def _stanzas(self, row: Row) -> tuple[str, ...]:
        matching = [row["sourcetype"]] if row.get("sourcetype") in self.props else []
        for kind in _ADDRESSED:
            patterns = sorted((name for name in self.props if name.startswith(f"{kind}::")), reverse=True)
            matching += [n for n in patterns if stanza_pattern(n[len(kind) + 2 :]).fullmatch(str(row.get(kind, "")))]
        return tuple(matching)

    def _matching(self, fields: Fields) -> list[str]:
        return sorted(name for name, condition in self.event_conditions.items() if condition.holds(fields))

    def _tagged(self, fields: Fields) -> list[str]:
        tagged = (names for (name, value), names in self.tag_names.items() if value in values_of(fields, name))
        return sorted({name for names in tagged for name in names})


def _age(row: Row) -> tuple[float, int, int]:
    """The order of events: by time. Of one time, those indexed in an earlier second are first, although Splunk mostly
    does it the other way round: it promises nothing, so a search that needs the last word has to sort.
    """
    return float(row["time"]), -int(row.get("indexed_at") or 0), int(row.get("id") or 0)


def _read(app_home: Path, name: str, table: known.Table) -> dict[str, dict[str, str]]:
    """The checked stanzas of one conf: default/ with local/ over it; no file is no stanza."""
    merged: dict[str, dict[str, str]] = {}
    for folder in ("default", "local"):
        path = app_home / folder / f"{name}.conf"
        stanzas = conf.parse(path.read_text("utf-8")) if path.is_file() else {}
        for stanza, settings in stanzas.items():
            place = Place(f"{folder}/{path.name}", stanza)
            if stanza == conf.DEFAULT:
                raise place.error("settings for all stanzas are not known here")
            known.check(settings, table, place)
            merged.setdefault(stanza, {}).update(settings)
    return merged


def _eventtypes(stanzas: Conf, macros: Mapping[str, Macro]) -> dict[str, Condition]:
    conditions = {}
    for name, attributes in stanzas.items():
        place = Place("eventtypes.conf", name, "search")
        if known.is_on(attributes, "disabled", default=False):
            continue
        condition = parse_condition(expand(attributes.get("search", ""), macros, place), place)
        if not condition.source.strip():
            raise place.error("is empty")
        if condition.names & {"eventtype", "tag"}:
            raise place.error("an eventtype cannot see eventtypes or tags")
        conditions[name] = condition
    return conditions


def _tags(stanzas: Conf) -> dict[tuple[str, str], tuple[str, ...]]:
    tags = {}
    for stanza, attributes in stanzas.items():
        name, separator, value = stanza.partition("=")
        if not separator:
            raise Place("tags.conf", stanza).error("is not field=value")
        tags[name, unquote(value)] = tuple(tag for tag, state in attributes.items() if state == "enabled")
    return tags


def _saved_searches(stanzas: Conf, macros: Mapping[str, Macro], tables: Mapping[str, Table]) -> dict[str, Search]:
    return {
        name: parse_search(attributes.get("search", ""), macros, tables, Place("savedsearches.conf", name, "search"))
        for name, attributes in stanzas.items()
    }
