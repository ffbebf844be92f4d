"""Whatever a report says comes out as it is, in one event on one line that nothing in it can break or forge."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import ConfigError
from qualys_ta.populator import report_api
from qualys_ta.populator.keyvalue import SEPARATOR
from qualys_ta.populator.report_record import FindingReader, finding
from support.core import cdata, tag, text
from support.reports import details, host, report, report_events, vuln

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n"
)
FORGED = st.sampled_from(('"}\n{"report_generated":"', '","last_found":"1999-01-01T00:00:00Z', "\\", "\u2028", "]]>"))
TEXT = st.lists(st.text(XML, max_size=8) | FORGED, max_size=8).map("".join)
NAMES = st.sampled_from(("QID", "TITLE", "STATUS", "REPORT_ID", "LAST_FOUND", "IP", "NEW", "SECURITY_RISK", "RESULT"))


@st.composite
def elements(draw: Any) -> str:
    """Elements that any version of the API may send, anywhere."""
    names = draw(st.lists(NAMES, max_size=4))
    inner = [tag("INNER", text(draw(TEXT))) if draw(st.booleans()) else text(draw(TEXT)) for _ in names]
    return "".join(tag(name, each) for name, each in zip(names, inner))


@given(TEXT, st.sampled_from((text, cdata)))
def test_any_text_is_read_back(value: str, put: Any) -> None:
    body = report(
        host(vuln(38170, tag("RESULT", put(value))), more=tag("NETBIOS", put(value))),
        explained=(details(38170, tag("IMPACT", put(value))),),
    )
    (event,) = report_events(body, report_details="1")
    found = json.loads(event.text)
    assert {found.get(name, "") for name in ("result", "netbios", "impact")} == {value.strip()}


@given(elements(), elements(), elements())
def test_any_report_gives_one_line_with_each_name_once(of_host: str, of_finding: str, of_details: str) -> None:
    body = report(host(vuln(38170, of_finding), more=of_host), explained=(details(38170, of_details),))
    for event in report_events(body):
        pairs = json.loads(event.text, object_pairs_hook=lambda pairs: pairs)
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names))
        assert event.text.isascii()
        assert event.text.isprintable()
        assert event.text.startswith('{"report_generated":"2024-06-01T12:00:00Z"')


@given(elements(), elements())
def test_any_finding_says_what_its_table_says(before: str, behind: str) -> None:
    """Whichever way it is read: at once, or child by child."""
    element = fromstring(tag("VULN_INFO", before, vuln(38170).partition("<VULN_INFO>")[2].rpartition("</")[0], behind))
    _, (told,) = FindingReader().read([element])
    _, *members = told.split(SEPARATOR)
    assert json.loads(f"{{{''.join(members)[1:]}}}") == finding(element)


@given(TEXT)
def test_any_setting_is_understood_or_refused(value: str) -> None:
    found: tuple[str, ...] = ()
    with suppress(ConfigError):
        found = report_api.templates_from(value)
    assert all(each and each == each.strip() for each in found)
