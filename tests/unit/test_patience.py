"""How long to wait: what the platform asks for, bounded."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from qualys_ta.api.patience import Patience, asked_wait_s, wait_s

NOW = datetime(2024, 5, 1, 10, 0, 0, tzinfo=timezone.utc)


def test_waits_double_until_the_longest() -> None:
    patience = Patience(tries=8, longest_s=60)
    assert [wait_s(patience, None, attempt, jitter=1) for attempt in range(9)] == [2, 4, 8, 16, 32, 60, 60, 60, None]


def test_what_was_asked_is_waited_and_more_than_the_longest_is_given_up() -> None:
    patience = Patience(tries=3, longest_s=300)
    assert wait_s(patience, 120, 0, jitter=0) == 121
    assert wait_s(patience, 300, 0, jitter=1) == 300
    assert wait_s(patience, 301, 0, jitter=0) is None


def test_no_tries_is_no_patience() -> None:
    assert wait_s(Patience(0, 300), None, 0, 0.5) is None


@pytest.mark.parametrize(
    ("headers", "items", "wait"),
    [
        ({}, {}, None),
        ({"retry-after": "7"}, {}, 7),
        ({"retry-after": "Wed, 01 May 2024 10:00:30 GMT"}, {}, 30),
        ({"retry-after": "Wed, 01 May 2024 10:00:30 -0000"}, {}, 30),
        ({"retry-after": "Wed, 01 May 2024 09:00:00 GMT"}, {}, None),
        ({"retry-after": "soon"}, {}, None),
        ({"x-ratelimit-towait-sec": "93"}, {}, 93),
        ({"x-ratelimit-towait-sec": "0"}, {}, None),
        ({"x-ratelimit-towait-sec": "5", "retry-after": "9"}, {}, 9),
        ({}, {"SECONDS_TO_WAIT": "12"}, 12),
        ({}, {"CALLS_TO_FINISH": "1"}, None),
    ],
)
def test_asked_wait(headers: dict[str, str], items: dict[str, str], wait: object) -> None:
    assert asked_wait_s(headers, items, NOW) == wait
