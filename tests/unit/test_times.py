"""Times in checkpoints: only the exact form compares as text."""

from __future__ import annotations

import pytest

from qualys_ta.times import epoch_s, is_time, time_or_nothing, utc


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2024-05-01T10:00:00Z", True),
        ("2024-5-1T10:00:00Z", False),
        ("2024-05-01T10:00:00", False),
        ("2024-05-01", False),
        ("2024-02-30T10:00:00Z", False),
        ("", False),
        (None, False),
        (1714557600, False),
    ],
)
def test_is_time(text: object, right: bool) -> None:
    assert is_time(text) is right


def test_nothing_is_allowed_and_nonsense_is_not() -> None:
    assert time_or_nothing("") == ""
    with pytest.raises(ValueError, match="no time"):
        time_or_nothing("yesterday")


@pytest.mark.parametrize("value", [-1, "nan", "inf", 1e18, "soon", None, [], 10**400])
def test_what_is_no_moment(value: object) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        epoch_s(value)


def test_moment_as_text() -> None:
    assert utc(epoch_s("1714557600")) == "2024-05-01T10:00:00Z"
    assert utc(None) == ""
