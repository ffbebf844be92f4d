"""How much a run pulls: a full resync, limits of a run, and the size of a first pull told before it starts."""

from __future__ import annotations

from standins.splunk.run import Run
from support.e2e import EVENTS_PER_PAGE, HOSTS, PER_PAGE, REST, Site
from support.page import content

PAGES = HOSTS // PER_PAGE
HOUR_S, DAY_S = 3700, 86_500
ESTIMATE = f"First pull: about {HOSTS} hosts × {EVENTS_PER_PAGE // PER_PAGE} findings and summaries × "


def started(site: Site) -> list[str]:
    """What kind each pull was, by the log."""
    return [line.partition("pull=")[2].split()[0] for line in site.lines("INFO") if line.startswith("Started: ")]


def pulled(site: Site, later_s: int) -> Run:
    """The next start, and nothing but its events in the index."""
    site.splunk.clean()
    run = site.tick(clock=later_s)
    assert run.returncode == 0
    return run


def test_after_some_days_everything_comes_again_and_then_changes(site: Site) -> None:
    site.save("vm", full_resync_days="1")
    site.qualys.touch(changes=False)
    pulled(site, 0)
    site.assert_complete()
    since = site.checkpoint["since"]
    site.qualys.clock.advance(DAY_S)
    pulled(site, HOUR_S)
    assert site.raw == []
    pulled(site, DAY_S)
    site.assert_complete()
    assert since < site.checkpoint["since"]
    pulled(site, DAY_S + HOUR_S)
    assert site.raw == []
    assert started(site) == ["changes", "changes", "resync", "changes"]
    (why,) = [line for line in site.lines("INFO") if line.startswith("Full resync: ")]
    assert why.endswith("1 days are over (setting full_resync_days).")


def test_a_resync_that_is_interrupted_goes_on_as_one(site: Site) -> None:
    site.save("vm", full_resync_days="1")
    pulled(site, 0)
    site.qualys.faults.set("unavailable*always@2")
    site.splunk.clean()
    assert site.tick(clock=DAY_S).returncode == 1
    assert len(site.raw) == EVENTS_PER_PAGE
    assert "full resync since" in row(site)["checkpoint"]
    site.qualys.faults.set()
    assert site.tick(clock=DAY_S + 90).returncode == 0
    site.assert_complete()
    assert started(site) == ["changes", "resync", "resync"]


def row(site: Site) -> dict[str, str]:
    return content(site.splunk, f"{REST.format('checkpoint')}/{site.name}")


def test_a_limit_spreads_a_first_pull_over_the_next_times_of_the_input(site: Site) -> None:
    site.save("vm", max_events_per_run=str(EVENTS_PER_PAGE))
    for page in range(1, PAGES + 1):
        assert site.tick(clock=page * HOUR_S).returncode == 0
        assert len(site.raw) == page * EVENTS_PER_PAGE
        calls = len(site.calls)
        assert site.tick(clock=page * HOUR_S + 60).returncode == 0
        assert len(site.calls) == calls, "not due before its next time"
        if page < PAGES:
            assert row(site)["outcome"] == "closed"
            assert "max_events_per_run" in row(site)["message"]
            assert ESTIMATE in row(site)["checkpoint"]
    site.assert_complete()
    warnings = site.lines("WARNING")
    assert len(warnings) == PAGES - 1
    assert all("(max_events_per_run)" in line for line in warnings)
    assert (row(site)["message"], site.checkpoint["open"]) == ("", None)


def test_the_size_of_a_first_pull_is_told_before_anything_is_written(site: Site) -> None:
    site.save("vm", max_mb_per_run="1000")
    assert site.tick().returncode == 0
    lines = site.lines("INFO")
    (told,) = [line for line in lines if line.startswith("First pull: ")]
    assert told.startswith(ESTIMATE)
    assert lines.index(told) < min(place for place, line in enumerate(lines) if line.startswith("Page 1 written"))
    size = sum(len(text.encode()) for text in site.raw)
    bytes_each = int(told.partition(" × ")[2].partition(" × ")[2].split()[0].replace(",", ""))
    assert 0.8 < bytes_each * len(site.raw) / size < 1.2
    site.ask("run_now")
    assert site.tick().returncode == 0
    assert [line for line in site.lines("INFO") if line.startswith("First pull: ")] == [told]


def test_a_first_pull_whose_hosts_cannot_be_listed_is_pulled_all_the_same(site: Site) -> None:
    site.qualys.faults.set("host:unavailable*always")
    assert site.tick().returncode == 0
    site.assert_complete()
    assert [line for line in site.lines("INFO") if "size of the first pull" in line]
