"""The app's dashboards: a page at once, then each panel as soon as its search is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from flask import Blueprint, current_app, render_template, request

from standins.splunk.dashboard_layout import Layout, Visual, layout_of
from standins.splunk.drawing import columns_of, draw_bars, draw_curves, field_colors, shown_number
from standins.splunk.errors import StandinError
from standins.splunk.navigation import View, find_view
from standins.splunk.search import KnowledgeError
from standins.splunk.search.values import Fields, values_of
from standins.splunk.splunkd import Splunkd
from standins.splunk.tables import draw_table

_TOKEN = "form."
"""Before the name of a token in an address, as Splunk has it."""
_CURVES = ("area", "line")
_DEFAULT_COUNT = 10

panels = Blueprint("panels", __name__)


def dashboard_page(view: View) -> str:
    """The frame; what its panels show comes by `show_panel`."""
    try:
        layout: Optional[Layout] = _layout(view)
        problem = ""
    except KnowledgeError as error:
        layout, problem = None, str(error)
    return render_template("dashboard.html", view=view, layout=layout, problem=problem, query=_query())


@panels.route("/en-US/app/<app>/<name>/panels/<int:place>")
def show_panel(app: str, name: str, place: int) -> str:
    """One panel's drawing, as a piece of HTML; what its search could not do is said in its place."""
    splunkd = _splunkd()
    view = find_view(splunkd.layout.app, name) if app == splunkd.layout.app_name else None
    try:
        visuals = _layout(view).visuals if view and view.dashboard else []
        if place >= len(visuals):
            raise StandinError(404, "There is no such panel")
        panel = visuals[place].panel
        evaluated = splunkd.searching.current()
        rows = evaluated.search(panel.search, panel.earliest, panel.latest)
    except KnowledgeError as error:
        return render_template("panel.html", problem=str(error))
    placement = panel.options.get("charting.legend.placement", "")
    told = {"rows": rows, "left_out": evaluated.left_out, "placement": placement}
    return render_template("panel.html", **told, **_drawn(visuals[place], rows))


def _splunkd() -> Splunkd:
    found: Splunkd = current_app.extensions["splunkd"]
    return found


def _layout(view: View) -> Layout:
    assert view.path
    asked = {name[len(_TOKEN) :]: value for name, value in request.args.items() if name.startswith(_TOKEN)}
    return layout_of(view.path, _splunkd().knowledge.current(), asked)


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


def _drawn(visual: Visual, rows: Sequence[Fields]) -> dict[str, Any]:
    """What the template draws: `single`, `table`, `bars` or `curves`."""
    options = visual.panel.options
    if visual.panel.kind == "single":
        return {"single": _single(rows, options)}
    if visual.panel.kind == "table":
        link = "".join(visual.panel.links[:1])
        count = int(options.get("count", _DEFAULT_COUNT))
        return {"table": draw_table(rows, count, visual.panel.fields, visual.formats, link)}
    colors, chart = field_colors(options), options.get("charting.chart", "column")
    if chart not in _CURVES:
        return {"bars": draw_bars(rows, colors), "chart": chart}
    stacked = options.get("charting.chart.stackMode") == "stacked"
    zero = options.get("charting.chart.nullValueMode") == "zero"
    return {"curves": draw_curves(rows, colors, stacked=stacked, filled=chart == "area", zero=zero), "chart": chart}


def _single(rows: Sequence[Fields], options: Mapping[str, str]) -> str:
    """The first column of the last row, as a single value shows it."""
    names = columns_of(rows)
    value = ", ".join(values_of(rows[-1], names[0])) if names else "0"
    return shown_number(value, unit=options.get("unit", ""))
