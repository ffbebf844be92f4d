"""Elements become plain objects by a table; what no table names is passed on."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.populator.jsontext import Key, attribute, event_text, grouped, inner, listed, listed_text, number, text

READ = grouped(
    {
        "NAME": Key("name", text),
        "PORT": Key("port", number),
        "TAG_LIST": Key("tags", listed(inner("ID"))),
        "REF": Key("ref", attribute("id")),
    },
    str.lower,
)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<NAME> a b\n</NAME>", {"name": "a b"}),
        ("<NAME/><PORT></PORT><TAG_LIST/>", None),
        ("<PORT>443</PORT>", {"port": 443}),
        ("<PORT>0</PORT>", {"port": 0}),
        ("<PORT>0443</PORT>", {"port": "0443"}),
        ("<PORT>-1</PORT>", {"port": "-1"}),
        ("<PORT>٤٣</PORT>", {"port": "٤٣"}),
        ("<PORT>9007199254740993</PORT>", {"port": 9007199254740993}),
        ("<PORT>999999999999999999</PORT>", {"port": 999999999999999999}),
        ("<PORT>1000000000000000000</PORT>", {"port": "1000000000000000000"}),
        ("<TAG_LIST><TAG>x</TAG><TAG/><TAG><ID>y</ID></TAG></TAG_LIST>", {"tags": ["x", "y"]}),
        ('<REF id=" r "/>', {"ref": "r"}),
        ("<REF>told</REF>", {"ref": "told"}),
        ("<NEW>1</NEW>", {"new": "1"}),
        ("<NEW><A>1</A><B/></NEW>", {"new": {"a": "1"}}),
        ("<NEW>1</NEW><NEW>2</NEW><NEW>3</NEW>", {"new": ["1", "2", "3"]}),
        ("<NAME>a</NAME><NAME>b</NAME>", {"name": ["a", "b"]}),
        ("<TAG_LIST><T>a</T></TAG_LIST><TAG_LIST><T>b</T></TAG_LIST>", {"tags": [["a"], ["b"]]}),
    ],
    ids=range(18),
)
def test_what_an_element_says(markup: str, expected: Any) -> None:
    assert READ(fromstring(f"<X>{markup}</X>")) == expected


def test_an_event_is_one_line_of_ascii_and_read_back_as_it_was() -> None:
    told = {"a": '"}\n{"\u2028\x1e\ud7ff😀', "b": [1, {"c": None}]}
    line = event_text(told)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == told


@pytest.mark.parametrize("told", [[], ["a"], ['","', {"a": ["b", '",",']}, 7, [["c"]]]])
def test_many_texts_at_once_are_those_one_by_one(told: list[Any]) -> None:
    assert listed_text(told, "|") == "|".join(json.dumps(each, separators=(",", ":")) for each in told)
