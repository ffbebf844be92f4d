"""A person's own filter for findings: what is understood, and what is refused with place and reason."""

from __future__ import annotations

import pytest

from qualys_ta.criteria import Criterion, criteria, criterion_params, preferences, service_request
from qualys_ta.errors import ConfigError
from qualys_ta.populator.was_filters import ALLOWED, FORBIDDEN, NUMBER, TEXT, WORD, parse_filters
from qualys_ta.splunk import fields
from qualys_ta.splunk.field_table import STANZAS

EXAMPLES = {
    NUMBER.name: ("7", "7, 8"),
    WORD.name: ("ACTIVE", "NEW,ACTIVE"),
    TEXT.name: ("a, b", ""),
}
"""Type -> one value, and several."""


def criterion(field: str, operator: str, value: str) -> str:
    return f'<Criteria field="{field}" operator="{operator}">{value}</Criteria>'


@pytest.mark.parametrize("field", ALLOWED)
def test_every_field_with_every_operator_of_its_type(field: str) -> None:
    kind = ALLOWED[field]
    one, several = EXAMPLES.get(kind.name, ("2024-01-31T00:00:00Z", "2024-01-31T00:00:00Z,2024-02-01T00:00:00Z"))
    if kind.choices:
        one, several = kind.choices[-1], ", ".join(kind.choices)
    for operator in kind.operators:
        value = several if operator == "IN" else one
        found = parse_filters(f"<filters>{criterion(field, operator, value)}</filters>")
        assert found == {f"{field} {operator}": value.replace(", ", ",") if operator == "IN" else value}


@pytest.mark.parametrize(
    "written",
    [
        "<filters>{}</filters>",
        "{}",
        "<filters>\n  <!-- the worst -->\n  {}\n</filters>\n",
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<filters>{}</filters>',
        "{} <!-- alone -->",
    ],
)
def test_forms_of_the_same_filter(written: str) -> None:
    asked = written.format(criterion("name", "contains", " Ü &amp; <![CDATA[<b>]]> "))
    assert parse_filters(asked) == {"name CONTAINS": "Ü & <b>"}


def test_criteria_of_one_field_are_all_kept_in_their_order() -> None:
    asked = [criterion("severity", "NOT EQUALS", value) for value in ("1", "2", "3")]
    found = parse_filters("".join((*asked, criterion("qid", "IN", " 150001 , 150002 "))))
    assert found == {
        "severity NOT EQUALS": "1",
        "severity NOT EQUALS #2": "2",
        "severity NOT EQUALS #3": "3",
        "qid IN": "150001,150002",
    }
    assert [each.value for each in criteria(found)] == ["1", "2", "3", "150001,150002"]


REFUSED = {
    "hello": "line 1, column 1: syntax error. Write <filters><Criteria",
    "<filters>": "line 1, column 10: no element found",
    "<filters/>": "there is no Criteria in it",
    "<filters>\n\n  x</filters>": "stands outside every Criteria",
    "<ServiceRequest/>": "<ServiceRequest> is not expected: expected filters",
    "<filters><filters/></filters>": "line 1, column 10: <filters> is not expected: expected Criteria",
    '<filters a="1"/>': "<filters> takes no attributes",
    '<Criteria field="qid">1</Criteria>': "line 1, column 1: <Criteria> takes field and operator",
    '<Criteria field="qid" operator="EQUALS" x="">1</Criteria>': "<Criteria> takes field and operator",
    criterion("url", "EQUALS", "<b/>"): "line 1, column 41: <b> is not expected: a Criteria holds text only",
    criterion("url", "EQUALS", "a&b;c"): "line 1, column 42: undefined entity",
    criterion("url", "EQUALS", "&#0;"): "line 1, column 41: reference to invalid character number",
    criterion("url", "EQUALS", "\x01"): "line 1, column 41: not well-formed",
    criterion("url", "EQUALS", "a&#10;b"): "url EQUALS wants a text on one line, not 'a\\nb'",
    criterion("url", "EQUALS", "\ud800"): "half a character",
    criterion("url", "EQUALS", ""): "wants a text on one line, not ''",
    criterion("url", "GREATER", "x"): "'GREATER' is no operator for url; choose from EQUALS, NOT EQUALS, CONTAINS",
    criterion("severity", "CONTAINS", "3"): "choose from EQUALS, NOT EQUALS, GREATER, LESSER, IN",
    criterion("severity", "IN", "3,"): "severity IN wants a whole number, or several with commas between, not ''",
    criterion("severity", "EQUALS", "3,4"): "severity EQUALS wants a whole number, not '3,4'",
    criterion("severity", "EQUALS", "high"): "not 'high'",
    criterion("severity", "EQUALS", "٣"): "wants a whole number",
    criterion("status", "EQUALS", "active"): "status EQUALS wants a word such as ACTIVE, not 'active'",
    criterion("ignoredDate", "LESSER", "2024-02-30T00:00:00Z"): "wants a UTC time such as 2024-01-31T00:00:00Z",
    criterion("ignoredDate", "LESSER", "2024-01-31"): "wants a UTC time such as",
    criterion("status", "EQUALS", "ACTVE"): "'ACTVE' is unknown; choose from NEW, ACTIVE, REOPENED, FIXED, PROTECTED",
    criterion("status", "IN", "NEW,OPEN"): "line 1, column 1: status IN: 'OPEN' is unknown; choose from NEW, ACTIVE",
    criterion("type", "EQUALS", "XSS"): "choose from VULNERABILITY, SENSITIVE_CONTENT, INFORMATION_GATHERED.",
    criterion("severity", "EQUALS", "6"): "severity EQUALS: '6' is unknown; choose from 1, 2, 3, 4, 5.",
    criterion("group", "EQUALS", "xss"): "group EQUALS wants a word such as ACTIVE",
    criterion("color", "EQUALS", "red"): "'color' is no field to filter by; choose from qid, name, type",
    '<!DOCTYPE x [<!ENTITY a "b">]><filters/>': "a DTD is not read",
    criterion("url", "EQUALS", "x") + "</filters><filters>": "line 1, column 63: junk after document element",
}


@pytest.mark.parametrize("written", REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_with_place_and_reason(written: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_filters(written)
    assert REFUSED[written] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.setting == "extra_was_params"


@pytest.mark.parametrize("field", FORBIDDEN)
def test_what_is_ours_is_not_allowed_and_the_reason_is_told(field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_filters(criterion(field, "GREATER", "5"))
    assert str(refused.value) == f"line 1, column 1: {field} is not allowed: {FORBIDDEN[field]}."


def test_the_first_of_several_errors_is_told_at_its_line() -> None:
    lines = [criterion("qid", "EQUALS", "1"), criterion("qid", "EQUALS", "x"), criterion("id", "EQUALS", "1")]
    with pytest.raises(ConfigError, match=r"^line 2, column 3: qid EQUALS wants"):
        parse_filters("\n  ".join(lines))


def test_the_page_refuses_and_lists_what_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"^Extra filter: line 1, column 1: id is not allowed"):
        fields.texts("was", {"extra_was_params": criterion("id", "GREATER", "5")})
    about = next(field for field in STANZAS["was"] if field.name == "extra_was_params").help
    assert [name for name in (*ALLOWED, *FORBIDDEN, *FORBIDDEN.values()) if name not in about] == []


def test_what_was_saved_is_what_is_asked() -> None:
    written = criterion("webApp.tags.name", "CONTAINS", "R&amp;D &lt;x&gt;")
    stored = fields.texts("was", {"extra_was_params": f"  {written}\n"})["extra_was_params"]
    assert stored == written
    assert fields.checked("was", {"extra_was_params": stored})["extra_was_params"] == {
        "webApp.tags.name CONTAINS": "R&D <x>"
    }


def test_preferences_and_criteria_are_told_apart() -> None:
    params = {"limitResults": "9", "id GREATER": "5", "status NOT EQUALS": "NEW", "status NOT EQUALS #2": "FIXED"}
    assert preferences(params) == {"limitResults": "9"}
    found = criteria(params)
    assert found == [
        Criterion("id", "GREATER", "5"),
        Criterion("status", "NOT EQUALS", "NEW"),
        Criterion("status", "NOT EQUALS", "FIXED"),
    ]
    assert criterion_params(found) == {name: value for name, value in params.items() if " " in name}


def test_a_request_holds_only_what_is_asked() -> None:
    declared = b"<?xml version='1.0' encoding='UTF-8'?>\n"
    assert service_request({}) == declared + b"<ServiceRequest />"
    assert service_request({"limitResults": "5"}) == declared + (
        b"<ServiceRequest><preferences><limitResults>5</limitResults></preferences></ServiceRequest>"
    )
    assert service_request({"id GREATER": "5"}) == declared + (
        b'<ServiceRequest><filters><Criteria field="id" operator="GREATER">5</Criteria></filters></ServiceRequest>'
    )
