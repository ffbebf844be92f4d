"""The page of events, like Splunk's search page: by metric, time, text and condition, with the fields they have.

A search with commands (``… | stats count by QID``) shows its results instead.
"""

from __future__ import annotations

import time
from typing import Any, Optional

from flask import Blueprint, current_app, render_template, request

from standins.splunk.browsing import PAGE, Browser, Hit
from standins.splunk.event_address import METRIC, TYPE, Asked
from standins.splunk.event_view import Shown, field_groups, linkable, marked, status
from standins.splunk.field_search import parse_field_search
from standins.splunk.search import Knowledge, KnowledgeError
from standins.splunk.search.errors import Place
from standins.splunk.search.values import Fields
from standins.splunk.splunkd import Splunkd
from standins.splunk.tables import draw_table
from standins.splunk.time_ranges import PRESETS, BadTimeError, TimeRange

RESULTS_SHOWN = 200

events = Blueprint("events", __name__)
events.add_app_template_filter(marked)
events.add_app_template_filter(linkable)


@events.route("/en-US/events")
def show() -> tuple[str, int]:
    """Events chosen by metric, time, text and condition; 400 with the reason for what cannot be read."""
    splunkd: Splunkd = current_app.extensions["splunkd"]
    asked = Asked(request.args)
    knowledge, problem = _knowledge(splunkd)
    chosen, content, refusal = TimeRange(""), {}, ""
    try:
        chosen = asked.range(time.time())
        if asked.search and knowledge is None:
            raise KnowledgeError("nothing can be searched without the knowledge objects")
        commands = bool(knowledge and asked.search and knowledge.parsed(asked.search, Place("search")).steps)
        content = _results(splunkd, asked, chosen) if commands else _found(splunkd, knowledge, asked, chosen)
    except (BadTimeError, KnowledgeError) as error:
        refusal = str(error)
    common = {"asked": asked, "chosen": chosen, "presets": PRESETS, "choices": _choices(splunkd)}
    page = render_template("events.html", problem=problem, refusal=refusal, page_size=PAGE, **common, **content)
    return page, 400 if refusal else 200


def _knowledge(splunkd: Splunkd) -> tuple[Optional[Knowledge], str]:
    """The app's knowledge, or why there is none."""
    try:
        return splunkd.knowledge.current(), ""
    except KnowledgeError as error:
        return None, str(error)


def _found(splunkd: Splunkd, knowledge: Optional[Knowledge], asked: Asked, chosen: TimeRange) -> dict[str, Any]:
    search = parse_field_search(asked.search, knowledge) if asked.search and knowledge else None
    places = {"older_than": asked.place("before"), "newer_than": asked.place("after")}
    found = Browser(splunkd.store, knowledge).find(asked.filter(chosen, _metrics(splunkd)), search, **places)
    return {
        "found": found,
        "told": status(found, chosen.label),
        "events": [Shown(hit) for hit in found.shown],
        "groups": field_groups(found),
    }


def _results(splunkd: Splunkd, asked: Asked, chosen: TimeRange) -> dict[str, Any]:
    evaluated = splunkd.searching.current()
    rows = evaluated.search(asked.search, *map(_modifier, (chosen.earliest, chosen.latest)))
    apart = " Metric and text do not apply to a search with commands." if asked.text or asked.args.get("what") else ""
    label = f"{chosen.label[:1].lower()}{chosen.label[1:]}"
    results = f"{len(rows):,} result{'' if len(rows) == 1 else 's'} ({label}).{apart}"
    if rows and all("_raw" in row for row in rows[:PAGE]):
        return {
            "told": results,
            "events": [Shown(_hit(row)) for row in rows[:PAGE]],
            "more": max(len(rows) - PAGE, 0),
            "left_out": evaluated.left_out,
        }
    return {"told": results, "table": draw_table(rows, RESULTS_SHOWN), "left_out": evaluated.left_out}


def _modifier(moment: Optional[float]) -> str:
    return "" if moment is None else f"{max(moment, 0):.3f}"


def _hit(fields: Fields) -> Hit:
    row = {name: str(fields.get(name, "")) for name in ("host", "source", "sourcetype", "index")}
    return Hit({**row, "raw": str(fields["_raw"]), "time": float(str(fields.get("_time", 0)))}, fields)


def _metrics(splunkd: Splunkd) -> dict[str, tuple[str, ...]]:
    """The inputs of each metric: those there are now, and those whose events are still there."""
    names = {stanza.name: stanza.settings.get("metric") or _bare(stanza.name) for stanza in splunkd.inputs()}
    stanzas = {**{stanza: _bare(stanza) for stanza in splunkd.store.counts("stanza")}, **names}
    metrics: dict[str, tuple[str, ...]] = {}
    for stanza, metric in sorted(stanzas.items()):
        metrics[metric] = (*metrics.get(metric, ()), stanza)
    return metrics


def _bare(stanza: str) -> str:
    return stanza.partition("://")[2] or stanza


def _choices(splunkd: Splunkd) -> dict[str, list[tuple[str, str, int]]]:
    """What the list of metrics offers: (value, label, events) in groups."""
    by_stanza, by_kind = splunkd.store.counts("stanza"), splunkd.store.counts("sourcetype", "kind")
    metrics = [
        (f"{METRIC}:{metric}", metric, sum(by_stanza.get(stanza, 0) for stanza in stanzas))
        for metric, stanzas in sorted(_metrics(splunkd).items())
    ]
    kinds = []
    for sourcetype in sorted({sourcetype for sourcetype, _ in by_kind}):
        named = {kind: count for (found, kind), count in by_kind.items() if found == sourcetype}
        kinds.append((f"{TYPE}:{sourcetype}", sourcetype, sum(named.values())))
        kinds += [(f"{TYPE}:{sourcetype}|{kind}", f"{sourcetype} {kind}", n) for kind, n in named.items() if kind]
    return {"Metric": metrics, "Sourcetype and kind of event": kinds}
