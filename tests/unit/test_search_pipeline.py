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
    '* | head 1 | table n | appendpipe [stats count | eval m="a]b|c"] | fields n m count': [
        {"n": "x"},
        {"count": "1", "m": "a]b|c"},
    ],
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
    "* | timechart fixedrange=false limit=0 span=2d sum(n) AS total": [
        {"_time": "0", "total": "15"},
        {"_time": str(2 * DAY), "total": "7"},
    ],
    "* | chart count OVER host_id BY os": [
        {"host_id": "1", "Linux": "2", "Windows": "0"},
        {"host_id": "2", "Linux": "0", "Windows": "1"},
    ],
    "* | chart sum(n) AS total OVER os": [{"os": "Linux", "total": "12"}, {"os": "Windows", "total": "10"}],
    "* | chart sum(n) OVER os BY host_id": [{"os": "Linux", "1": "12"}, {"os": "Windows", "2": "10"}],
    "* | eventstats count AS of_os, max(n) AS most by os | table host_id of_os most": [
        {"host_id": "3"},
        {"host_id": "1", "of_os": "2", "most": "7"},
        {"host_id": "2", "of_os": "1", "most": "10"},
        {"host_id": "1", "of_os": "2", "most": "7"},
    ],
    "* | eventstats count | head 1 | table count": [{"count": "4"}],
    "* | sort 0 _time | streamstats sum(n) AS n, count | table n count": [
        {"n": "5", "count": "1"},
        {"n": "15", "count": "2"},
        {"n": "22", "count": "3"},
        {"n": "22", "count": "4"},
    ],
    "* | sort 0 _time | streamstats sum(n) AS total by os | table total": [
        {"total": "5"},
        {"total": "10"},
        {"total": "12"},
        {},
    ],
    "* | fillnull value=none os, x | table os x | head 2": [{"os": "none", "x": "none"}, {"os": "Linux", "x": "none"}],
    "* | fillnull y | head 1 | table y": [{"y": "0"}],
    '* | head 1 | eval m = split("a,b", ",") | mvexpand m | table host_id m': [
        {"host_id": "3", "m": "a"},
        {"host_id": "3", "m": "b"},
    ],
    "* | mvexpand os | stats count": [{"count": "3"}],
    '* | head 1 | eval m = "a,b,,c" | makemv delim="," m | table m': [{"m": ["a", "b", "c"]}],
    "* | head 1 | addinfo | table info_min_time info_max_time info_search_time": [
        {"info_min_time": "0.000", "info_max_time": "+Infinity", "info_search_time": "0.000"}
    ],
    "* | lookup hosts id AS host_id OUTPUT owner | table host_id owner": [
        {"host_id": "3"},
        {"host_id": "1", "owner": "ann"},
        {"host_id": "2", "owner": "bob"},
        {"host_id": "1", "owner": "ann"},
    ],
    "* | head 2 | lookup local=true hosts id AS host_id OUTPUTNEW owner AS os | table os": [{}, {"os": "Linux"}],
    "* | head 2 | lookup hosts id AS host_id OUTPUT owner AS os | table os": [{}, {"os": "ann"}],
    "* | head 3 | lookup names id AS host_id OUTPUT owner | table owner": [
        {"owner": "nobody"},
        {"owner": "ann"},
        {"owner": "bob"},
    ],
    "| inputlookup hosts": [{"id": "1", "owner": "ann"}, {"id": "2", "owner": "bob"}],
    "| inputlookup hosts | search owner=b*": [{"id": "2", "owner": "bob"}],
    "host_id=2 | table n | inputlookup append=true hosts": [
        {"n": "10"},
        {"id": "1", "owner": "ann"},
        {"id": "2", "owner": "bob"},
    ],
    "* | head 1 | rename host_id AS id | table id | outputlookup override_if_empty=false hosts": [{"id": "3"}],
    "* | top os": [
        {"os": "Linux", "count": "2", "percent": "66.666667"},
        {"os": "Windows", "count": "1", "percent": "33.333333"},
    ],
    "* | top limit=1 os": [{"os": "Linux", "count": "2", "percent": "66.666667"}],
}

REFUSED = {
    "| inputlookup x": "transforms.conf has no lookup 'x'",
    "| stats count": "a command is empty",
    "* | lookup x id": "transforms.conf has no lookup 'x'",
    "* | lookup hosts nr AS host_id": "has no column 'nr'",
    "* | lookup update=true hosts id": "no lookup 'update=true'",
    "* | inputlookup hosts where id=1": "did not expect 'where'",
    "* | outputlookup hosts": "the table has no column '_raw'",
    "* | outputlookup create_empty=true hosts": "did not expect '='",
    "* | | head": "a command is empty",
    '* | eval a = "open': "quote is never closed",
    "* | eventstats": "names nothing to compute",
    "* | join x": "unknown search command 'join'",
    "* | streamstats window=2 count": "unknown aggregate 'window'",
    "* | chart count by os": "expected 'OVER'",
    "* | chart limit=5 count OVER os": "knows no limit but 0",
    "* | chart sum(n) count OVER os BY n": "splits one aggregate",
    "* | timechart fixedrange=true count": "knows fixedrange=false only",
    "* | fillnull": "names no field",
    "* | mvexpand os limit=2": "did not expect 'limit'",
    "* | addinfo x": "did not expect 'x'",
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
    table = "[{}]\nfilename = hosts.csv\n"
    default = "min_matches = 1\ndefault_match = nobody\n"
    app = write_app(
        tmp_path_factory.mktemp("app"),
        {"hosts.csv": "id,owner\n1,ann\n2,bob\n"},
        props="[s]\nKV_MODE = auto\n",
        transforms=f"{table.format('hosts')}{table.format('names')}{default}",
        savedsearches=saved,
    )
    return Knowledge.load(app)


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


def test_limit_0_lifts_the_limit_of_series(knowledge: Knowledge) -> None:
    rows = [event_row(f"n={n}", sourcetype="s") for n in range(11)]
    (row,) = knowledge.search("* | timechart limit=0 count by n", rows, now=0)
    assert len(row) == 12


@pytest.mark.parametrize(
    ("earliest", "latest", "found"),
    [
        ("", "", ["3", "1", "2", "1"]),
        ("0", "now", ["3", "1", "2", "1"]),
        ("-1d@d", "", ["3", "1"]),
        (str(DAY + 20), str(3 * DAY + 40), ["1", "2"]),
        ("-1h", "now", []),
        ("", "-2d@d", ["2", "1"]),
    ],
)
def test_a_time_range_has_its_beginning_and_not_its_end(
    knowledge: Knowledge, earliest: str, latest: str, found: list[str]
) -> None:
    now = 4 * DAY + 12 * 3600 + 30.0
    rows = knowledge.search("* | table host_id", ROWS, now=now, earliest=earliest, latest=latest)
    assert [row["host_id"] for row in rows] == found


def test_a_search_can_ask_for_its_time_range(knowledge: Knowledge) -> None:
    spl = "* | head 1 | addinfo | table info_min_time info_max_time"
    rows = knowledge.search(spl, ROWS, now=5.0 * DAY, earliest="-5d@d", latest="@d")
    assert rows == [{"info_min_time": "0.000", "info_max_time": "432000.000"}]


def test_what_is_last_of_one_moment_is_for_the_search_to_say(knowledge: Knowledge) -> None:
    """Splunk promises no order among events of one time; within one second of indexing the newest comes first."""
    rows = [
        event_row(f"n={n}", time=7.0, indexed_at=at, id=place, sourcetype="s")
        for place, (n, at) in enumerate([(1, 10.0), (2, 30.1), (3, 20.0), (4, 30.2)])
    ]
    for shuffled in (rows, rows[::-1]):
        assert [row["n"] for row in knowledge.search("* | table n", shuffled, now=0)] == ["1", "3", "4", "2"]
        found = knowledge.search("* | sort 0 -_time, -_indextime | table n", shuffled, now=0)
        assert [row["n"] for row in found] == ["4", "2", "3", "1"]
