"""Whatever a ticket says comes out as it is, in one event on one line that nothing in it can break or forge."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import BadRecord, ConfigError
from qualys_ta.feed import Conversion
from qualys_ta.populator import ticket_api
from qualys_ta.populator.ticket_record import HISTORY_LIST, histories, ticket
from support import page_shapes
from support.core import cdata, leaves, tag, text
from support.page_readers import records_of
from support.soiled_pages import TICKETS
from support.spoilers import SPOIL
from support.tickets import entry, history, told, vuln

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n"
)
FORGED = st.sampled_from(('"}\n{"number":1', '","modified":"1999-01-01T00:00:00Z', "\\", "\u2028", "{", "]]>", "&#0;"))
TEXT = st.lists(st.text(XML, max_size=8) | FORGED, max_size=8).map("".join)
TIME = st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)) | TEXT
NAMES = st.sampled_from(("NUMBER_2", "NEW", "HISTORY_LIST", "DETAILS", "VULNINFO", "STATS", "ASSIGNEE", "MODIFIED"))


@st.composite
def trees(draw: Any, depth: int = 2) -> str:
    """Elements that any version of the API may send."""
    names = draw(st.lists(NAMES, max_size=3))
    inner = [draw(trees(depth - 1)) if depth and draw(st.booleans()) else text(draw(TEXT)) for _ in names]
    return "".join(tag(name, each) for name, each in zip(names, inner))


def same(value: str) -> str:
    return value.strip()


@given(TEXT, st.sampled_from((text, cdata)))
def test_any_text_is_read_back(value: str, put: Any) -> None:
    found = told(
        history(entry("2024-01-01T00:00:00Z", tag("COMMENT", put(value)))),
        vulnerability=vuln(TITLE=None) and tag("VULNINFO", tag("TITLE", put(value)), leaves({"QID": 7})),
    )
    assert found["vuln"].get("title", "") == same(value)
    assert found["history"][0].get("comment", "") == same(value)


@given(st.lists(TIME, max_size=4), trees())
def test_any_ticket_is_one_line_that_starts_with_its_number_and_time(times: list[str], more: str) -> None:
    found = told(history(*(entry(at) for at in times)), more)
    line = json.dumps(found, separators=(",", ":"))
    assert re.match(r'\{"number":1234,"modified":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",', line)
    assert line.isascii()
    assert line.isprintable()
    assert isinstance(found["reopened"], bool)
    assert isinstance(found["overdue"], bool)


@given(TEXT, st.sampled_from(("numbers", "one_number", "addresses", "severities", "qids", "titles", "login", "moment")))
def test_any_setting_is_understood_or_refused(value: str, check: str) -> None:
    try:
        found = getattr(ticket_api, check)(value)
    except ConfigError:
        return
    assert getattr(ticket_api, check)(found) == found


CONVERT = page_shapes.TICKETS.converter(Conversion(page_shapes.TICKETS.settings))
OURS = ("modified", "reopened", "overdue", "history")


@given(st.integers(0, 11), st.lists(SPOIL, max_size=2))
def test_a_ticket_of_any_shape_says_what_its_table_says(page: int, spoils: list[tuple[int, int, int]]) -> None:
    """Though what becomes of a shape is worked out once."""
    for element in records_of(TICKETS.spoiled(page, spoils), page_shapes.TICKETS):
        alone = copy.deepcopy(element)
        listed = [each for each in alone if each.tag == HISTORY_LIST]
        for each in listed:
            alone.remove(each)
        try:
            (event,) = CONVERT(element).events
        except BadRecord:
            continue
        found = json.loads(event.text)
        assert found.get("history", []) == [said for each in listed for said in histories(each)]
        expected = {name: said for name, said in (ticket(alone) or {}).items() if name not in OURS}
        assert {name: said for name, said in found.items() if name not in OURS} == expected
