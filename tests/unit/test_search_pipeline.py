"""Searches: commands, aggregates, and what is refused."""

from __future__ import annotations

import pytest

from standins.splunk.search import Knowledge, KnowledgeError
from support.knowledge import event_row, write_app

DAY = 86400
ROWS = [
    event_row(raw, time=float(time), sourcetype="s")
    for time, raw in (
        (1 * DAY + 10, 'host_id=1 os="Linux" n=5'),
        (1 * DAY + 20, 'host_id=2 os="Windows" n=10'),
        (3 * DAY + 30, 'host_id=1 os="Linux" n=7'),
        (3 * DAY + 40, "host_id=3 n=x"),
    )
]
ELSEWHERE = event_row("host_id=9 n=1", index="other", sourcetype="s", time=50.0)

FOUND = {
    "* | table host_id": [{"host_id": "3"}, {"host_id": "1"}, {"host_id": "2"}, {"host_id": "1"}],
    "search host_id=2 | table n os": [{"n": "10", "os": "Windows"}],
    "index=* host_id=9 | table host_id": [{"host_id": "9"}],
    "host_id=9 | table host_id": [],
    "* | search n>6 | table n": [{"n": "x"}, {"n": "7"}, {"n": "10"}],
    "* | where n > 6 | table n": [{"n": "x"}, {"n": "7"}, {"n": "10"}],
    '* | eval m = n * 2, m = m + 1, "two words" = "a|b", n = null() | table m, n, "two words" | head 2': [
        {"two words": "a|b"},
        {"m": "15", "two words": "a|b"},
    ],
    '* | head 1 | rename host_id AS id, n as "the n" | fields id "the n" | fields - _raw, _time': [
        {"id": "3", "the n": "x"}
    ],
    "* | fields + n | head 1 | table n os": [{"n": "x"}],
    "* | dedup host_id | table n": [{"n": "x"}, {"n": "7"}, {"n": "10"}],
    "* | dedup 1 host_id sortby +_time | table n": [{"n": "5"}, {"n": "10"}, {"n": "x"}],
    "* | dedup 2 os | table n": [{"n": "7"}, {"n": "10"}, {"n": "5"}],
    "* | sort n | table n": [{"n": "5"}, {"n": "7"}, {"n": "10"}, {"n": "x"}],
    "* | sort 2 -n | table n": [{"n": "x"}, {"n": "10"}],
    "* | sort 0 - os, + n | table os n": [
        {"os": "Windows", "n": "10"},
        {"os": "Linux", "n": "5"},
        {"os": "Linux", "n": "7"},
        {"n": "x"},
    ],
    "* | stats count": [{"count": "4"}],
    "host_id=77 | stats count, sum(n)": [{"count": "0"}],
    "* | stats count AS c, dc(host_id), sum(n), avg(n), min(n) AS low, max(n), values(os), c(os)": [
        {
            "c": "4",
            "dc(host_id)": "3",
            "sum(n)": "22",
            "avg(n)": "7.33333333333333",
            "low": "5",
            "max(n)": "x",
            "values(os)": ["Linux", "Windows"],
            "c(os)": "3",
        }
    ],
    "* | stats latest(n) AS last earliest(n) AS first by host_id": [
        {"host_id": "1", "last": "7", "first": "5"},
        {"host_id": "2", "last": "10", "first": "10"},
        {"host_id": "3", "last": "x", "first": "x"},
    ],
    "* | stats distinct_count(host_id) as hosts by os, index": [
        {"os": "Linux", "index": "main", "hosts": "1"},
        {"os": "Windows", "index": "main", "hosts": "1"},
    ],
    "* | timechart span=1d dc(host_id) AS hosts": [
        {"_time": str(1 * DAY), "hosts": "2"},
        {"_time": str(2 * DAY), "hosts": "0"},
        {"_time": str(3 * DAY), "hosts": "2"},
    ],
    "os=* | timechart span=2d count by os": [
        {"_time": "0", "Linux": "1", "Windows": "1"},
        {"_time": str(2 * DAY), "Linux": "1", "Windows": "0"},
    ],
    "host_id=77 | timechart span=1h count": [],
    "* | top os": [
        {"os": "Linux", "count": "2", "percent": "66.666667"},
        {"os": "Windows", "count": "1", "percent": "33.333333"},
    ],
    "* | top limit=1 os": [{"os": "Linux", "count": "2", "percent": "66.666667"}],
}

REFUSED = {
    "| inputlookup x": "a command is empty",
    "* | | head": "a command is empty",
    '* | eval a = "open': "quote is never closed",
    "* | eventstats count": "unknown search command 'eventstats'",
    "* | head 1 2": "did not expect '2'",
    "* | table": "names no field",
    "* | table os*": "cannot read '*'",
    "* | sort": "names no field to sort by",
    "* | sort n desc": "descending is -field",
    "* | rename a b": "expected 'AS'",
    "* | stats": "names nothing to compute",
    "* | stats p95(n)": "unknown aggregate 'p95'",
    "* | stats sum": "sum needs a field",
    "* | stats count(eval(n))": "expected ')'",
    "* | timechart span=1mon count": "unknown span",
    "* | timechart count by os, n": "splits one aggregate",
    "* | top limit=1 showperc=f os": "found '='",
    "* | top os n": "one field only",
    "* | where n": "where a condition belongs",
    "* | search [search x]": "expected",
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    saved = "[daily]\nsearch = sourcetype=s \\\n| stats count\n"
    return Knowledge.load(write_app(tmp_path_factory.mktemp("app"), props="[s]\nKV_MODE = auto\n", savedsearches=saved))


@pytest.mark.parametrize("spl", FOUND)
def test_a_search_finds(knowledge: Knowledge, spl: str) -> None:
    assert knowledge.search(spl, [*ROWS, ELSEWHERE], now=0) == FOUND[spl]


@pytest.mark.parametrize("spl", REFUSED)
def test_what_is_not_known_is_refused(knowledge: Knowledge, spl: str) -> None:
    with pytest.raises(KnowledgeError, match=r"^search: ") as caught:
        knowledge.search(spl, ROWS, now=0)
    assert REFUSED[spl] in str(caught.value)


def test_a_saved_search_runs_by_name(knowledge: Knowledge) -> None:
    assert knowledge.saved_search("daily", ROWS, now=0) == [{"count": "4"}]


def test_days_are_the_readers_days(knowledge: Knowledge) -> None:
    rows = knowledge.search("host_id=1 | timechart count", ROWS, now=0, utc_offset_s=-60)
    assert rows[0] == {"_time": str(60), "count": "1"}


def test_a_chart_of_too_many_series_is_refused(knowledge: Knowledge) -> None:
    rows = [event_row(f"n={n}", sourcetype="s") for n in range(11)]
    with pytest.raises(KnowledgeError, match="more than 10 series"):
        knowledge.search("* | timechart count by n", rows, now=0)
