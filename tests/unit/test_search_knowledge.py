"""The evaluator on small apps: Splunk's order of operations, and every refusal by file, stanza and attribute."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.splunk.search import Knowledge, KnowledgeError, event_time
from standins.splunk.search.extract import clean_key
from support.knowledge import event_row, write_app

PAIRS = '[pairs]\nREGEX = ([\\w.:-]+)=(?|"([^"]*)"|([^",\\s]+))\nFORMAT = $1::$2\n'
TABLE = {"t.csv": "id,name,level\n1,one,\n2,two,high\n2,zwei,higher\nX,ex,low\n"}
LOOKUP = "[t]\nfilename = t.csv\n"


def fields_of(tmp_path: Path, raw: str, props: str, transforms: str = PAIRS, **metadata: str) -> dict[str, object]:
    """The fields beside the default ones, of an event of sourcetype `s`."""
    app = write_app(tmp_path, TABLE, props=props, transforms=transforms + LOOKUP)
    row = event_row(raw, **{"sourcetype": "s", **metadata})
    found = Knowledge.load(app).fields(row)
    return {name: value for name, value in found.items() if name not in ("_raw", "_time", *row)}


EXTRACTIONS = {
    "a report finds every pair": (
        'A=1, B="x y", C="k=v"',
        "REPORT-p = pairs",
        PAIRS,
        {"A": "1", "B": "x y", "C": "k=v"},
    ),
    "the first value wins": ("A=1 A=2", "REPORT-p = pairs", PAIRS, {"A": "1"}),
    "MV_ADD collects": ("A=1 A=2 A=3", "REPORT-p = pairs", PAIRS + "MV_ADD = true\n", {"A": ["1", "2", "3"]}),
    "names are cleaned": ("RE-OPENED=3 _9lives=2", "REPORT-p = pairs", PAIRS, {"RE_OPENED": "3", "lives": "2"}),
    "names are kept": ("RE-OPENED=3", "REPORT-p = pairs", PAIRS + "CLEAN_KEYS = false\n", {"RE-OPENED": "3"}),
    "empty values give no field": ('A="" B=1', "REPORT-p = pairs", PAIRS, {"B": "1"}),
    "empty values are kept": ('A=""', "REPORT-p = pairs", PAIRS + "KEEP_EMPTY_VALS = 1\n", {"A": ""}),
    "a literal name": (
        "user 7",
        "REPORT-p = x",
        "[x]\nREGEX = (\\w+) (\\d+)\nFORMAT = kind::$1 id::$2\n",
        {"kind": "user", "id": "7"},
    ),
    "named groups": ("user 7", "REPORT-p = x", "[x]\nREGEX = (?<kind>\\w+) (?<id>\\d+)\n", {"kind": "user", "id": "7"}),
    "another source": (
        'A="p:1"',
        "REPORT-p = pairs, x",
        PAIRS + "[x]\nSOURCE_KEY = A\nREGEX = p:(\\d)\nFORMAT = p::$1\n",
        {"A": "p:1", "p": "1"},
    ),
    "an extract takes its first match": ("x1 x2", "EXTRACT-a = x(?<n>\\d)", PAIRS, {"n": "1"}),
    "a group that took no part": ("a1", "EXTRACT-a = a(?<n>\\d)(?<m>b)?", PAIRS, {"n": "1"}),
    "extracts run by class, before reports": (
        "N=3",
        "EXTRACT-b = N=(?<x>\\d)\nEXTRACT-a = (?<x>N)\nREPORT-0 = pairs",
        PAIRS,
        {"x": "N", "N": "3"},
    ),
    "an extract from a field": (
        'U="h://p"',
        "REPORT-p = pairs\nEXTRACT-a = ^(?<scheme>\\w+) in U",
        PAIRS,
        {"U": "h://p"},
    ),
    "ASCII words only": ("é=1 a=2", "REPORT-p = pairs", PAIRS, {"a": "2"}),
    "automatic pairs": ('a=1, b="x y" c= d-e=2', "KV_MODE = auto", PAIRS, {"a": "1", "b": "x y", "d_e": "2"}),
    "no automatic pairs": ("a=1", "", PAIRS, {}),
    "a JSON object": (
        '{"QID": "7", "CVE": "", "n": 1.50, "on": true, "no": null, "a": {"b": "c"}, "l": [1, {"x": 2}]}',
        "KV_MODE = json",
        PAIRS,
        {"QID": "7", "CVE": "", "n": "1.5", "on": "true", "no": "null", "a.b": "c", "l{}": "1", "l{}.x": "2"},
    ),
    "JSON with escapes": (
        '{"t": "a\\n\\"b\\" \\u00e9", "QID": "\\\\"}',
        "KV_MODE = json",
        PAIRS,
        {"t": 'a\n"b" é', "QID": "\\"},
    ),
    "what an extraction found stays": (
        '{"a": "1"}',
        'KV_MODE = json\nEXTRACT-a = "(?<a>a)"',
        PAIRS,
        {"a": "a"},
    ),
    "no JSON": ('x {"a": 1}', "KV_MODE = json", PAIRS, {}),
    "JSON that breaks off": ('{"a": "1", "b": "2', "KV_MODE = json", PAIRS, {"a": "1"}),
    "JSON beyond 5,000 bytes": (
        '{"a": "' + "x" * 4000 + '", "b": "' + "y" * 1000 + '", "c": "z"}',
        "KV_MODE = json",
        PAIRS,
        {"a": "x" * 4000},
    ),
}


@pytest.mark.parametrize("case", EXTRACTIONS)
def test_extraction(tmp_path: Path, case: str) -> None:
    raw, props, transforms, expected = EXTRACTIONS[case]
    kv_mode = "" if "KV_MODE" in props else "KV_MODE = none\n"
    assert fields_of(tmp_path, raw, f"[s]\n{kv_mode}{props}\n", transforms) == expected


AFTER_EXTRACTION = {
    "an alias copies": ("A=1", "FIELDALIAS-a = A AS b, A AS c", {"A": "1", "b": "1", "c": "1"}),
    "AS replaces": ("A=1 b=2", "FIELDALIAS-a = A AS b", {"A": "1", "b": "1"}),
    "AS without its field removes": ("b=2", "FIELDALIAS-a = A AS b", {}),
    "ASNEW keeps": ("A=1 b=2", "FIELDALIAS-a = A ASNEW b", {"A": "1", "b": "2"}),
    "ASNEW fills": ("A=1", "FIELDALIAS-a = A ASNEW b", {"A": "1", "b": "1"}),
    "a calculated field sees an alias": (
        "A=1",
        'FIELDALIAS-a = A AS b\nEVAL-c = b . "!"',
        {"A": "1", "b": "1", "c": "1!"},
    ),
    "calculated fields do not see each other": ("A=1", "EVAL-a1 = A + 1\nEVAL-a2 = a1 + 1", {"A": "1", "a1": "2"}),
    "null removes": ("A=1", "EVAL-A = null()", {}),
    "a lookup adds": ("A=X", "LOOKUP-t = t id AS A OUTPUT name level AS L", {"A": "X", "name": "ex", "L": "low"}),
    "a lookup adds all columns": ("id=X", "LOOKUP-t = t id", {"id": "X", "name": "ex", "level": "low"}),
    "an empty cell is no field": ("A=1", "LOOKUP-t = t id AS A OUTPUT name, level", {"A": "1", "name": "one"}),
    "several rows give several values": (
        "A=2",
        "LOOKUP-t = t id AS A OUTPUT name",
        {"A": "2", "name": ["two", "zwei"]},
    ),
    "letter case counts": ("A=x", "LOOKUP-t = t id AS A OUTPUT name", {"A": "x"}),
    "OUTPUT replaces": ("A=X name=n", "LOOKUP-t = t id AS A OUTPUT name", {"A": "X", "name": "ex"}),
    "OUTPUT without a match clears": ("A=9 name=n", "LOOKUP-t = t id AS A OUTPUT name", {"A": "9"}),
    "without its field nothing is looked up": ("name=n", "LOOKUP-t = t id AS A OUTPUT name", {"name": "n"}),
    "OUTPUTNEW fills gaps": (
        "A=X name=n",
        "LOOKUP-t = t id AS A OUTPUTNEW name level",
        {"A": "X", "name": "n", "level": "low"},
    ),
    "a lookup sees a calculated field": (
        "A=x",
        "EVAL-B = upper(A)\nLOOKUP-t = t id AS B OUTPUT name",
        {"A": "x", "B": "X", "name": "ex"},
    ),
    "a calculated field sees no lookup": (
        "A=X",
        'LOOKUP-t = t id AS A OUTPUT name\nEVAL-shown = name . "!"',
        {"A": "X", "name": "ex"},
    ),
    "lookups do not see each other": (
        "A=X",
        "LOOKUP-a = t id AS A OUTPUT name AS id2\nLOOKUP-b = t name AS id2 OUTPUT level",
        {"A": "X", "id2": "ex"},
    ),
}


@pytest.mark.parametrize("case", AFTER_EXTRACTION)
def test_order_of_operations(tmp_path: Path, case: str) -> None:
    raw, props, expected = AFTER_EXTRACTION[case]
    assert fields_of(tmp_path, raw, f"[s]\nKV_MODE = none\nREPORT-p = pairs\n{props}\n") == expected


LOOKUP_SETTINGS = {
    "max_matches = 1": ("A=2", "two"),
    "min_matches = 1\ndefault_match = none": ("A=9", "none"),
    "case_sensitive_match = false": ("A=x", "ex"),
}


@pytest.mark.parametrize("setting", LOOKUP_SETTINGS)
def test_lookup_settings(tmp_path: Path, setting: str) -> None:
    raw, name = LOOKUP_SETTINGS[setting]
    props = "[s]\nREPORT-p = pairs\nLOOKUP-u = u id AS A OUTPUT name\n"
    assert fields_of(tmp_path, raw, props, f"{PAIRS}[u]\nfilename = t.csv\n{setting}\n")["name"] == name


def test_stanzas_of_source_and_host_join_the_sourcetypes(tmp_path: Path) -> None:
    props = (
        '[s]\nKV_MODE = none\nEVAL-who = "sourcetype"\nEVAL-kept = "yes"\n'
        '[host::web*]\nEVAL-who = "host"\n[source::...x.log*]\nEVAL-who = "source"\nsourcetype = given\n'
    )
    assert fields_of(tmp_path, "", props, host="web1", source="q") == {"who": "host", "kept": "yes"}
    assert fields_of(tmp_path, "", props, host="web1", source="/v/x.log.1") == {"who": "source", "kept": "yes"}
    knowledge = Knowledge.load(tmp_path)
    assert knowledge.sourcetype_of("C:\\v\\x.log") == "given"
    assert knowledge.sourcetype_of("/v/y.log") == ""


def test_of_two_source_patterns_the_first_in_ascii_order_wins(tmp_path: Path) -> None:
    props = '[source::...z...]\nEVAL-who = "z"\n[source::...a...]\nEVAL-who = "a"\n'
    assert fields_of(tmp_path, "", props, source="az")["who"] == "a"


def test_operations_come_in_splunks_order(tmp_path: Path) -> None:
    """Extraction, alias, calculated field, lookup, eventtype, tag: each sees what is before it, and nothing behind."""
    props = (
        "[s]\nKV_MODE = none\nREPORT-p = pairs\nFIELDALIAS-a = A AS alias\nEVAL-calculated = upper(alias)\n"
        "EVAL-of_lookup = upper(name)\nEVAL-of_calculated = lower(calculated)\n"
        "FIELDALIAS-b = calculated AS alias_of_calculated, name AS alias_of_lookup\n"
        "LOOKUP-t = t id AS calculated OUTPUT name\n"
    )
    types = "[found]\nsearch = name=ex\n[of_null]\nsearch = of_lookup=* OR of_calculated=*\n"
    tags = "[eventtype=found]\ntagged = enabled\n[name=ex]\nby_value = enabled\n"
    app = write_app(tmp_path, TABLE, props=props, transforms=PAIRS + LOOKUP, eventtypes=types, tags=tags)
    row = event_row("A=x", sourcetype="s")
    event = Knowledge.load(app).event(row)
    found = {name: value for name, value in event.items() if name not in ("_raw", "_time", *row)}
    assert found == {
        "A": "x",
        "alias": "x",
        "calculated": "X",
        "name": "ex",
        "eventtype": ["found"],
        "tag": ["by_value", "tagged"],
    }


def test_an_event_knows_when_it_was_indexed(tmp_path: Path) -> None:
    knowledge = Knowledge.load(write_app(tmp_path, props="[s]\nKV_MODE = none\n"))
    assert knowledge.fields(event_row("", indexed_at=17.9))["_indextime"] == "17"
    assert "_indextime" not in knowledge.fields(event_row(""))


def test_local_settings_lie_over_default_ones(tmp_path: Path) -> None:
    app = write_app(tmp_path, props='[s]\nKV_MODE = none\nEVAL-a = "default"\nEVAL-b = "default"\n')
    (app / "local").mkdir()
    (app / "local" / "props.conf").write_text('[s]\nEVAL-a = "local"\n', encoding="utf-8")
    found = Knowledge.load(app).fields(event_row("", sourcetype="s"))
    assert (found["a"], found["b"]) == ("local", "default")


def test_eventtypes_and_tags(tmp_path: Path) -> None:
    app = write_app(
        tmp_path,
        props="[s]\nKV_MODE = auto\n",
        macros="[mine]\ndefinition = sourcetype=s\n",
        eventtypes="[all]\nsearch = `mine`\n[high]\nsearch = `mine` level>3\n[off]\nsearch = *\ndisabled = 1\n",
        tags="[eventtype=high]\nalert = enabled\nquiet = disabled\n[host=a%20b]\nspaced = enabled\n",
    )
    knowledge = Knowledge.load(app)
    event = knowledge.event(event_row("level=4", sourcetype="s", host="a b"))
    assert (event["eventtype"], event["tag"]) == (["all", "high"], ["alert", "spaced"])
    low = event_row("level=1", sourcetype="s")
    assert (knowledge.eventtypes(low), knowledge.tags(low)) == (["all"], [])
    assert not {"eventtype", "tag"} & knowledge.event(event_row("", sourcetype="other")).keys()


REFUSED = {
    "props.conf: [s]: TRANSFORMS-x: unknown attribute": {"props": "[s]\nTRANSFORMS-x = y\n"},
    "props.conf: [s]: EVAL-: unknown attribute": {"props": "[s]\nEVAL- = 1\n"},
    "props.conf: [s]: MAX_DAYS_AGO: does not accept '10951 # days'": {"props": "[s]\nMAX_DAYS_AGO = 10951 # days\n"},
    "props.conf: [s]: MAX_DAYS_AGO: does not accept '99999'": {"props": "[s]\nMAX_DAYS_AGO = 99999\n"},
    "props.conf: [s]: SHOULD_LINEMERGE: does not accept": {"props": "[s]\nSHOULD_LINEMERGE = true\n"},
    "props.conf: [s]: LINE_BREAKER: does not accept": {"props": "[s]\nLINE_BREAKER = \\n\n"},
    "props.conf: [s]: TIME_PREFIX: not a PCRE": {"props": "[s]\nTIME_PREFIX = (\n"},
    "props.conf: [s]: TIME_FORMAT: unknown time": {"props": "[s]\nTIME_FORMAT = %Q\n"},
    "props.conf: [s]: TZ: does not accept": {"props": "[s]\nTZ = America/New_York\n"},
    "props.conf: [s]: KV_MODE: does not accept": {"props": "[s]\nKV_MODE = xml\n"},
    "props.conf: [default]: settings for all": {"props": "KV_MODE = none\n"},
    "props.conf: [s]: EXTRACT-x: has no named group": {"props": "[s]\nEXTRACT-x = (a)\n"},
    "props.conf: [s]: EXTRACT-x: not a PCRE": {"props": "[s]\nEXTRACT-x = (?<a>\n"},
    "props.conf: [s]: REPORT-x: transforms.conf has no stanza [y]": {"props": "[s]\nREPORT-x = y\n"},
    "props.conf: [s]: FIELDALIAS-x: cannot read": {"props": "[s]\nFIELDALIAS-x = a = b\n"},
    "props.conf: [s]: EVAL-x: unknown function f()": {"props": "[s]\nEVAL-x = f(a)\n"},
    "props.conf: [s]: LOOKUP-x: transforms.conf has no lookup 'u'": {"props": "[s]\nLOOKUP-x = u id\n"},
    "props.conf: [s]: LOOKUP-x: the table 't' has no column 'nr'": {"props": "[s]\nLOOKUP-x = t nr\n"},
    "props.conf: [s]: LOOKUP-x: names no field": {"props": "[s]\nLOOKUP-x = t\n"},
    "props.conf: [s]: LOOKUP-x: cannot read": {"props": "[s]\nLOOKUP-x = t id = a\n"},
    "transforms.conf: [x]: DEST_KEY: unknown attribute": {"transforms": "[x]\nDEST_KEY = _raw\n"},
    "transforms.conf: [x]: FORMAT: cannot read": {
        "props": "[s]\nREPORT-x = x",
        "transforms": "[x]\nREGEX = (a)\nFORMAT = $1\n",
    },
    "transforms.conf: [x]: FORMAT: the REGEX has no group $2": {
        "props": "[s]\nREPORT-x = x",
        "transforms": "[x]\nREGEX = (a)\nFORMAT = $1::$2\n",
    },
    "transforms.conf: [x]: has neither": {"props": "[s]\nREPORT-x = x", "transforms": "[x]\nREGEX = (a)\n"},
    "transforms.conf: [t]: a REPORT needs a REGEX": {"props": "[s]\nREPORT-x = t"},
    "transforms.conf: [x]: filename: 'absent.csv' is not": {"transforms": "[x]\nfilename = absent.csv\n"},
    "eventtypes.conf: [e]: tags: unknown attribute": {"eventtypes": "[e]\ntags = x\n"},
    "eventtypes.conf: [e]: search: is empty": {"eventtypes": "[e]\npriority = 1\n"},
    "eventtypes.conf: [e]: search: an eventtype cannot see": {"eventtypes": "[e]\nsearch = eventtype=x\n"},
    "eventtypes.conf: [e]: search: unknown macro m": {"eventtypes": "[e]\nsearch = `m`\n"},
    "tags.conf: [x]: is not field=value": {"tags": "[x]\na = enabled\n"},
    "tags.conf: [a=b]: t: does not accept": {"tags": "[a=b]\nt = yes\n"},
    "savedsearches.conf: [q]: actions: unknown attribute": {"savedsearches": "[q]\nsearch = *\nactions = email\n"},
    "savedsearches.conf: [q]: search: transforms.conf has no lookup 'u'": {
        "savedsearches": "[q]\nsearch = * | lookup u id\n"
    },
    "savedsearches.conf: [q]: search: unknown search command 'join'": {"savedsearches": "[q]\nsearch = * | join x\n"},
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_not_known_is_refused_where_it_stands(tmp_path: Path, message: str) -> None:
    confs = {**REFUSED[message]}
    confs["transforms"] = confs.get("transforms", "") + LOOKUP
    with pytest.raises(KnowledgeError) as caught:
        Knowledge.load(write_app(tmp_path, TABLE, **confs))
    assert message in str(caught.value)


def test_keys_are_cleaned_as_transforms_conf_says() -> None:
    assert [clean_key(name) for name in ("RE-OPENED", "_9a", "a.b:c", "é", "--")] == ["RE_OPENED", "a", "a_b_c", "", ""]


TIMES = {
    "at=2018-09-19T02:47:26Z": 1537325246.0,
    "at=2018-09-19T02:47:2": None,
    "2018-09-19T02:47:26Z": None,
}


@pytest.mark.parametrize("raw", TIMES)
def test_the_time_of_an_event(raw: str) -> None:
    props = {"TIME_PREFIX": "at=", "TIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ", "MAX_TIMESTAMP_LOOKAHEAD": "20"}
    assert event_time(props, raw) == TIMES[raw]


def test_a_lookahead_cuts_the_time_short() -> None:
    props = {"TIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ", "MAX_TIMESTAMP_LOOKAHEAD": "10"}
    assert event_time(props, "2018-09-19T02:47:26Z") is None


def test_times_are_not_guessed() -> None:
    with pytest.raises(KnowledgeError, match="TIME_FORMAT"):
        event_time({}, "2018-09-19T02:47:26Z")
