"""Patience never exceeds its bound, whatever the platform asks for."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.api.patience import Patience, asked_wait_s, wait_s
from qualys_ta.splunk.state import LONGEST_WAIT_S, State

NOW = datetime(2024, 5, 1, tzinfo=timezone.utc)


@given(
    tries=st.integers(0, 10_000),
    longest_s=st.floats(1, 86_400),
    asked_s=st.none() | st.floats(0, allow_nan=False),
    attempt=st.integers(0, 20_000),
    jitter=st.floats(0, 1),
)
def test_wait_is_bounded(tries: int, longest_s: float, asked_s: float, attempt: int, jitter: float) -> None:
    wait = wait_s(Patience(tries, longest_s), asked_s, attempt, jitter)
    if wait is None:
        assert attempt >= tries or (asked_s or 0) > longest_s
    else:
        assert attempt < tries
        assert (asked_s or 0) <= wait <= longest_s


@given(
    st.text(max_size=30)
    | st.integers().map(str)
    | st.datetimes().map(lambda moment: f"{moment:%a, %d %b %Y %H:%M:%S} GMT")
)
def test_any_header_is_a_wait_or_nothing(value: str) -> None:
    wait = asked_wait_s({"retry-after": value}, {"SECONDS_TO_WAIT": value}, NOW)
    assert wait is None or wait > 0


@given(st.lists(st.none() | st.floats(0, allow_nan=False), min_size=1, max_size=20))
def test_back_off_between_starts_is_bounded(waits: list[float]) -> None:
    known = State()
    for asked_s in waits:
        known = known.later("busy", 0.0, asked_s)
        assert 60 <= known.retry_at <= LONGEST_WAIT_S
