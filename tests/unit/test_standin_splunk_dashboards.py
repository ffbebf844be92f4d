"""The app's dashboards: what is drawn of a search's results, and that a hostile value stays a value."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from standins.splunk import SplunkStandin
from standins.splunk.drawing import (
    HEIGHT,
    WIDTH,
    color_map,
    draw_bars,
    draw_curves,
    field_colors,
    nice,
    shown_number,
)
from standins.splunk.navigation import dashboards, find_view, navigation
from standins.splunk.search import Knowledge
from standins.splunk.search.values import Fields
from standins.splunk.store import Event, EventRow
from standins.splunk.tables import Format, draw_table
from support.fake_addon import NAME, make_addon
from support.knowledge import write_app

HOSTILE = "<img src=x onerror=alert(1)>"
COLORS = {"critical": "#8C1D40", "low": "#66A182"}
VIEW = f"/en-US/app/{NAME}/overview"
ALL_TIME = "<earliest>0</earliest><latest>now</latest>"
BY_STATUS = "$severity$ | chart count OVER STATUS BY severity"
XML = f"""<form version="1.1"><label>Fake overview</label><description>Of a test &amp; more</description>
<fieldset><input type="dropdown" token="severity"><label>Severity</label><choice value="*">All</choice>
<choice value="severity=critical">Critical</choice><default>*</default></input></fieldset>
<row>
<panel><single><title>Findings</title><search><query>$severity$ | stats count</query>{ALL_TIME}</search>
<option name="unit">findings</option></single></panel>
<panel><chart><title>By status</title><search><query>{BY_STATUS}</query>{ALL_TIME}</search>
<option name="charting.chart">column</option>
<option name="charting.fieldColors">{{"critical": 0x8C1D40, "low": 0x66A182}}</option></chart></panel>
</row><row>
<panel><table><title>Hosts</title><search>
<query>* | stats count AS Findings by DNS | sort 0 -Findings, DNS</query>{ALL_TIME}</search>
<option name="count">2</option><drilldown>
<link>search?q=DNS%3D$row.DNS|u$&amp;earliest=0&amp;latest=now</link></drilldown>
<format type="color" field="Findings"><colorPalette type="map">{{"3": #8C1D40}}</colorPalette></format></table></panel>
<panel><chart><title>By day</title><search><query>* | timechart span=1d count by severity</query>{ALL_TIME}</search>
<option name="charting.chart">area</option><option name="charting.chart.stackMode">stacked</option></chart></panel>
<panel><table><title>Log</title><search><query>index=_internal log_level=ERROR | table _time, message, source</query>
{ALL_TIME}</search></table></panel>
<panel><chart><title>Nothing</title><search><query>QID=no | stats count by QID</query>{ALL_TIME}</search></chart>
</panel>
</row></form>"""
LOG = "ta_QualysCloudPlatform.log"
CONFS = {
    "props": '[fake:vuln]\nKV_MODE = auto\nEVAL-severity = if(SEVERITY="5", "critical", "low")\n'
    f"[source::...{LOG}*]\nsourcetype = fake:log\nSHOULD_LINEMERGE = false\nTIME_PREFIX = ^\n"
    "TIME_FORMAT = %Y-%m-%dT%H:%M:%S.%3NZ\nTZ = UTC\nKV_MODE = none\n"
    "EXTRACT-log = ^\\S+ (?<log_level>[A-Z]+): (?<message>.*)\n"
}


def _write_view(app: Path, name: str, text: str) -> None:
    path = app / "default" / "data" / "ui" / "views" / f"{name}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    folder = tmp_path_factory.mktemp("dashboards")
    app = write_app(make_addon(folder), **CONFS)
    _write_view(app, "overview", XML)
    _write_view(app, "broken", "<dashboard version='1.1'><row>")
    _write_view(
        app, "unknown", "<dashboard version='1.1'><label>New</label><row><panel><viz/></panel></row></dashboard>"
    )
    with SplunkStandin(folder / "splunk", app) as splunk:
        hosts = ["a", "a", "a", HOSTILE, HOSTILE, "b"]
        splunk.splunkd.store.add([_vuln(number, host) for number, host in enumerate(hosts)])
        lines = f"2026-11-20T10:00:00.250Z ERROR: {HOSTILE}\n  more of it\n\n2026-11-20T10:00:01.000Z INFO: fine\n"
        (splunk.home / "var/log/splunk" / LOG).write_text(lines, "utf-8")
        yield splunk


def _vuln(number: int, host: str) -> Event:
    state = "ACTIVE" if number % 2 else "FIXED"
    raw = f'QID="{number}", STATUS="{state}", SEVERITY="{4 + number % 2}", DNS="{host}"'
    return Event(time.time() - number * 86400, "main", "h", "qualys", "fake:vuln", "qualys://vulns", raw)


def _open(splunk: SplunkStandin, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(splunk.web_url + path) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _panel(splunk: SplunkStandin, number: int, asked: str = "") -> str:
    status, page = _open(splunk, f"{VIEW}/panels/{number}{asked}")
    assert status == 200
    assert HOSTILE not in page
    return page


def test_the_frame_has_the_titles_and_the_choices(splunk: SplunkStandin) -> None:
    page = _open(splunk, VIEW)[1]
    for text in ("<h1>Fake overview</h1>", "Of a test &amp; more", "<h2>By status</h2>", ">Critical</option>"):
        assert text in page
    assert page.count('data-from="') == 6
    assert f'data-from="{VIEW}/panels/5"' in page


def test_each_panel_draws_the_results_of_its_search(splunk: SplunkStandin) -> None:
    assert '<p class="value">6 findings</p>' in _panel(splunk, 0)
    assert 'title="ACTIVE: 3"' in _panel(splunk, 1)
    assert 'title="critical: 3"' in _panel(splunk, 1)
    hosts = _panel(splunk, 2)
    assert "1 more row." in hosts
    assert '<a href="search?q=DNS%3Da&amp;earliest=0&amp;latest=now">a</a>' in hosts
    assert "--color: #8C1D40" in hosts
    assert "%3Cimg%20src" in hosts, "a value in a link is quoted"
    assert 'fill="#006d9c"' in _panel(splunk, 3)
    assert "No results found." in _panel(splunk, 5)


def test_what_is_chosen_is_searched_for(splunk: SplunkStandin) -> None:
    chosen = "?form.severity=severity%3Dcritical"
    assert '<p class="value">3 findings</p>' in _panel(splunk, 0, chosen)
    page = _open(splunk, VIEW + chosen)[1]
    assert '<option value="severity=critical" selected>' in page
    assert f'data-from="{VIEW}/panels/0{chosen}"' in page
    assert '<p class="value">6 findings</p>' in _panel(splunk, 0, "?form.severity=severity%3Dlow+|+delete"), "no choice"


def test_the_add_ons_log_is_the_internal_index(splunk: SplunkStandin) -> None:
    first, second, third = splunk.internal_events()
    path = str(splunk.home / "var/log/splunk" / LOG)
    assert first == {
        "time": 1795168800.25,
        "index": "_internal",
        "host": "stand-in",
        "source": path,
        "sourcetype": "fake:log",
        "stanza": "",
        "raw": f"2026-11-20T10:00:00.250Z ERROR: {HOSTILE}",
        "indexed_at": 1795168800.25,
    }
    assert (second["raw"], second["time"]) == ("  more of it", first["time"])
    assert third["time"] == first["time"] + 0.75
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in _panel(splunk, 4)


def test_what_came_since_is_searched_too(splunk: SplunkStandin) -> None:
    before = splunk.splunkd.searching.current()
    assert splunk.splunkd.searching.current() is before
    splunk.splunkd.store.add([_vuln(6, "c")])
    assert "7 findings" in _panel(splunk, 0)


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        (f"{VIEW}/panels/6", 404, "There is no such panel"),
        (f"/en-US/app/{NAME}/inputs/panels/0", 404, "There is no such panel"),
        (f"/en-US/app/{NAME}/none/panels/0", 404, "There is no such panel"),
        ("/en-US/app/other/overview/panels/0", 404, "There is no such panel"),
        (f"/en-US/app/{NAME}/broken", 200, "broken.xml: is no XML"),
        (f"/en-US/app/{NAME}/unknown", 200, "unknown element <viz>"),
    ],
)
def test_what_is_no_panel_or_no_dashboard_is_said(splunk: SplunkStandin, path: str, status: int, part: str) -> None:
    answer, page = _open(splunk, path)
    assert answer == status
    assert part in unescape(page)


def test_views_are_found_where_the_navigation_or_their_kind_says(splunk: SplunkStandin, tmp_path: Path) -> None:
    assert [view.name for view in dashboards(splunk.app_home)] == ["broken", "overview", "unknown"]
    assert [view.label for view in navigation(splunk.app_home)] == ["broken", "Fake overview", "New"]
    nav = splunk.app_home / "local/data/ui/nav/default.xml"
    nav.parent.mkdir(parents=True)
    nav.write_text(
        "<nav><view name='inputs'/><collection label='More'><view name='search'/><view name='no'/></collection></nav>"
    )
    assert [view.name for view in navigation(splunk.app_home)] == ["inputs", "search", "broken", "overview", "unknown"]
    assert find_view(splunk.app_home, "../app") is None
    launcher = _open(splunk, "/")[1]
    assert f'<a class="card" href="{VIEW}"><h2>Fake overview</h2>' in launcher
    assert f'<a href="{VIEW}">Fake overview</a>' in launcher


# Drawing.

ROWS: list[Fields] = [
    {"day": "1", "low": "2", "critical": "1"},
    {"day": "2", "critical": "4"},
    {"day": "3", "other": "x"},
]


def test_bars_are_stacked_in_the_colors_order() -> None:
    drawn = draw_bars(ROWS, COLORS)
    assert [(bar.label, bar.total) for bar in drawn.bars] == [("1", 3), ("2", 4), ("3", 0)]
    assert [(part.series, part.share, part.color) for part in drawn.bars[0].segments] == [
        ("critical", 25.0, "#8C1D40"),
        ("low", 50.0, "#66A182"),
    ]
    assert list(drawn.legend) == ["critical", "low", "other"]
    assert draw_bars([{"a": "x", "count": "3"}], {}).legend == {}
    assert draw_bars([], {}).bars == []
    days = draw_bars([{"_time": "1792627200", "n": "1"}, {"_time": "1792713600", "n": "2"}], {})
    assert [bar.label for bar in days.bars] == ["2026-10-22", "2026-10-23"]


def test_curves_run_over_the_width_and_stay_within_the_height() -> None:
    stacked = draw_curves(ROWS, COLORS, stacked=True, filled=True, zero=True)
    assert [curve.series for curve in stacked.curves] == ["other", "low", "critical"], "the highest is painted first"
    assert stacked.highest == 5
    assert stacked.curves[1].path == f"M0.0 {HEIGHT * 0.4:.1f} L500.0 {HEIGHT * 0.2:.1f} L1000.0 220.0 V220 H0.0 Z"
    assert stacked.moments[0].told == "1\ncritical: 1\nlow: 2\nother: 0"
    gaps = draw_curves(ROWS, {}, stacked=False, filled=False, zero=False)
    assert {curve.series: curve.path for curve in gaps.curves} == {
        "critical": f"M0.0 {HEIGHT * 0.8:.1f} L500.0 {HEIGHT * 0.2:.1f}",
        "low": f"M0.0 {HEIGHT * 0.6:.1f} h12",
        "other": "",
    }
    single = draw_curves([{"_time": "86400", "count": "3"}], {}, stacked=False, filled=False, zero=False)
    assert single.curves[0].path.startswith(f"M{WIDTH / 2} ")
    assert draw_curves([], {}, stacked=True, filled=True, zero=True).curves == []


def test_numbers_and_colors() -> None:
    assert [nice(size) for size in (0, 1, 1.5, 3, 5, 7, 276, 1001)] == [1, 1, 2, 5, 5, 10, 500, 2000]
    assert [shown_number("1234567"), shown_number("0.5"), shown_number("x")] == ["1,234,567", "0.5", "x"]
    assert shown_number("1.25", precision=1, unit="h") == "1.2 h"
    assert field_colors({"charting.fieldColors": '{"a b": 0xD1495B, "x": 0xZZ}'}) == {"a b": "#D1495B"}
    assert color_map('{"5": #8C1D40, "x": red}') == {"5": "#8C1D40"}


def test_a_table_shows_times_lists_and_formats() -> None:
    rows: list[Fields] = [{"_time": "0", "_raw": "r", "_secret": "s", "a": ["1", "2"], "b": "1.25"}, {"b": "x"}]
    table = draw_table(rows, 1, formats={"b": Format(precision=1, unit="h")})
    assert list(table.names) == ["_time", "_raw", "a", "b"]
    assert [cell.text for cell in table.rows[0]][1:] == ["r", "1\n2", "1.2 h"]
    assert table.rows[0][0].text.startswith("19")
    assert (table.more, table.numeric) == (1, {"a"})


def test_what_was_searched_before_is_not_evaluated_anew(splunk: SplunkStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running add-on writes to its log all the time, and each panel would cost all events again."""
    searching = splunk.splunkd.searching
    before = len(searching.current().events)
    evaluated: list[str] = []
    true_event = Knowledge.event

    def event(knowledge: Knowledge, row: EventRow) -> Fields:
        evaluated.append(row["raw"])
        return true_event(knowledge, row)

    monkeypatch.setattr(Knowledge, "event", event)
    new = _vuln(6, "c")
    splunk.splunkd.store.add([new])
    assert len(searching.current().events) == before + 1
    assert evaluated == [new.raw]
