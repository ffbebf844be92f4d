"""Pages fetched side by side: the same events in the same order, whatever the platform, the disk or splunkd does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from standins.qualys import Allowance
from standins.qualys.paging import Writer
from support.e2e import DEADLINE_S, FINDINGS, HOSTS, Site
from support.fake_addon import eventually

STOPPED_WITHIN_S = 3.0
PAGE = 1
EVENTS_PER_PAGE = PAGE * (FINDINGS + 1)


@pytest.fixture
def lanes(site: Site) -> Site:
    """Pages of one host, and room for 8 calls at once, four of which are ours."""
    site.qualys.limits.allow(Allowance(concurrency=8))
    site.save("vm", num_threads="4", detection_truncation_limit=str(PAGE), log_gone_hosts="0")
    yield site
    site.qualys.limits.allow(Allowance())


def statuses(site: Site) -> Counter[int]:
    return Counter(call.status for call in site.calls)


def lists(site: Site) -> int:
    """How often the ranges were asked for; a first pull may ask for more lists, to tell how long it will be."""
    requests = site.qualys.requests[site.calls_before :]
    return sum(call.params.get("truncation_limit") == "50000" and "/detection/" not in call.path for call in requests)


def sizes(site: Site) -> list[int]:
    return [int(call.params["truncation_limit"]) for call in site.calls]


@pytest.mark.parametrize("threads", [1, 2, 10])
def test_the_same_events_in_the_same_order(lanes: Site, threads: int) -> None:
    """Whatever the number, with the two calls at once that a subscription has by default; no call is refused."""
    lanes.qualys.limits.allow(Allowance(concurrency=2))
    lanes.save("vm", num_threads=str(threads))
    assert lanes.tick().returncode == 0
    lanes.assert_complete()
    hosts = [text.partition("HOST_ID=")[2].partition(",")[0] for text in lanes.raw]
    assert list(dict.fromkeys(hosts)) == sorted(set(hosts), key=int)
    assert statuses(lanes) == {200: HOSTS}
    assert lists(lanes) == (threads > 1)
    assert sum("id_max" in call.params for call in lanes.calls) == (HOSTS - 2 if threads > 1 else 0)


def test_a_pull_of_one_page_asks_for_no_list(lanes: Site) -> None:
    lanes.save("vm", detection_truncation_limit="100")
    assert lanes.tick().returncode == 0
    assert (statuses(lanes), lists(lanes)) == ({200: 1}, 0)
    lanes.assert_complete()


def test_hosts_that_come_and_go_meanwhile(lanes: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the ids are listed, two hosts appear behind the last of them, and one in the middle is purged."""
    qualys, listed = lanes.qualys, Writer.ids
    gone, added = qualys.population.ids[HOSTS // 2], []

    def change(writer: Writer, *asked: Any) -> Iterator[bytes]:
        yield from listed(writer, *asked)
        if not added:
            qualys.remove_hosts([gone])
            added.extend(qualys.add_hosts(2))

    monkeypatch.setattr(Writer, "ids", change)
    assert lanes.tick().returncode == 0
    assert len(added) == 2
    lanes.assert_complete()


@pytest.mark.parametrize(("part", "write"), [("sink", 5), ("pages", 17), ("files", 17)])
def test_killed_with_four_lanes_and_resumed_with_one(lanes: Site, part: str, write: int) -> None:
    """Whatever died: nothing is missing, and at most one page comes twice."""
    run = lanes.tick(kill=[part, write])
    assert run.returncode == -9
    lanes.save("vm", num_threads="1")
    assert lanes.tick().returncode == 0
    lanes.assert_complete(repeats=EVENTS_PER_PAGE)
    assert lanes.leftovers() == []


@pytest.mark.parametrize(
    ("faults", "smaller"),
    [("detection:error500@3", True), ("detection:cut@4", True), ("detection:reset@5", True), ("host:html", False)],
)
def test_a_fault_on_one_lane_costs_a_call_and_a_smaller_page(lanes: Site, faults: str, smaller: bool) -> None:
    lanes.save("vm", detection_truncation_limit="2")
    lanes.qualys.faults.set(faults)
    assert lanes.tick().returncode == 0
    lanes.assert_complete()
    assert (1 in sizes(lanes)) == smaller


def test_a_platform_that_stalls_on_one_lane(lanes: Site) -> None:
    lanes.save("api", api_timeout="1")
    lanes.qualys.faults.set("detection:stall@4")
    assert lanes.tick().returncode == 0
    lanes.assert_complete()


def test_a_lane_that_gives_up_ends_the_run_after_the_pages_before_it(lanes: Site) -> None:
    lanes.qualys.faults.set("detection:unavailable*always@5")
    assert lanes.tick().returncode == 1
    assert "503" in lanes.error()
    assert list(lanes.pages.glob("*")) == []
    assert 0 < lanes.checkpoint["open"]["pages"] < HOSTS
    assert not {"id_max"} & lanes.checkpoint["open"]["next"]["params"].keys()
    lanes.qualys.faults.set()
    lanes.save("vm", num_threads="1")
    assert lanes.tick(clock=3700).returncode == 0
    lanes.assert_complete()


def test_a_list_that_cannot_be_had_is_done_without(lanes: Site) -> None:
    lanes.qualys.faults.set("host:simple1905*always")
    assert lanes.tick().returncode == 0
    (warning,) = lanes.lines("WARNING")
    assert warning.startswith("The hosts cannot be listed, so pages are downloaded one after the other.")
    lanes.assert_complete()


def test_a_quota_with_room_for_few_pages(lanes: Site) -> None:
    """What does not fit beside the others is fetched again when it is its turn."""
    lanes.save("api", temp_quota_mb="1")
    lanes.pages.mkdir(parents=True)
    support_case = lanes.pages / "old.xml.errored"
    support_case.write_bytes(b"x" * 900_000)
    assert lanes.tick().returncode == 0
    lanes.assert_complete()
    assert list(lanes.pages.iterdir()) == [support_case]


def test_sigterm_while_a_lane_waits_for_the_platform(lanes: Site) -> None:
    lanes.qualys.faults.set("detection:stall*always@4")
    run = lanes.start()
    eventually(lambda: sum(call.fault == "stall" for call in lanes.calls) > 1)
    sent_at = time.monotonic()
    run.terminate()
    run.wait(DEADLINE_S)
    assert time.monotonic() - sent_at < STOPPED_WITHIN_S
    assert (run.returncode, run.stderr, run.stream_error) == (0, "", "")
    assert list(lanes.tmp.rglob("*.xml*")) == []
    lanes.qualys.faults.set()
    assert lanes.tick().returncode == 0
    lanes.assert_complete(repeats=EVENTS_PER_PAGE)  # the page that was being written
    assert lanes.leftovers() == []


def test_a_budget_that_is_too_small_is_paced(lanes: Site) -> None:
    """Ten calls, of which four are allowed in two seconds: it takes longer, and none is refused."""
    lanes.qualys.limits.allow(Allowance(rate=5, window_s=2, concurrency=8))
    lanes.save("api", retry_interval_seconds="60")
    assert lanes.tick().returncode == 0
    assert statuses(lanes) == {200: HOSTS}
    lanes.assert_complete()


def test_others_who_take_the_concurrency_are_waited_for(lanes: Site) -> None:
    """Refused calls are sent again; not more are sent at once than the platform lets us."""
    lanes.qualys.limits.allow(Allowance(concurrency=2))
    lanes.qualys.faults.set("detection:busy@3")
    lanes.save("vm", num_threads="10")
    lanes.save("api", max_retries="3")
    assert lanes.tick().returncode == 0
    assert statuses(lanes)[409] == 1
    lanes.assert_complete()
