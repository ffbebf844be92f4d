"""The page of events: what its filters find, what it refuses, and that nothing of an event is markup."""

from __future__ import annotations

import re
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Optional
from urllib.parse import urlencode

import pytest

from standins.splunk import SplunkStandin
from standins.splunk.store import EventStore
from support.fake_addon import make_addon
from support.indexed import CONFS, NOW, vuln
from support.knowledge import write_app

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    folder = tmp_path_factory.mktemp("events")
    app = make_addon(folder)
    with SplunkStandin(folder / "splunk", write_app(app, **CONFS)) as splunk:
        now = time.time()
        events = [vuln(number, now - 3600 * number, "FIXED" if number % 10 == 0 else "ACTIVE") for number in range(60)]
        splunk.splunkd.store.add(events)
        long = "\n".join(f"line {number} {HOSTILE}" for number in range(40))
        hostile = {"host": HOSTILE, "source": f"{HOSTILE}&\"'", "sourcetype": f"x{HOSTILE}", "stanza": f"q://{HOSTILE}"}
        splunk.splunkd.store.add([vuln(1, now, raw=f'VULN: QID=1 evil="{HOSTILE}"\n{long}', **hostile)])
        yield splunk


def _page(splunk: SplunkStandin, **asked: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{splunk.web_url}/en-US/events?{urlencode(asked)}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _told(page: str) -> Optional[str]:
    found = re.search(r'role="status">([^<]*)<', page)
    return found and unescape(found[1])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "61 events (all time)"),
        ({"what": "metric:vulns"}, "60 events (all time)"),
        ({"what": "type:fake:vuln|VULN", "range": "24h"}, "24 events (last 24 hours)"),
        ({"what": "type:fake:vuln|OTHER"}, "0 events (all time)"),
        ({"search": "STATUS=FIXED"}, "6 events (all time)"),
        ({"search": "severity=critical tag=vulnerability", "range": "24h"}, "12 events (last 24 hours)"),
        ({"search": "eventtype=fake_open", "q": 'QID="7"'}, "1 event (all time)"),
        ({"to": "2000-01-01"}, "0 events (before 2000-01-01 00:00:00)"),
        ({"search": "index=* | stats count by severity"}, "2 results (all time)."),
        ({"search": "sourcetype=fake:vuln | head 3", "q": "x"}, "3 results (all time). Metric and text do not apply"),
    ],
    ids=str,
)
def test_what_the_filters_find(splunk: SplunkStandin, asked: dict[str, str], told: str) -> None:
    status, page = _page(splunk, **asked)
    assert status == 200
    assert (_told(page) or "").startswith(told)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"search": "STATUS="}, "search: "),
        ({"search": "a | nonsense"}, "unknown search command 'nonsense'"),
        ({"search": "`no_macro`"}, "no_macro"),
        ({"from": "yesterday"}, "'yesterday' is no time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(splunk: SplunkStandin, asked: dict[str, str], why: str) -> None:
    status, page = _page(splunk, **asked)
    assert status == 400
    assert why in unescape(page)


def test_places_that_are_none_show_the_newest(splunk: SplunkStandin) -> None:
    for place in ("x", "1", "1,x", "1,", "1e999,1", "9" * 400):
        status, page = _page(splunk, before=place, after=place)
        assert status == 200, place
        assert _told(page) == "61 events (all time)"


def test_nothing_of_an_event_is_markup(splunk: SplunkStandin) -> None:
    for asked in ({}, {"q": HOSTILE}, {"search": f'evil="{HOSTILE}"'}, {"search": "index=* | table _raw, evil, host"}):
        page = _page(splunk, **asked)[1]
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page
    assert "Show all 41 lines" in _page(splunk)[1]


def test_links_beside_the_events_add_a_condition(splunk: SplunkStandin) -> None:
    page = unescape(_page(splunk, search="severity=critical", range="30d")[1])
    links = re.findall(r'href="(\?[^"]*STATUS%3DACTIVE[^"]*)"', page.partition("<aside")[2])
    assert links == [
        "?search=severity%3Dcritical+STATUS%3DACTIVE&range=30d",
        "?search=severity%3Dcritical+NOT+STATUS%3DACTIVE&range=30d",
    ]


def test_saved_searches_are_a_click_away(splunk: SplunkStandin) -> None:
    with urllib.request.urlopen(f"{splunk.web_url}/en-US/reports") as answer:
        page = unescape(answer.read().decode())
    (link,) = re.findall(r'href="([^"]*)">Fake: by severity', page)
    with urllib.request.urlopen(splunk.web_url + link) as answer:
        page = answer.read().decode()
    assert (_told(page) or "").startswith("2 results (since ")


def test_a_broken_conf_is_told_and_the_events_are_shown_all_the_same(tmp_path: Path) -> None:
    app = write_app(make_addon(tmp_path), props="[fake:vuln]\nEVAL_severity = 1\n")
    with SplunkStandin(tmp_path / "splunk", app) as splunk:
        splunk.splunkd.store.add([vuln(1, NOW)])
        status, page = _page(splunk)
        assert (status, _told(page)) == (200, "1 event (all time)")
        assert "EVAL_severity: unknown attribute" in page
        assert _page(splunk, search="QID=1")[0] == 400


def test_knowledge_is_read_anew_when_a_file_changed(tmp_path: Path) -> None:
    app = write_app(make_addon(tmp_path), **CONFS)
    with SplunkStandin(tmp_path / "splunk", app) as splunk:
        first = splunk.splunkd.knowledge.current()
        assert splunk.splunkd.knowledge.current() is first
        write_app(splunk.app_home, eventtypes="[other]\nsearch = STATUS=FIXED\n")
        assert list(splunk.splunkd.knowledge.current().event_conditions) == ["other"]


def test_an_index_of_an_older_stand_in_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    old = sqlite3.connect(path)
    columns = '"time" REAL, "index" TEXT, host TEXT, source TEXT, sourcetype TEXT, stanza TEXT, raw TEXT'
    old.execute(f"CREATE TABLE event (id INTEGER PRIMARY KEY, {columns})")
    old.execute("INSERT INTO event VALUES (1, 5, 'main', 'h', 's', 't', 'q://x', 'KIND_A: 1')")
    old.commit()
    old.close()
    store = EventStore(path, clock=lambda: 7.0)
    store.add([vuln(1, 6, raw="nothing: KIND: here"), vuln(1, 6, raw="no colon")])
    assert [(row["id"], row["indexed_at"]) for row in store.events()] == [(1, None), (2, 7.0), (3, 7.0)]
    assert store.counts("kind") == {"": 2, "KIND_A": 1}
    store.close()
