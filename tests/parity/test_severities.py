"""Qualys' five severities have one word each, wherever they are spelled: in the lookup, in findings, in the CIM."""

from __future__ import annotations

import csv
import re

import pytest

from qualys_ta.populator.knowledge_tables import _SEVERITIES
from support.core import PACKAGE, STANZA, conf
from support.web_events import WAS

WORDS = ("severity", "vendor_severity")


def shipped() -> dict[str, dict[str, str]]:
    with (PACKAGE / "lookups" / "qualys_severity.csv").open(encoding="utf-8", newline="") as file:
        return {row["severity_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("stanza", [STANZA, WAS])
def test_a_finding_has_the_words_of_the_lookup(stanza: str, name: str) -> None:
    calculated = re.findall(r'(?:SEVERITY|severity_id) == (\d), "(\w+)"', conf("props").get(stanza, f"EVAL-{name}"))
    assert dict(calculated) == {number: row[name] for number, row in shipped().items()}
    assert len(calculated) == 5


def test_an_entry_of_the_knowledge_base_has_the_words_of_the_lookup() -> None:
    assert {number: dict(zip(WORDS, words)) for number, words in _SEVERITIES.items()} == {
        number: {name: row[name] for name in WORDS} for number, row in shipped().items()
    }
