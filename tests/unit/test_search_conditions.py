"""Search conditions and macros, as eventtypes and searches use them."""

from __future__ import annotations

import pytest

from standins.splunk.search.conditions import parse_condition
from standins.splunk.search.errors import KnowledgeError, Place
from standins.splunk.search.macros import expand, read_macros

PLACE = Place("eventtypes.conf", "x", "search")
EVENT = {
    "_raw": 'HOSTVULN: HOST_ID=7, STATUS="RE-OPENED", RESULTS="no error_code here"',
    "index": "vulnerabilities",
    "sourcetype": "qualys:hostDetection",
    "STATUS": "RE-OPENED",
    "N": "10",
    "tags": ["prod", "dmz"],
}
HOLDS = {
    "": True,
    "*": True,
    'sourcetype="qualys:hostDetection" STATUS=re-opened': True,
    "STATUS=RE*ED": True,
    'STATUS = "RE-OPENED"': True,
    "STATUS=FIXED": False,
    "STATUS!=FIXED": True,
    "STATUS!=RE-OPENED": False,
    "MISSING!=x": False,
    "NOT MISSING=x": True,
    "MISSING=*": False,
    "STATUS=*": True,
    "N>9": True,
    "N<9": False,
    "N>=10 N<=10": True,
    "N=10.0": True,
    "STATUS>A": True,
    "MISSING>0": False,
    "tags=dmz": True,
    "tags IN (test, prod)": True,
    "tags IN (test)": False,
    "index=*": True,
    "index=vuln*": True,
    # OR binds tighter than AND: (N=1 OR N=10) AND STATUS=FIXED
    "N=10 OR N=1 STATUS=FIXED": False,
    "N=1 OR (N=10 AND STATUS=RE-OPENED)": True,
    "NOT (N=1 OR N=2)": True,
    "NOT N=10": False,
    "hostvuln": True,
    '"HOSTVULN: HOST_ID"': True,
    "error": True,
    "err": False,
    "err*": True,
    "OPENED STATUS": True,
    "here or": False,
}
REFUSED = ("a=b | stats count", "[search x]", "(a=b", "a=", "`macro`", 'a="never closed', "a IN (b", "OR", "a AND")


@pytest.mark.parametrize("source", HOLDS)
def test_a_condition_holds_as_in_splunk(source: str) -> None:
    assert parse_condition(source, PLACE).holds(EVENT) is HOLDS[source]


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_no_condition_is_refused(source: str) -> None:
    with pytest.raises(KnowledgeError, match=r"^eventtypes\.conf: \[x\]: search: "):
        parse_condition(source, PLACE)


def test_a_leading_wildcard_does_not_reach_internal_indexes() -> None:
    internal = {"index": "_internal"}
    assert not parse_condition("index=*", PLACE).holds(internal)
    assert parse_condition("index=_*", PLACE).holds(internal)


def test_a_condition_knows_the_fields_it_compares() -> None:
    assert parse_condition("a=1 NOT (b>2 OR c IN (d)) term", PLACE).names == {"a", "b", "c"}


MACROS = read_macros(
    {
        "where": {"definition": "index=`which`"},
        "which": {"definition": "vm"},
        "late(1)": {"args": "date", "definition": 'f($date$, "Z")'},
        "pair(2)": {"args": "a, b", "definition": "$b$-$a$"},
        "loop": {"definition": "`loop`"},
    }
)
EXPANDED = {
    "x `where` y": "x index=vm y",
    "`late(LAST_SCAN)`": 'f(LAST_SCAN, "Z")',
    '`pair("one, two", three)`': "three-one, two",
}
NOT_EXPANDED = {
    "`nowhere`": "unknown macro nowhere",
    "`late(a, b)`": r"unknown macro late\(2\)",
    "`loop`": "nested more than",
    "``": "cannot read the macro call",
}


@pytest.mark.parametrize("source", EXPANDED)
def test_a_macro_becomes_its_definition(source: str) -> None:
    assert expand(source, MACROS, PLACE) == EXPANDED[source]


@pytest.mark.parametrize("source", NOT_EXPANDED)
def test_a_macro_that_cannot_be_is_refused(source: str) -> None:
    with pytest.raises(KnowledgeError, match=NOT_EXPANDED[source]):
        expand(source, MACROS, PLACE)


@pytest.mark.parametrize(
    ("stanza", "attributes", "message"),
    [
        ("m", {"definition": "x", "iseval": "1"}, "iseval"),
        ("m", {"definition": "x", "args": "a"}, "does not say 1 arguments"),
        ("m", {}, "has no definition"),
    ],
)
def test_a_wrong_macro_stanza_is_refused(stanza: str, attributes: dict[str, str], message: str) -> None:
    with pytest.raises(KnowledgeError, match=rf"^macros\.conf: \[m\]: .*{message}"):
        read_macros({stanza: attributes})
