"""When an input is due: intervals, cron in naive local time, and what clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Callable, Optional
from zoneinfo import ZoneInfo

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.splunk.schedule import DAY_S, parse

LocalTime = Callable[[float], datetime]


def clock(zone: str) -> LocalTime:
    """Naive local time as `datetime.fromtimestamp` gives it on a server in that zone."""
    return lambda moment: datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None)


UTC = clock("UTC")
BERLIN = clock("Europe/Berlin")


def at(text: str, zone: str = "UTC", fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def starts(schedule: str, begin: float, end: float, local: LocalTime, last: Optional[float]) -> Iterator[float]:
    """The moments at which splunkd, looking every minute (three seconds past), starts the input."""
    due, moment = parse(schedule), begin + 3
    while moment < end:
        if due.is_due(last, begin, moment, local):
            last = moment
            yield moment
        moment += 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", DAY_S),
        (None, DAY_S),
        ("None", DAY_S),
        ("  ", DAY_S),
        ("60", 60),
        ("300", 300),
        ("300s", 300),
        ("48h", 48 * 3600),
        ("1w2d3h4m5s", 7 * DAY_S + 2 * DAY_S + 3 * 3600 + 4 * 60 + 5),
    ],
)
def test_intervals(text: Optional[str], seconds: int) -> None:
    assert parse(text).interval_s == seconds


@pytest.mark.parametrize(
    "text",
    [
        "0 9 * *",
        "60 * * * *",
        "* * * * * *",
        "0 0 30 2 *",
        "@daily",
        "1h30",
        "5x",
        "-5",
        "59",
        "0",
        "1.5h",
        "٣00",
        "9" * 5000,
    ],
)
def test_what_is_neither_cron_nor_interval_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.setting == "duration"


def test_interval_counts_from_the_last_start() -> None:
    hourly = parse("1h")
    assert hourly.is_due(None, 0, 0, UTC)
    assert not hourly.is_due(1000, 0, 1000 + 3599, UTC)
    assert hourly.is_due(1000, 0, 1000 + 3600, UTC)


def test_cron_input_that_never_ran_waits_for_its_time() -> None:
    seen = at("2024-05-01T10:00:40")
    assert not parse("0 9 * * *").is_due(None, seen, seen, UTC)
    assert parse("0 9 * * *").is_due(None, seen, at("2024-05-02T09:00:00"), UTC)
    assert parse("0 10 * * *").is_due(None, seen, seen, UTC), "it was enabled within its minute"


def test_missed_minute_is_caught_up_once() -> None:
    last, back = at("2024-05-01T09:00:03"), at("2024-05-04T17:23:00")
    found = list(starts("0 9 * * *", back, back + 3600, UTC, last))
    assert found == [back + 3]


def test_start_that_drifts_over_its_minute_is_neither_lost_nor_doubled() -> None:
    last = at("2024-05-01T09:01:55")
    assert not parse("0 9 * * *").is_due(last, 0, at("2024-05-02T08:59:59"), UTC)
    assert parse("0 9 * * *").is_due(last, 0, at("2024-05-02T09:02:10"), UTC)


@pytest.mark.parametrize("schedule", ["0 9 * * *", "1d"])
def test_clock_that_went_back_makes_the_input_due(schedule: str) -> None:
    now = at("2024-05-01T12:00:00")
    assert parse(schedule).is_due(now + 10 * 365 * DAY_S, 0, now, UTC)


def test_clock_that_was_wrong_when_the_input_was_first_seen_does_not_block_it() -> None:
    seen = at("2035-01-01T00:00:00")
    assert parse("0 9 * * *").is_due(None, seen, at("2024-05-01T09:00:03"), UTC)


def test_skipped_time_fires_at_the_first_minute_after_the_gap() -> None:
    begin, end = at("2024-03-30T12:00:00", "Europe/Berlin"), at("2024-04-01T00:00:00", "Europe/Berlin")
    last = at("2024-03-30T02:30:03", "Europe/Berlin")
    found = list(starts("30 2 * * *", begin, end, BERLIN, last))
    assert [BERLIN(moment).isoformat() for moment in found] == ["2024-03-31T03:00:03"]


def test_repeated_time_fires_once() -> None:
    begin, end = at("2024-10-26T12:00:00", "Europe/Berlin"), at("2024-10-28T00:00:00", "Europe/Berlin")
    found = list(starts("30 2 * * *", begin, end, BERLIN, at("2024-10-26T02:30:03", "Europe/Berlin")))
    assert found == [at("2024-10-27T02:30:03", "Europe/Berlin", fold=0)]


def test_interval_does_not_care_for_summer_time() -> None:
    begin = at("2024-10-27T00:00:00", "Europe/Berlin")
    found = list(starts("1h", begin, begin + 6 * 3600, BERLIN, None))
    assert [later - earlier for earlier, later in zip(found, found[1:])] == [3600] * 5


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"])
def test_daily_cron_fires_once_on_every_day_of_the_year(zone: str) -> None:
    local, daily = clock(zone), parse("30 2 * * *")
    begin = datetime(2024, 1, 1, tzinfo=timezone.utc)
    last, days = begin.timestamp(), []
    for hour in range(366 * 24):
        moment = (begin + timedelta(hours=hour, minutes=1)).timestamp()
        if daily.is_due(last, last, moment, local):
            last = moment
            days.append(local(moment).date())
    assert len(days) == len(set(days)) >= 364
