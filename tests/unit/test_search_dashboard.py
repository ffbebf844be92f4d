"""Simple XML dashboards: panels with their searches, and every refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.splunk.search import Knowledge, KnowledgeError, Panel, dashboard
from support.knowledge import write_app

TABLE = """
  <table>
    <title>Hosts above $level$</title>
    <search><query>index=* n&gt;$level$ | table host</query><earliest>-1d@d</earliest><latest>now</latest></search>
    <fields>["host"]</fields>
    <option name="count">10</option>
    <option name="drilldown">row</option>
    <format type="number" field="n"><option name="unit">h</option></format>
    <format type="color" field="host"><colorPalette type="map">{"a": #AABBCC}</colorPalette></format>
    <drilldown>
      <link target="_blank">search?q=index%3D*%20host%3D$row.host|u$&amp;earliest=0&amp;latest=now</link>
    </drilldown>
  </table>
"""
CHART = """
  <chart>
    <title>Of them all</title>
    <search base="all"><query>| stats sum(c) AS c by os</query></search>
    <option name="charting.chart">bar</option>
    <option name="charting.fieldColors">{"a": 0xAABBCC, "b": 0x001122}</option>
  </chart>
"""
PAGE = f"""
<form version="1.1">
  <label>Page</label>
  <search id="all"><query>* | stats count AS c by os</query><earliest>0</earliest><latest>now</latest></search>
  <fieldset submitButton="false">
    <input type="dropdown" token="level">
      <choice value="3">three</choice><choice value="4">four</choice><default>4</default>
    </input>
  </fieldset>
  <row><panel>{TABLE}</panel><panel>{CHART}</panel></row>
</form>
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(write_app(tmp_path_factory.mktemp("app"), props="[s]\nKV_MODE = auto\n"))


def panels_of(knowledge: Knowledge, folder: Path, text: str) -> list[Panel]:
    path = folder / "page.xml"
    path.write_text(text, encoding="utf-8")
    return dashboard(path, knowledge)


def test_panels_have_whole_searches_and_filled_tokens(knowledge: Knowledge, tmp_path: Path) -> None:
    table, chart = panels_of(knowledge, tmp_path, PAGE)
    assert (table.title, table.kind) == ("Hosts above 4", "table")
    assert (table.search, table.earliest, table.latest) == ("index=* n>4 | table host", "-1d@d", "now")
    assert (table.fields, table.formatted) == (("host",), ("n", "host"))
    assert table.options == {"count": "10", "drilldown": "row"}
    assert table.links == ("search?q=index%3D*%20host%3D$row.host|u$&earliest=0&latest=now",)
    assert chart.search == "* | stats count AS c by os | stats sum(c) AS c by os"
    assert (chart.earliest, chart.latest, chart.options["charting.chart"]) == ("0", "now", "bar")


REFUSED = {
    ("<label>Page</label>", "<label>"): "is no XML",
    ('version="1.1"', 'version="1.0"'): "is no dashboard of version 1.1",
    ('version="1.1"', 'version="1.1" script="x.js"'): "[form]: script: unknown attribute",
    ("<label>Page</label>", "<html>x</html>"): "unknown element <html>",
    ("<row><panel>", "<row>loose<panel>"): "unknown text 'loose'",
    ("<default>4</default>", "<default>5</default>"): "the default '5' is none of its choices",
    ('type="dropdown"', 'type="text"'): "unknown type 'text'",
    ("Hosts above $level$", "Hosts of $who$"): "unknown token $who$",
    ("n&gt;$level$", "n&gt;$floor$"): "unknown token $floor$",
    ("<title>Of them all</title>", ""): "a chart has no title",
    ('base="all"', 'base="none"'): "no search with the id 'none'",
    ("<earliest>-1d@d</earliest>", ""): "names no earliest",
    ("| table host", "| tables host"): "Hosts above 4]: unknown search command 'tables'",
    ("| stats sum(c)", "| stats total(c)"): "unknown aggregate 'total'",
    ('name="charting.chart"', 'name="charting.charts"'): "charting.charts: unknown attribute",
    (">bar<", ">pie3d<"): "charting.chart: does not accept 'pie3d'",
    ("0xAABBCC", "#AABBCC"): "charting.fieldColors: does not accept",
    ("#AABBCC", "red"): "colorPalette.map: does not accept",
    ('type="number"', 'type="percent"'): "type: does not accept 'percent'",
    ('["host"]', "[host]"): "is no list of names",
    ("search?q=", "https://example.com/search?q="): "is no search with a time range",
    ("search?q=", "other_page?q="): "is no search with a time range",
    ("&amp;latest=now</link>", "</link>"): "is no search with a time range",
    ("$row.host|u$", "$level$"): "unknown token $level$",
    ("q=index%3D*", "q=index%3D*%20%7C%20foo"): "unknown search command 'foo'",
}


@pytest.mark.parametrize("change", REFUSED)
def test_what_is_not_known_is_refused(knowledge: Knowledge, tmp_path: Path, change: tuple[str, str]) -> None:
    assert change[0] in PAGE
    with pytest.raises(KnowledgeError, match=r"^page\.xml") as caught:
        panels_of(knowledge, tmp_path, PAGE.replace(*change))
    assert REFUSED[change] in str(caught.value)
