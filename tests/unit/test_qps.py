"""The dialect of web applications: the body that is posted, where the next page is, and what its refusals mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Optional
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.api import qps
from qualys_ta.api.codes import Answer, error_for
from qualys_ta.criteria import AFTER, Criterion, criteria, criterion_params, preferences
from qualys_ta.errors import AuthError, ConfigError, Refused, TaError, TryLater
from qualys_ta.model import Request
from qualys_ta.populator.was_findings import FEED
from support.core import leaves, tag
from support.pulls import Answers, ListLog, Said, client
from support.webapps import finding, was_answer

PATH = "/qps/rest/3.0/search/was/finding"
DATE = {"date": "Thu, 02 May 2024 10:00:00 GMT"}
DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"


def body(**params: str) -> bytes:
    posted = qps.body(Request(PATH, params))
    assert posted.kind == "text/xml"
    return posted.content


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, b"<ServiceRequest />"),
        (
            {"limitResults": "1000", "verbose": "true"},
            b"<ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences>"
            b"</ServiceRequest>",
        ),
        (
            {"id GREATER": "7", "name NOT EQUALS": "x"},
            b'<ServiceRequest><filters><Criteria field="id" operator="GREATER">7</Criteria>'
            b'<Criteria field="name" operator="NOT EQUALS">x</Criteria></filters></ServiceRequest>',
        ),
        (
            {"limitResults": "5", "severity GREATER": "1", "severity GREATER #2": "2"},
            b"<ServiceRequest><preferences><limitResults>5</limitResults></preferences><filters>"
            b'<Criteria field="severity" operator="GREATER">1</Criteria>'
            b'<Criteria field="severity" operator="GREATER">2</Criteria></filters></ServiceRequest>',
        ),
        (
            {"name CONTAINS": "a<b>&\"'\r\né]]>"},
            b'<ServiceRequest><filters><Criteria field="name" operator="CONTAINS">a&lt;b&gt;&amp;"\'&#13;\n\xc3\xa9'
            b"]]&gt;</Criteria></filters></ServiceRequest>",
        ),
    ],
    ids=["nothing", "preferences", "criteria", "twice", "hostile"],
)
def test_the_body_byte_by_byte(params: dict[str, str], expected: bytes) -> None:
    assert body(**params) == DECLARATION + expected


FIELDS = st.sampled_from(["id", "webApp.id", "webApp.tags.name", "severity"])
OPERATORS = st.sampled_from(["GREATER", "NOT EQUALS", "IN", "CONTAINS"])
VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\r\n")
)


@given(st.lists(st.builds(Criterion, FIELDS, OPERATORS, VALUES), max_size=8))
def test_what_is_asked_is_what_a_parser_reads(asked: list[Criterion]) -> None:
    """Every criterion in its order, none lost, none changed, whatever a person wrote as its value."""
    params = {"limitResults": "5", **criterion_params(asked)}
    assert criteria(params) == asked
    assert preferences(params) == {"limitResults": "5"}
    root = fromstring(body(**params))
    found = [
        Criterion(each.get("field", ""), each.get("operator", ""), each.text or "") for each in root.iter("Criteria")
    ]
    assert found == asked
    assert [(each.tag, each.text) for each in root.iterfind("preferences/*")] == [("limitResults", "5")]


@given(st.dictionaries(st.sampled_from(["_", "_behind", "_id GREATER", "_a IN #2"]), VALUES))
def test_notes_are_not_sent(notes: dict[str, str]) -> None:
    """And stay where they are from page to page."""
    params = {**notes, "limitResults": "5", "id GREATER": "7"}
    assert (criteria(params), preferences(params)) == ([Criterion("id", "GREATER", "7")], {"limitResults": "5"})
    assert body(**params) == body(**{"limitResults": "5", "id GREATER": "7"})
    found = qps.following(Request(PATH, params), {"hasMoreRecords": "true", "lastId": "9"}, ListLog())
    assert found == Request(PATH, {**params, AFTER: "9"})


def following(current: Optional[str] = None, **told: str) -> Optional[Request]:
    params = {"limitResults": "5", **({} if current is None else {AFTER: current})}
    return qps.following(Request(PATH, params, resource="x"), told, ListLog())


@pytest.mark.parametrize("current", [None, "0", "6"])
def test_the_next_page_is_the_same_request_behind_the_last_id(current: Optional[str]) -> None:
    found = following(current, hasMoreRecords="true", lastId="7")
    assert found == Request(PATH, {"limitResults": "5", AFTER: "7"}, resource="x")


def test_an_id_may_be_nothing_where_no_page_was_before() -> None:
    found = following(hasMoreRecords="TRUE", lastId="0")
    assert found is not None
    assert found.params[AFTER] == "0"


@pytest.mark.parametrize(
    "told", [{}, {"hasMoreRecords": "false"}, {"hasMoreRecords": "false", "lastId": "7"}, {"lastId": "7"}]
)
def test_the_last_page_is_one_that_does_not_say_that_there_are_more(told: dict[str, str]) -> None:
    assert following("6", **told) is None


@pytest.mark.parametrize("last", [None, "", "7", "6", "-8", "8.0", "8 9", "٨", "9" * 19])
def test_more_records_without_a_greater_last_id_are_refused(tmp_path: Path, last: Optional[str]) -> None:
    """To ask for the same page for ever, or to take it for the last one, are both worse."""
    said = leaves({"responseCode": "SUCCESS", "count": 1, "hasMoreRecords": "true", "lastId": last})
    answers = Answers(Said(tag("ServiceResponse", said, tag("data", finding())).encode(), headers=DATE))
    ours = replace(client(answers, tmp_path, []), resource=FEED.resource)
    with pytest.raises(Refused, match=rf"{PATH} has more records, after id .* came after 7: the answer was not used"):
        ours.fetch(Request(PATH, {AFTER: "7"}))
    assert answers.calls == 1
    (kept,) = (tmp_path / "pages").iterdir()
    assert kept.suffix == ".errored"


def test_the_platforms_time_is_that_of_the_head(tmp_path: Path) -> None:
    """The dialect tells none in the body; nothing found is an answer, too."""
    nothing = tag("ServiceResponse", leaves({"responseCode": "SUCCESS", "count": 0}))
    for said in (was_answer(finding()), nothing.encode()):
        page = replace(client(Answers(Said(said, headers=DATE)), tmp_path, []), resource=FEED.resource).fetch(
            Request(PATH)
        )
        assert (page.platform_time, page.next) == ("2024-05-02T10:00:00Z", None)


def error(code: str, text: str = "", **user_params: str) -> TaError:
    """What an answer with this responseCode becomes."""
    answer = Answer(200, "ServiceResponse", code, text)
    return error_for(answer, PATH, "was_findings_api_version", user_params, "extra_was_params")


@pytest.mark.parametrize(
    ("code", "text", "kind", "sentence"),
    [
        ("INVALID_CREDENTIALS", "Authentication failed", AuthError, "The user name or password is wrong."),
        ("UNAUTHORIZED", "You may not", AuthError, "its role, or the subscription, lacks the module."),
        ("EVALUATION_EXPIRED", "", AuthError, "The trial of the module has expired."),
        ("INTERNAL_ERROR", "", TryLater, "The platform is busy or down."),
        ("OTHER_ERROR", "Oops", TryLater, "The platform is busy or down."),
        ("OBJECT_NOT_FOUND", "No finding found with id 7.", Refused, "OBJECT_NOT_FOUND No finding found with id 7."),
        ("INVALID_REQUEST", "The request body is not valid XML.", Refused, "is not valid XML."),
        ("INVALID_REQUEST", "Criteria: Invalid value for 'webApp.id' (x).", Refused, "'webApp.id' (x)."),
        ("INVALID_REQUEST", "Preferences: Invalid value for preference 'limitResults' (0).", Refused, "(0)."),
        ("INVALID_API_VERSION", "Version 2.9 is no longer supported", ConfigError, "(was_findings_api_version)."),
        ("NEVER_HEARD_OF", "", Refused, "NEVER_HEARD_OF."),
    ],
)  # fmt: skip
def test_refusals_with_status_200(code: str, text: str, kind: type[TaError], sentence: str) -> None:
    found = error(code, text)
    assert type(found) is kind
    assert str(found).startswith(f"{PATH} answered: {code}")
    assert str(found).endswith(sentence)
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    ("complaint", "named"),
    [
        ("Criteria: Invalid value format for criteria 'severity' (high).", "severity"),
        ("Criteria: Unknown field 'webApp.tags.name'.", "webApp.tags.name"),
        ("Criteria: Invalid operator for criteria 'severity' and 'webApp.tags.name'.", "severity, webApp.tags.name"),
    ],
)
def test_a_complaint_about_a_persons_criteria_names_the_setting(complaint: str, named: str) -> None:
    params = {"severity GREATER": "high", "severity GREATER #2": "1", "webApp.tags.name CONTAINS": "x"}
    found = error("INVALID_REQUEST", complaint, **params)
    assert isinstance(found, ConfigError)
    assert found.setting == "extra_was_params"
    assert str(found).endswith(f"Correct {named} in the setting extra_was_params.")


def test_a_complaint_about_our_own_criteria_is_not_the_persons_fault() -> None:
    """Not even where theirs is called much the same."""
    complaint = "Criteria: Invalid value format for criteria 'webApp.id' (abc)."
    assert isinstance(error("INVALID_REQUEST", complaint, **{"id EQUALS": "7", "webApp.name EQUALS": "x"}), Refused)


def test_a_refusal_is_read_from_the_answer(tmp_path: Path) -> None:
    details = tag("responseErrorDetails", leaves({"errorMessage": "Authentication failed", "errorResolution": "x"}))
    answers = Answers(
        Said(tag("ServiceResponse", tag("responseCode", "INVALID_CREDENTIALS"), details).encode(), headers=DATE)
    )
    ours = replace(client(answers, tmp_path, []), resource=FEED.resource)
    with pytest.raises(AuthError, match="INVALID_CREDENTIALS Authentication failed"):
        ours.fetch(Request(PATH))
    assert answers.calls == 1
