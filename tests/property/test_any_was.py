"""extraction(event) == normalise(text) for web applications, and any value of a filter reaches the platform whole."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from xml.etree.ElementTree import fromstring

from hypothesis import example, given
from hypothesis import strategies as st

from qualys_ta.criteria import Criterion, criteria, criterion_params, service_request
from qualys_ta.errors import ConfigError
from qualys_ta.populator.was_evidence import decoded
from qualys_ta.populator.was_filters import parse_filters
from qualys_ta.populator.was_summary import summary
from qualys_ta.populator.was_webapps import webapp_sets
from support.core import cdata, extracted, tag, text
from support.webapps import EVERYTHING, event_of, finding, listed, tries, was_answer, was_converted

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n\r"
)
MARKS = st.sampled_from(
    ('"', "'", "=", ", ", "\n", "\r", "\t", "\\", "\u2028", "\x85", "{0}", "]]>", "&#0;", "&", "<", " #2", "QUJD")
)
FORGED = st.sampled_from(('status="FIXED"', '\nWAS_FINDING: webapp_id="1"', '", finding_id="2', "WAS_SUMMARY: "))
TEXT = st.lists(st.text(XML, max_size=8) | MARKS | FORGED, max_size=8).map("".join)
WORD = st.sampled_from(("EQUALS", "NOT EQUALS", "GREATER", "IN", "CONTAINS"))
FLAT = ("name", "type", "severity", "url", "timesDetected", "uniqueId", "group", "ignoredComment", "param")
PARTS = (
    *("<filters>", "</filters>", "<Criteria ", 'field="qid" ', 'operator="EQUALS">', "1", "</Criteria>"),
    *("<", "&", "<!--", "-->", "\n", "x", "<!DOCTYPE a>"),
)


def read(value: str, as_cdata: bool) -> str:
    """The text as an XML parser hands it on: literal line ends become \\n."""
    return re.sub("\r\n?", "\n", value) if as_cdata else value


def line(value: str) -> str:
    return re.sub("[\t\r\n]", " ", value.strip(" \t\r\n").replace('"', "'"))


def saying(markup: str) -> str:
    """The event of a finding whose every text is this markup."""
    request = tag("request", *(tag(name, markup) for name in ("method", "link")))
    webapp = tag("webApp", tag("id", "77"), tag("name", markup), tag("url", markup), listed("tags", _tag(markup)))
    values = "".join(tag(name, markup) for name in FLAT)
    return event_of(
        values,
        tag("cvssV3", tag("attackVector", markup)),
        listed("owasp", tag("OWASP", tag("name", markup))),
        tries(tag("payload", markup) + request),
        webapp=webapp,
        only=EVERYTHING,
    )


def _tag(name: str) -> str:
    return tag("Tag", tag("name", name))


@given(value=TEXT, put=st.sampled_from([text, cdata]))
@example(value='\nWAS_FINDING: webapp_id="1"', put=cdata)
@example(value='x", finding_id="666', put=text)
def test_every_kind_of_field(value: str, put: Callable[[str], str]) -> None:
    event = saying(put(value))
    assert not re.search("[\r\n]", event), "one event stays one line"
    expected = line(read(value, put is cdata))
    pairs = extracted(event)
    for key in (*FLAT, "webapp_name", "webapp_url", "cvssV3_attackVector"):
        assert (key, expected) in pairs
    if expected:
        for key in ("tags", "owasp", "payload"):
            assert (key, expected) in pairs
        assert not {"tags", "owasp", "payload"} - dict(extracted(saying("x"))).keys()
    assert {key for key, _ in pairs} <= set(EVERYTHING.split(",")), "nothing that a value quotes became a field"


@given(TEXT)
def test_evidence_is_read_back_from_base64(value: str) -> None:
    body = b64encode(value.encode()).decode()
    event = event_of(tries(tag("response", body)), only="evidence")
    found = dict(extracted(event)).get("evidence", "")
    assert found == line(decoded(body))
    assert decoded(body) == (value if len(body) >= 16 else body)


@given(st.binary(max_size=99).map(lambda data: b64encode(data).decode()) | TEXT)
def test_evidence_never_holds_what_xml_forbids(said: str) -> None:
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", decoded(said))


@given(st.lists(st.builds(Criterion, st.sampled_from(("url", "webApp.id")), WORD, TEXT), max_size=5))
def test_any_criterion_is_read_back_from_the_request(asked: list[Criterion]) -> None:
    """X12."""
    params = criterion_params(asked)
    assert sorted(criteria(params)) == sorted(asked)
    body = fromstring(service_request({"limitResults": "5", **params}))
    found = [Criterion(*map(each.get, ("field", "operator")), each.text or "") for each in body.iter("Criteria")]  # type: ignore[arg-type]
    assert found == criteria(params)


@given(st.text(max_size=40) | TEXT)
def test_any_text_in_a_filter_is_kept_or_refused(value: str) -> None:
    written = f'<Criteria field="url" operator="CONTAINS">{text(value)}</Criteria>'
    kept = []
    with suppress(ConfigError):
        kept = [each.value for each in criteria(parse_filters(written))]
    refused = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", value)
    several_lines = re.search("[\t\n\r\x7f]", value.strip())
    assert kept == ([] if refused or several_lines or not value.strip() else [value.strip()])


@given(st.text(max_size=60) | st.lists(st.sampled_from(PARTS), max_size=9).map("".join))
def test_any_filter_is_understood_or_refused(written: str) -> None:
    with suppress(ConfigError):
        assert parse_filters(written.strip())


@given(kind=TEXT, status=TEXT, severity=TEXT)
def test_counters_are_whole_whatever_the_words(kind: str, status: str, severity: str) -> None:
    (found,) = was_converted(was_answer(finding(type=kind, status=status, severity=severity)))
    group, category = found.tally.split(":", 1)
    assert re.fullmatch(r"[A-Za-z0-9_.|-]+", category)
    event = summary(int(group), {category: 7}).text
    pairs = extracted(event)
    assert len(pairs) == event.count("="), "no counter was lost or split"
    assert all(value in ("0", "7", "77") for _, value in pairs)


@given(st.lists(st.integers(1, 60), max_size=20), st.integers(1, 8), st.integers(0, 60))
def test_every_web_application_is_in_one_set(ids: list[int], size: int, behind: int) -> None:
    """Listed or not; of those that are listed, no more than so many are in one."""

    def holds(params: dict[str, str], webapp: int) -> bool:
        return all(
            webapp > int(each.value) if each.operator == "GREATER" else webapp < int(each.value)
            for each in criteria(params)
        )

    listed = {number for number in ids if number > behind}
    sets = list(webapp_sets([number for number in ids if number > behind], size, str(behind) if behind else ""))
    assert {each.operator for params in sets for each in criteria(params)} <= {"GREATER", "LESSER"}
    for webapp in range(1, 99):
        assert sum(holds(each, webapp) for each in sets) == int(webapp > behind)
    assert all(sum(holds(each, webapp) for webapp in listed) <= size for each in sets)
    assert len(sets) == -(-len(listed) // size) + 1
