"""Elements as JSON text by their shape: the same as reading each to an object, however many shapes there are."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.populator import jsonshape
from qualys_ta.populator.jsonshape import Shapes, at, form_of
from qualys_ta.populator.jsontext import Key, attribute, grouped, inner, listed, number, text

REF = attribute("ref")
READ = grouped(
    {
        "NAME": Key("name", text),
        "PORT": Key("port", number),
        "TAG_LIST": Key("tags", listed(inner("ID"))),
        "REF_LIST": Key("refs", listed(REF)),
        "HOST": Key("host", grouped({"PORT": Key("port", number)})),
    },
    str.lower,
)


def shapes() -> Shapes:
    return Shapes(READ, lambda told: [at(told, ("name",)), at(told, ("host", "port"))], [("REF", REF)])


def written(known: Shapes, markup: str) -> str:
    plan, texts = known.of([*fromstring(f"<X>{markup}</X>").iter()][1:])
    if plan.told is None:
        return "null"
    form = form_of(plan.told)
    return str(form.json % form.pick(plan.values(texts)))


MARKUP = [
    "",
    "<NAME/>",
    "<NAME> a b\n</NAME>",
    '<NAME>%s "\\" é \U0001f600\u2028</NAME>',
    "<PORT>443</PORT><NAME>n</NAME>",
    "<PORT>0443</PORT>",
    "<PORT>443</PORT><PORT>-1</PORT><PORT/>",
    "<PORT>1000000000000000000</PORT>",
    "<PORT>100000000000000000</PORT>",
    "<NAME>a</NAME><HOST><PORT>1</PORT></HOST><NAME>b</NAME>",
    "<HOST>no object</HOST>",
    "<TAG_LIST><TAG>x</TAG><TAG/><TAG><ID>y</ID><URL>z</URL></TAG></TAG_LIST>",
    '<REF_LIST><REF ref=" r "/><REF>told</REF><REF ref=""/></REF_LIST>',
    "<NEW><A>1</A><B/></NEW>",
    "<NEW><A><B><C>%d</C></B></A></NEW>",
    "<Ü>1</Ü>",
]


@pytest.mark.parametrize("markup", MARKUP, ids=range(len(MARKUP)))
def test_what_comes_of_a_shape_is_what_is_read(markup: str) -> None:
    expected = READ(fromstring(f"<X>{markup}</X>"))
    known = shapes()
    for _ in range(2):
        assert written(known, markup) == json.dumps(expected, separators=(",", ":"))


def test_elements_of_one_shape_keep_their_own_texts() -> None:
    known = shapes()
    found = [json.loads(written(known, f"<NAME>{name}</NAME><PORT>{name}</PORT>")) for name in ("1", "x", "2")]
    assert found == [{"name": "1", "port": 1}, {"name": "x", "port": "x"}, {"name": "2", "port": 2}]


@pytest.mark.parametrize(
    ("markup", "facts"),
    [
        ("<NAME>a</NAME><HOST><PORT>1</PORT></HOST>", ("a", "1")),
        ("<NAME>a</NAME><NAME>b</NAME>", ("", "")),
        ("<NAME/><HOST>text</HOST><PORT>1</PORT>", ("", "")),
    ],
)
def test_facts_are_texts_that_stand_alone(markup: str, facts: Any) -> None:
    plan, texts = shapes().of([*fromstring(f"<X>{markup}</X>").iter()][1:])
    assert plan.facts(texts) == facts


def test_more_shapes_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonshape, "MOST_NODES", 3)
    known = shapes()
    markup = ["<NAME>a</NAME><PORT>1</PORT>", "<PORT>1</PORT>", "<NAME>a</NAME>" * 5, "<PORT>1</PORT>"]
    assert [json.loads(written(known, each)) for each in markup] == [
        {"name": "a", "port": 1},
        {"port": 1},
        {"name": ["a"] * 5},
        {"port": 1},
    ]
