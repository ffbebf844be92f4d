"""One quoting rule: what Splunk extracts is the normalized text."""

from __future__ import annotations

import pytest

from qualys_ta.populator.keyvalue import key, multi_line, single_line, single_lines
from qualys_ta.times import epoch
from support.core import broken


def test_single_line() -> None:
    assert single_line(' a"b"\tc\r\nd ') == "a'b' c  d"


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["a"], ["a", "b"], [" a", "b "], ["a ", ""], ["\n", "x\ty"], ["a\x1fb", "c"], ["\u3000a\u3000", "b"]],
)
def test_many_at_once_are_each_alone(texts: list[str]) -> None:
    assert single_lines(texts) == [single_line(text) for text in texts]


def test_multi_line_keeps_its_lines() -> None:
    assert multi_line('\ta "b"\n\n c\n') == "\ta 'b'\n\n c\n"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n"])
@pytest.mark.parametrize("prefix", ["HOSTVULN", "HOSTSUMMARY", "HOSTGONE"])
def test_forged_event_stays_text(prefix: str, end: str) -> None:
    event = f'HOSTVULN: HOST_ID=1, RESULTS="{multi_line(f"x{end}{prefix}: HOST_ID=7, QID=9")}"'
    assert broken(f"{event}\n{event}") == [event, event]


def test_key() -> None:
    assert key(" Cost Center/é-1 ") == "Cost_Center___1"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", "0"),
        ("2024-02-29T12:34:56Z", "1709210096"),
        ("", ""),
        ("2024-02-29", ""),
        ("2024-02-29T12:34:56", ""),
        ("2024-02-29T12:34:56Z\n", ""),
        ("2024-02-29T12:34:56.000Z", ""),
        ("N/A", ""),
    ],
)
def test_epoch(text: str, seconds: str) -> None:
    assert epoch(text) == seconds


@pytest.mark.parametrize("text", ["2024-13-01T00:00:00Z", "0000-00-00T00:00:00Z", "2023-02-30T00:00:00Z"])
def test_epoch_of_no_day(text: str) -> None:
    assert epoch(text) == ""
