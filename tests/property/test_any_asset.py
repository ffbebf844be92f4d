"""Any HostAsset, Tag or asset group becomes what it says, on one line; nothing is lost but white space."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.feed import Conversion
from qualys_ta.model import Converted
from qualys_ta.populator.host_asset_record import LONG
from qualys_ta.populator.host_assets import FEED
from support.assets import asset_settings, entry_of

XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30)
TEXTS = st.one_of(XML_TEXT, st.lists(XML_TEXT, max_size=3).map("\n   ".join))
PLAIN = ("name", "os", "model", "timezone", "inventedTomorrow")
NUMBERS = st.integers(0, 10**18 - 1)
SOFTWARE = st.lists(st.tuples(TEXTS, TEXTS), max_size=4)


def converted(element: Element, **chosen: str) -> Converted:
    parsed = fromstring(tostring(element))
    found: Converted = FEED.resource.converter(Conversion(asset_settings(**chosen)))(parsed)
    return found


def flat(text: str) -> str:
    return "".join(text.split())


@given(NUMBERS, st.dictionaries(st.sampled_from(PLAIN), TEXTS), SOFTWARE, st.booleans())
def test_an_asset_says_all_that_it_was(number: int, texts: dict[str, str], software: Any, apart: bool) -> None:
    element = Element("HostAsset")
    SubElement(element, "id").text = str(number)
    for name, text in texts.items():
        SubElement(element, name).text = text
    listed = SubElement(SubElement(element, "software"), "list")
    for name, version in software:
        each = SubElement(listed, "HostAssetSoftware")
        SubElement(each, "name").text, SubElement(each, "version").text = name, version
    found = converted(element, log_asset_software="1" if apart else "0")
    events = [event.text for event in found.events]
    assert all(text.isascii() and "\n" not in text for text in events)
    asset, *parts = map(json.loads, events)
    assert (found.record, asset["id"], asset["eventKind"]) == (number, number, "asset")
    for name in PLAIN:
        assert flat(asset.get(name, "")) == flat(texts.get(name, ""))
    told = [part["software"] for part in parts] if apart else asset["software"]
    expected = [(flat(name), flat(version)) for name, version in software if flat(name) or flat(version)]
    assert [(flat(each.get("name", "")), flat(each.get("version", ""))) for each in told] == expected
    assert apart is ("softwareCount" in asset)
    names = [name for name in asset if name in LONG]
    assert list(asset)[len(asset) - len(names) :] == names


_TREES: Any = st.recursive(
    TEXTS,
    lambda inner: st.lists(
        st.tuples(st.sampled_from(("a", "id", "list", "IP_SET", "tags", "sourceInfo")), inner), max_size=4
    ),
    max_leaves=12,
)


def grown(name: str, tree: Any) -> Element:
    element = Element(name)
    if isinstance(tree, str):
        element.text = tree
        return element
    element.extend([grown(tag, inner) for tag, inner in tree])
    return element


@given(NUMBERS, _TREES)
def test_whatever_is_in_a_record_it_stays_one_line(number: int, tree: Any) -> None:
    """Elements in any shape, under names that mean something elsewhere."""
    element = grown("HostAsset", tree if isinstance(tree, list) else [("a", tree)])
    element.insert(0, Element("id"))
    element[0].text = str(number)
    for event in converted(element, log_asset_software="1", log_asset_ports="1", log_asset_tags="1").events:
        assert isinstance(json.loads(event.text), dict)
        assert "\n" not in event.text
    for name, ident in (("Tag", "id"), ("ASSET_GROUP", "ID")):
        record = grown(name, [(tag, inner) for tag, inner in (tree if isinstance(tree, list) else []) if tag != "id"])
        SubElement(record, ident).text = str(number)
        found = entry_of(tostring(record).decode())
        assert json.loads(found[2])[ident] == number
        assert all(isinstance(cell, str) for cell in found)
