"""Summaries tell how things stand, whatever was changed between two pulls: start date, switches, filters, policies."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from support import e2e
from support.e2e_feeds import ComplianceSite, FeedSite, WebSite
from support.page import choose

DAY_S = 86_400


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("summaries"), policies=5, controls=5, web_apps=5) as site:
        yield site


@pytest.fixture
def pc(_platform: e2e.Site) -> Iterator[FeedSite]:
    yield from told(ComplianceSite.of(_platform))


@pytest.fixture
def web(_platform: e2e.Site) -> Iterator[FeedSite]:
    yield from told(WebSite.of(_platform))


def told(feed: FeedSite) -> Iterator[FeedSite]:
    yield feed
    sys.stdout.write(feed.splunk.log())  # pytest shows it where the test failed


def assert_right(feed: FeedSite) -> None:
    """There are summaries, and each is that of the platform."""
    found = {identity[1]: identity for identity in feed.found if identity[0].endswith("_SUMMARY")}
    wanted = {identity[1]: identity for identity in feed.wanted("") if identity[0].endswith("_SUMMARY")}
    assert found
    assert found == {group: wanted[group] for group in found}


def evaluated_a_day_later(pc: FeedSite) -> None:
    pc.qualys.clock.advance(DAY_S)
    pc.qualys.evaluate_policies()
    pc.pull_later(60)


def test_policies_come_whole_whatever_the_start_date(pc: FeedSite) -> None:
    pc.pull()
    times = sorted(re.findall(r'POSTURE_MODIFIED_DATE="([^"]+)"', " ".join(pc.raw)))
    pc.fresh()
    pc.set_input(start_date=times[len(times) // 2])
    pc.pull()
    assert_right(pc)


def test_a_policy_changed_after_a_recent_start_comes_whole(pc: FeedSite) -> None:
    """No pull before listed it, although its change lies within ten minutes of where this one starts."""
    pc.qualys.clock.set("2026-03-01T12:00:00Z")
    pc.set_input(start_date="2026-03-01T11:58:00Z")
    pc.pull()
    pc.qualys.clock.advance(120)
    pc.qualys.modify_policies(pc.qualys.compliance.ids[:1])
    pc.pull_later(60)
    assert_right(pc)


def test_switched_off_and_on_again_policies_are_counted_anew(pc: FeedSite) -> None:
    pc.pull()
    choose(pc, "pc", log_policy_summary="0")
    evaluated_a_day_later(pc)
    assert not [raw for raw in pc.raw if raw.startswith("POLICY_SUMMARY")]
    choose(pc, "pc", log_policy_summary="1")
    evaluated_a_day_later(pc)
    assert_right(pc)


def test_with_another_filter_policies_are_counted_anew(pc: ComplianceSite) -> None:
    pc.pull()
    (host, *_) = sorted(re.findall(r'HOST_ID="(\d+)"', " ".join(pc.raw)))
    choose(pc, "pc", extra_posture_params=f"host_ids={host}")
    evaluated_a_day_later(pc)
    pc.params = {"details": "Basic", "host_ids": host}
    assert_right(pc)


def test_policies_that_are_chosen_later_come_whole(pc: FeedSite) -> None:
    choose(pc, "pc", extra_posture_params=f"policy_ids={pc.qualys.compliance.ids[0]}")
    pc.pull()
    choose(pc, "pc", extra_posture_params="")
    pc.pull_later(60)
    pc.params = None
    assert_right(pc)
    assert {identity[1] for identity in pc.found} == {str(number) for number in pc.qualys.compliance.ids[1:]}


@pytest.mark.parametrize("changed", [{"log_webapp_summary": "0"}, {"extra_was_params": "severity"}])
def test_where_what_is_counted_changed_all_findings_come_again(web: FeedSite, changed: dict[str, str]) -> None:
    """And then only what is new."""
    severe = '<Criteria field="severity" operator="GREATER">3</Criteria>'
    web.pull()
    choose(web, "was", **{name: severe if text == "severity" else text for name, text in changed.items()})
    web.qualys.clock.advance(DAY_S)
    web.pull_later(60)
    choose(web, "was", log_webapp_summary="1", extra_was_params="")
    web.qualys.clock.advance(2 * DAY_S)
    web.pull_later(60)
    assert_right(web)
    assert web.differences() == []
    web.qualys.clock.advance(2 * DAY_S)
    web.qualys.web.rescan(web.qualys.web.app_ids[:1])
    since = web.pull_later(60)
    assert web.differences(since) == []


def test_findings_of_applications_that_are_not_listed_come_as_well(web: FeedSite) -> None:
    """The list may lack what its user may not see; the sets cover all ids there may be."""
    listed = web.qualys.web.app_ids
    choose(web, "was", was_page_size="5", num_threads_for_was="4")
    web.pull()
    calls = [call.params for call in web.calls if "webApp.id LESSER" in call.params]
    assert len(calls) > 1
    bounds = sorted({int(call["webApp.id LESSER"]) for call in calls})
    lower = sorted({int(call["webApp.id GREATER"]) for call in web_behind(web)})
    assert lower == [bound - 1 for bound in bounds]
    assert bounds[-1] == max(listed) + 1
    assert web.differences() == []


def web_behind(web: FeedSite) -> list[dict[str, str]]:
    return [dict(call.params) for call in web.calls if "webApp.id GREATER" in call.params]
