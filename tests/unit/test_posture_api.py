"""What a person may add to the call for posture, and how it is applied once more on our side."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import ConfigError
from qualys_ta.populator.posture_api import FORBIDDEN, parse_params
from qualys_ta.populator.posture_filter import Facts, posture_filter
from qualys_ta.splunk import fields
from qualys_ta.splunk.field_table import STANZAS
from support.posture import control, glossary, host, info, posture_answer, posture_converted, technology

KNOWN = Facts("7001", "5", "10.0.0.5", "1071", "Failed", "SERIOUS", "3")


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_forbidden_parameter_is_listed_and_refused_with_its_reason(name: str) -> None:
    (field,) = (field for field in STANZAS["pc"] if field.name == "extra_posture_params")
    assert name in field.help
    assert FORBIDDEN[name] in field.help
    for text in (f"{name}=1", f'{{"{name}": 1}}', f"status=Failed&{name}="):
        with pytest.raises(ConfigError, match=name) as refused:
            fields.checked("pc", {"extra_posture_params": text})
        assert FORBIDDEN[name] in str(refused.value)
        assert refused.value.setting == "extra_posture_params"


def test_the_page_says_what_the_feed_does_not_pull() -> None:
    assert any("The PC feed does not pull the SCAP information." in field.help for field in STANZAS["pc"])


def test_parameters_in_both_forms() -> None:
    assert parse_params("") == parse_params(" {} ") == {}
    expected = {"policy_ids": "7,9-12", "status": "Failed", "hide_evidence": "1"}
    assert parse_params("?policy_ids=7,9-12&status=Failed&hide_evidence=1") == expected
    assert parse_params('{"policy_ids": "7,9-12", "status": "Failed", "hide_evidence": true}') == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("policy_ids=all", "policy_ids: 'all' is neither a number nor a range"),
        ("host_ids=5-", "host_ids: '5-' is neither"),
        ("ids=1.5", "ids: '1.5' is neither"),
        ("control_ids=-4", "control_ids: '-4' is neither"),
        ("criticality_values=high", "criticality_values: 'high' is neither"),
        ("ips=10.0.0", "ips: '10.0.0' is no IP address, range or network"),
        ("ips=10.0.0.1-fe80::1", "is no IP address"),
        ("ips=10.0.0.1-10.0.0.5-10.0.0.9", "is no IP address"),
        ("ips=10.0.0.0/33", "is no IP address"),
        ("status", "does not look like a=1&b=2"),
        ("control_ids=9-5", "control_ids: '9-5' ends before it starts"),
        ("criticality_values=6", "criticality_values: '6' is not from 0 to 5"),
        ("criticality_values=1-7", "criticality_values: '1-7' is not from 0 to 5"),
        ("asset_group_ids=Linux", "asset_group_ids: 'Linux' is neither a number nor a range"),
        ("status=Failde", "status: 'Failde' is unknown; choose from Passed, Failed, Error."),
        ("status=Failed,", "status: '' is unknown"),
        (
            "criticality_labels=URGENT,HIGH",
            "criticality_labels: 'HIGH' is unknown; choose from UNDEFINED, MINIMAL, MEDIUM, SERIOUS, CRITICAL, URGENT.",
        ),
        ("hide_evidence=yes", "hide_evidence: 'yes' is unknown; choose from 0, 1."),
        ("tag_set_by=tag", "tag_set_by: 'tag' is unknown; choose from id, name."),
        ("use_tags=1&tag_include_selector=some", "tag_include_selector: 'some' is unknown; choose from any, all."),
        ("foo=bar", "foo is no parameter of the posture information; choose from policy_ids, ids, host_ids, ips,"),
        ('{"Status": "Failed"}', "Status is no parameter of the posture information"),
    ],
)
def test_a_filter_that_could_not_be_applied_is_refused_where_it_is_saved(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        fields.checked("pc", {"extra_posture_params": text})
    assert words in str(refused.value)
    assert refused.value.setting == "extra_posture_params"


def test_words_go_out_as_the_platform_writes_them() -> None:
    assert parse_params("status= failed,PASSED&criticality_labels=urgent&tag_set_by=Name") == {
        "status": "Failed,Passed",
        "criticality_labels": "URGENT",
        "tag_set_by": "name",
    }


@pytest.mark.parametrize("value", ["Linux & Co, 50%", "", "12"])
def test_what_tags_are_called_is_free(value: str) -> None:
    asked = {"use_tags": "1", "tag_set_by": "name", "tag_set_include": value, "tag_set_exclude": value}
    assert parse_params(json.dumps(asked)) == asked


@pytest.mark.parametrize(
    ("params", "changed", "fits"),
    [
        ({"status": "Failed,Error"}, {}, True),
        ({"status": " passed , failed "}, {}, True),
        ({"status": "Passed"}, {}, False),
        ({"status": "Passed"}, {"status": ""}, True),
        ({"ids": "1,7000-7002"}, {}, True),
        ({"ids": "7002"}, {}, False),
        ({"host_ids": "4,6"}, {}, False),
        ({"host_ids": "4-6"}, {}, True),
        ({"control_ids": "1071"}, {}, True),
        ({"control_ids": "1071"}, {"control": "1072"}, False),
        ({"criticality_labels": "serious,URGENT"}, {}, True),
        ({"criticality_labels": "URGENT"}, {}, False),
        ({"criticality_values": "4-5"}, {}, False),
        ({"criticality_values": "4-5"}, {"criticality_value": "-"}, True),
        ({"criticality_values": "4-5"}, {"criticality_value": ""}, True),
        ({"ips": "10.0.0.1-10.0.0.9"}, {}, True),
        ({"ips": "10.0.0.6 - 10.0.0.9, 10.0.0.4"}, {}, False),
        ({"ips": "10.0.0.0/29"}, {}, True),
        ({"ips": "2001:db8::/64"}, {}, False),
        ({"ips": "2001:db8::1-2001:db8::9"}, {"addresses": "10.0.0.5,2001:DB8::5"}, True),
        ({"ips": "0.0.0.0-255.255.255.255"}, {"addresses": "::1"}, False),
        ({"ips": "10.0.0.9"}, {"addresses": ""}, True),
        ({"ips": "10.0.0.9"}, {"addresses": "unknown"}, True),
        ({"status": "Failed", "control_ids": "1"}, {}, False),
    ],
)
def test_what_a_platform_did_not_filter_is_filtered_here(
    params: dict[str, str], changed: dict[str, Any], fits: bool
) -> None:
    test = posture_filter(params)
    assert test
    assert test(KNOWN._replace(**changed)) is fits


@pytest.mark.parametrize("params", [{}, {"status": "", "ips": " "}, {"tag_set_include": "x", "policy_ids": "7"}])
def test_what_filters_no_property_of_a_posture_costs_nothing(params: dict[str, str]) -> None:
    assert posture_filter(params) is None


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ("control_ids=1072", [2]),
        ("host_ids=5", [1, 2]),
        ("ips=10.0.1.0/24", [3]),
        ("criticality_labels=URGENT", [2]),
        ("criticality_values=3&ips=10.0.0.5", [1]),
        ("ids=2-3", [2, 3]),
    ],
)
def test_records_that_do_not_fit_are_left_out_whole(params: str, left: list[int]) -> None:
    infos = info(1), info(2, CONTROL_ID=1072), info(3, HOST_ID=6)
    urgent = control(1072, "<CRITICALITY><LABEL>URGENT</LABEL><VALUE>5</VALUE></CRITICALITY>")
    explained = glossary(host(), host(6, IP="10.0.1.6"), control(), urgent, technology())
    found = posture_converted(posture_answer(*infos, explained=explained), extra_posture_params=params)
    assert [(each.record, len(each.told.times)) for each in found] == [(number, 1) for number in left]


def test_a_filter_by_status_is_applied_and_makes_no_summary() -> None:
    body = posture_answer(info(1), info(2, STATUS="Passed"))
    found = posture_converted(body, extra_posture_params="status=Failed")
    assert [(each.record, len(each.told.times), each.tally) for each in found] == [(1, 1, "")]


@given(st.dictionaries(st.sampled_from(["ids", "ips", "status", "policy_ids"]), st.text(max_size=20), max_size=2))
def test_any_filter_is_applied_or_refused_with_one_line(params: dict[str, str]) -> None:
    refused: Optional[ConfigError] = None
    try:
        test = posture_filter(params, "extra_posture_params")
    except ConfigError as error:
        refused = error
    assert refused is None or (refused.setting and "\n" not in str(refused))
    assert refused or test is None or test(KNOWN) in (True, False)
