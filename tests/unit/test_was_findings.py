"""A Finding becomes an event, whatever the platform leaves out or empty; what is asked for; what web apps come to."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.criteria import service_request
from qualys_ta.errors import BadRecord, ConfigError
from qualys_ta.feed import QPS
from qualys_ta.populator.was_fields import ALWAYS, DEFAULT, FIELDS, NAMES
from qualys_ta.populator.was_findings import FEED
from qualys_ta.populator.was_summary import summary
from qualys_ta.populator.was_webapps import BEHIND, BELOW, RESOURCE, may_be_parted, webapp_id, webapp_sets
from qualys_ta.splunk import fields
from support.core import SINCE, extracted, inspected, leaves, tag
from support.webapps import (
    EVERYTHING,
    RECORD,
    TESTED,
    event_of,
    finding,
    listed,
    tags,
    tries,
    was_answer,
    was_converted,
    was_settings,
)


def told(*markup: str, only: str = EVERYTHING, **values: object) -> dict[str, str]:
    """The fields of one finding's event."""
    return dict(extracted(event_of(*markup, only=only, **values)))


def tally(**values: object) -> str:
    (found,) = was_converted(was_answer(finding(**values)))
    return found.tally


def test_the_feed_is_of_the_other_dialect_and_pages_by_a_size_that_is_set() -> None:
    """S6: the platform's own page size is a tenth, and all details are several times as much."""
    assert FEED.resource.dialect == RESOURCE.dialect == QPS
    assert FEED.params(was_settings()) == {"limitResults": "1000", "verbose": "true"}
    lean = ",".join(field.key for field in FIELDS if not field.verbose)
    assert FEED.params(was_settings(finding_fields_to_log=lean, was_page_size="250")) == {"limitResults": "250"}
    for field in FIELDS:
        asked = FEED.params(was_settings(finding_fields_to_log=field.key))
        assert ("verbose" in asked) == field.verbose


def test_a_persons_filter_goes_beside_the_window() -> None:
    """X12: values reach the platform as they were meant, whatever they hold."""
    criteria = '<Criteria field="name" operator="CONTAINS">a&lt;b &amp; "c"</Criteria>'
    asked = {**FEED.params(was_settings(extra_was_params=criteria)), **FEED.since_params(SINCE)}
    body = fromstring(service_request(asked))
    assert [(each.get("field"), each.get("operator"), each.text) for each in body.iterfind("filters/Criteria")] == [
        ("name", "CONTAINS", 'a<b & "c"'),
        ("lastTestedDate", "GREATER", SINCE),
    ]
    assert [(each.tag, each.text) for each in body.iterfind("preferences/*")] == [
        ("limitResults", "1000"),
        ("verbose", "true"),
    ]


def test_the_first_pull_has_no_window() -> None:
    assert FEED.since_params("") == FEED.since_params(None) == {}
    assert FEED.since_params(SINCE) == {"lastTestedDate GREATER": SINCE}


@pytest.mark.parametrize(
    ("hours", "expected"), [("24", timedelta(days=1)), ("0", timedelta(minutes=10)), ("720", timedelta(days=30))]
)
def test_pulls_look_back_as_long_as_scans_take(hours: str, expected: timedelta) -> None:
    """L12: a finding is seen after the scan, and bears the time of its test."""
    assert FEED.overlap(was_settings(was_overlap_hours=hours)) == expected


def test_default_fields_are_those_of_old_searches_and_some_are_always_there() -> None:
    assert was_settings()["finding_fields_to_log"] == DEFAULT
    assert list(told(only="")) == [name for name in NAMES if name in ALWAYS and name != "isIgnored"]
    assert told(only="", isIgnored="true")["isIgnored"] == "true"
    assert fields.checked("was", {"finding_fields_to_log": "CVSSV3_BASE, cwe"})["finding_fields_to_log"] == (
        "cvssV3_base",
        "cwe",
    )


def test_fields_come_in_the_order_of_the_table_whatever_the_order_of_the_answer() -> None:
    found = told(leaves({"isIgnored": "false", "group": "XSS", "param": "q"}), listed("cwe", tag("long", "79")))
    assert list(found) == [name for name in NAMES if name in found]
    assert (found["cwe"], found["group"], found["param"]) == ("79", "XSS", "q")


@pytest.mark.parametrize("name", ["status", "url", "severity", "type", "timesDetected", "lastTestedDate", "name"])
def test_what_is_missing_or_empty_ends_nothing(name: str) -> None:
    """H10: gathered information has neither url nor status, and any element may come empty."""
    assert told(**{name: None}).get(name) == ("-" if name == "status" else None)
    assert told(**{name: ""})[name] == ("-" if name == "status" else "")


@pytest.mark.parametrize("webapp", ["", "<webApp/>", "<webApp><id/><name/></webApp>"], ids=["none", "empty", "hollow"])
def test_a_finding_of_no_web_application(webapp: str) -> None:
    """H10."""
    (found,) = was_converted(was_answer(finding(webapp=webapp)))
    assert (found.record, found.tally, len(found.events)) == (501, "", 1)
    assert 'finding_id="501"' in found.events[0].text


@pytest.mark.parametrize("wrong", [None, "", "x1", "-5", "1" * 19, "²", "5.0"])
def test_a_finding_without_a_number_is_left_out(wrong: object) -> None:
    with pytest.raises(BadRecord, match="a Finding whose id is"):
        was_converted(was_answer(finding(id=wrong)))


def test_ids_broken_over_lines() -> None:
    webapp = tag("webApp", tag("id", "7\n 7"))
    found = told(id="\n50\n1 ", qid="15 0001", webapp=webapp)
    assert (found["finding_id"], found["qid"], found["webapp_id"]) == ("501", "150001", "77")
    assert tally(webapp=webapp, id=" 1") == "77:VULNERABILITY|ACTIVE|5"


def test_times() -> None:
    (found,) = was_converted(was_answer(finding(lastTestedDate=f" {TESTED}\n")))
    assert (found.moment, found.events[0].time) == (TESTED, "1714619045")
    (found,) = was_converted(was_answer(finding(lastTestedDate="-", lastDetectedDate="2024-05-02T03:04:06Z")))
    assert (found.moment, found.events[0].time) == ("", "1714619046")
    (found,) = was_converted(was_answer(finding(lastTestedDate=None, lastDetectedDate=None)))
    assert (found.moment, found.events[0].time) == ("", "")


def test_lists() -> None:
    assert told(webapp=tags("a", "", "b &amp; c"))["tags"] == "a,b & c"
    assert "tags" not in told(webapp=tags())
    assert "cwe" not in told(listed("cwe"))
    codes = (tag("OWASP", tag("name", name), tag("code", code)) for name, code in (("Injection", "3"), ("XXE", "4")))
    found = told(listed("owasp", *codes), listed("wasc", tag("WASC", tag("name", "XSS"))))
    assert (found["owasp"], found["owasp_code"], found["wasc"]) == ("Injection,XXE", "3,4", "XSS")
    assert "wasc_code" not in found


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (tag("id", "4") + tag("username", "acme_ab1"), "acme_ab1"),
        ("acme_ab1", "acme_ab1"),
        (tag("firstName", "Ann") + tag("lastName", "Baker"), "Ann,Baker"),
    ],
)
def test_people(person: str, expected: str) -> None:
    assert told(tag("ignoredBy", person))["ignoredBy"] == expected


def test_payloads_and_the_request_of_the_first_try() -> None:
    request = tag("request", leaves({"method": "GET", "link": "https://x.example/?a=1"}))
    found = told(tries(tag("payload", "one") + request, tag("payload", "two"), tag("payload", "one")))
    assert (found["payload"], found["request_method"]) == ("one,two", "GET")
    assert found["request_url"] == "https://x.example/?a=1"
    assert not {"request_body", "request_headers", "evidence"} & found.keys()


def test_what_is_switched_off_is_not_told() -> None:
    (found,) = was_converted(was_answer(finding()), log_individual_findings="0")
    assert (found.record, found.events, found.tally) == (501, [], "77:VULNERABILITY|ACTIVE|5")
    (found,) = was_converted(was_answer(finding()), log_webapp_summary="0")
    assert (len(found.events), found.tally) == (1, "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "77:VULNERABILITY|ACTIVE|5"),
        ({"type": "INFORMATION_GATHERED", "status": None}, "77:INFORMATION_GATHERED|-|5"),
        ({"type": None, "severity": ""}, "77:-|ACTIVE|-"),
        ({"type": "NEW KIND|2", "status": 'A", "b'}, "77:NEW_KIND_2|A____b|5"),
        ({"webapp": tag("webApp", tag("id", "x"))}, ""),
        ({"status": "S" * 99}, f"77:VULNERABILITY|{'S' * 40}|5"),
    ],
)
def test_what_a_finding_counts_as(values: dict[str, object], expected: str) -> None:
    assert tally(**values) == expected


def test_the_summary_has_all_that_is_known_and_names_what_is_not() -> None:
    counts = {"VULNERABILITY|ACTIVE|5": 2, "INFORMATION_GATHERED|-|1": 3, "NEW_KIND|PROTECTED|9": 1, "-|FIXED|-": 1}
    found = summary(77, counts)
    assert found.text == (
        'WAS_SUMMARY: webapp_id="77", type_VULNERABILITY="2", type_SENSITIVE_CONTENT="0", type_INFORMATION_GATHERED="3"'
        ', status_-="3", status_NEW="0", status_ACTIVE="2", status_FIXED="1", status_REOPENED="0"'
        ', severity_1="3", severity_2="0", severity_3="0", severity_4="0", severity_5="2"'
        ', type_NEW_KIND="1", status_PROTECTED="1", severity_9="1"'
    )
    assert FEED.summary is not None
    assert FEED.summary(77, counts) == found


def test_a_web_application_without_findings_has_a_summary_of_zeros() -> None:
    pairs = dict(extracted(summary(1, {}).text))
    assert pairs.pop("webapp_id") == "1"
    assert set(pairs.values()) == {"0"}
    assert len(pairs) == 13


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], [{}]),
        ([5], [{BELOW: "6"}, {BEHIND: "5"}]),
        ([9, 5, 7, 5], [{BELOW: "8"}, {BEHIND: "7", BELOW: "10"}, {BEHIND: "9"}]),
        ([9, 5, 7, 11], [{BELOW: "8"}, {BEHIND: "7", BELOW: "12"}, {BEHIND: "11"}]),
    ],
)
def test_sets_of_web_applications(ids: list[int], expected: list[dict[str, str]]) -> None:
    assert list(webapp_sets(ids, 2)) == expected


def test_sets_of_web_applications_behind_one() -> None:
    assert list(webapp_sets([], 2, "4")) == [{BEHIND: "4"}]
    assert list(webapp_sets([9, 5, 7], 2, "4")) == [
        {BEHIND: "4", BELOW: "8"},
        {BEHIND: "7", BELOW: "10"},
        {BEHIND: "9"},
    ]


def test_summaries_are_of_what_is_asked_for() -> None:
    """Another filter, or a summary that was not wanted: what was counted before is not what is counted now."""
    others = [
        was_settings(),
        was_settings(log_webapp_summary="0"),
        was_settings(extra_was_params='<Criteria field="severity" operator="GREATER">3</Criteria>'),
    ]
    assert len({FEED.counted(each) for each in others}) == 3
    assert FEED.counted(was_settings(was_page_size="7", num_threads_for_was="5")) == FEED.counted(was_settings())


def test_who_chose_web_applications_is_not_parted() -> None:
    assert may_be_parted({"limitResults": "1", "webApp.name EQUALS": "x", "severity GREATER": "3"})
    assert not may_be_parted({"webApp.id IN #2": "1,2"})


def test_ids_of_web_applications() -> None:
    assert webapp_id(fromstring("<WebApp><id>\n 23\n8</id></WebApp>")) == 238
    longest, longer = "9" * 18, "9" * 19
    assert webapp_id(fromstring(f"<WebApp><id>{longest}</id></WebApp>")) == int(longest)
    for wrong in ("<WebApp/>", *(f"<WebApp><id>{text}</id></WebApp>" for text in ("", "x", "-1", "\u0663", longer))):
        with pytest.raises(BadRecord, match="a WebApp whose id"):
            webapp_id(fromstring(wrong))


@pytest.mark.parametrize(("code", "message"), [("INVALID_CREDENTIALS", "Authentication failed"), ("SUCCESS", "")])
def test_an_answer_without_findings_says_itself_whether_it_is_an_error(code: str, message: str) -> None:
    """H11: errors come with status 200 and the same root; what tells them stands where the client looks."""
    details = tag("responseErrorDetails", tag("errorMessage", message)) if message else tag("data", "\n")
    judged = inspected(tag("ServiceResponse", tag("responseCode", code), details).encode(), RECORD)
    assert (judged.root, judged.has_records) == (FEED.resource.root, False)
    assert judged.told.texts["responseCode"] == code
    assert judged.told.texts.get("responseErrorDetails/errorMessage", "") == message


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("was_page_size", wrong) for wrong in ("0", "1001")),
        *(("num_threads_for_was", wrong) for wrong in ("0", "11")),
        *(("was_overlap_hours", wrong) for wrong in ("-1", "721", "1h")),
        ("finding_fields_to_log", "cwe,color"),
    ],
)
def test_settings_out_of_their_limits(name: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as refused:
        was_settings(**{name: wrong})
    assert refused.value.setting == name
