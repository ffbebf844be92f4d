"""The pages of policy compliance and web applications say what is asked for, what may be, and what is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from qualys_ta.populator import posture_api, was_fields, was_filters
from qualys_ta.populator.policy_posture_info import STATUSES
from qualys_ta.populator.was_findings import params, since_params
from qualys_ta.populator.was_summary import PARTS
from support.core import PACKAGE
from support.doc_pages import named, rows_of, section, text

ROOT = PACKAGE.parent
GOLDEN = ROOT / "tests" / "golden" / "policy_posture_info"
PC, WAS = "policy_posture_info.md", "was_findings.md"
EVERYTHING: Mapping[str, Any] = {
    "pc_details": True, "pc_extra_details": True, "pc_truncation_limit": 1000, "extra_posture_params": {},
    "finding_fields_to_log": was_fields.NAMES, "was_page_size": 1000, "extra_was_params": {},
}  # fmt: skip
SINCE = "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("page", "title", "forbidden"),
    [
        (PC, "Parameters that are not allowed", posture_api.FORBIDDEN),
        (WAS, "Fields that are not allowed", was_filters.FORBIDDEN),
    ],
)
def test_what_is_not_allowed_is_there_with_the_reason(page: str, title: str, forbidden: Mapping[str, str]) -> None:
    found = {name: reason.replace("`", "") for cell, reason in rows_of(page, title) for name in named(cell)}
    assert found == forbidden


def test_every_parameter_of_posture_is_there_with_the_words_it_takes() -> None:
    told = {name: words for cell, words, _ in rows_of(PC, "Your own") for name in named(cell)}
    assert {name: tuple(named(words)) if words.startswith("`") else () for name, words in told.items()} == (
        posture_api.ALLOWED
    )


def test_every_field_to_filter_by_is_there_with_its_values_and_operators() -> None:
    told = {
        name: (values, tuple(operators.split(", ")))
        for cell, values, operators in rows_of(WAS, "Extra filter")
        for name in named(cell)
    }
    allowed = was_filters.ALLOWED.items()
    assert told == {name: (", ".join(kind.choices) or kind.name, kind.operators) for name, kind in allowed}


def test_every_field_of_a_web_finding_is_there_in_its_order() -> None:
    told = {name.strip("`"): (mark, element) for name, mark, element, _ in rows_of(WAS, "Finding fields")}
    assert tuple(told) == was_fields.NAMES
    assert {name for name, (mark, _) in told.items() if mark == "always"} == was_fields.ALWAYS
    assert {name for name, (mark, _) in told.items() if mark} == {*was_fields.DEFAULT, *was_fields.ALWAYS}
    in_detail = {name for name, (_, element) in told.items() if element.endswith("(details)")}
    assert in_detail == {field.key for field in was_fields.FIELDS if field.verbose}


def test_every_counter_of_a_web_summary_is_in_the_example() -> None:
    counters = [f'{part}_{value}="' for part, values in PARTS.items() for value in values]
    assert [name for name in counters if f" {name}" not in section(WAS, "Events")] == []


def test_what_every_call_for_web_findings_asks() -> None:
    told = {name for cells in rows_of(WAS, "The request") for name in named(cells[0])}
    assert told >= {*params(EVERYTHING), *since_params(SINCE)}


def test_what_every_call_for_posture_asks() -> None:
    told = {name for cells in rows_of(PC, "API parameters") for name in named(cells[0])}
    asked = [posture_api.posture_params(EVERYTHING, policies, SINCE) for policies in ((1,), (1, 2))]
    assert told >= {name for each in asked for name in each}
    assert told >= set(posture_api.policy_params({"extra_posture_params": {"policy_ids": "1"}}))


def keys(prefix: str) -> set[str]:
    """All keys of the golden events of one kind; names made from data by what they begin with."""
    lines = [line for path in GOLDEN.glob("*.events.jsonl") for line in path.read_text("utf-8").split("\n") if line]
    texts = [event for event in (json.loads(line)["text"] for line in lines) if event.startswith(f"{prefix}:")]
    return {key for told in texts for key in re.findall(r' ([\w.:-]+)="', told)}


@pytest.mark.parametrize("prefix", ["POLICY_INFO", "POSTURE_INFO"])
def test_every_field_of_policies_and_postures_is_there(prefix: str) -> None:
    told = {name for cells in rows_of(PC, f"Fields of {prefix}") for name in named(cells[0])}
    written = keys(prefix)
    assert written
    assert {key for key in written if not key.startswith("CAUSE_OF_FAILURE_")} <= told
    assert told <= written


def test_every_status_of_a_policy_summary_is_there() -> None:
    told = [name for cells in rows_of(PC, "Fields of POLICY_SUMMARY") for name in named(cells[0])]
    assert told == ["POLICY_ID", "NUMBER_OF_CONTROLS", *STATUSES]


def test_the_page_says_that_no_scap_is_pulled() -> None:
    assert text(PC).count("The PC feed does not pull the SCAP information.") == 2
