"""Pull after pull: what changed arrives, what did not stays away, and nothing falls between two windows."""

from __future__ import annotations

from support.e2e import EVENTS_PER_PAGE, HOSTS, Site

AN_HOUR_S = 3600


def first_pull(site: Site) -> str:
    """All is pulled, an hour passes on the platform. Returns the next `since`."""
    assert site.tick().returncode == 0
    site.splunk.clean()
    site.qualys.clock.advance(AN_HOUR_S)
    site.ask("run_now")
    return str(site.checkpoint["since"])


def test_changed_findings_of_processed_hosts_and_their_whole_summary(site: Site) -> None:
    since = first_pull(site)
    touched = site.qualys.touch(site.qualys.population.ids[:2])
    assert site.tick().returncode == 0
    site.assert_complete(since=since)
    summaries = [text for text in site.raw if text.startswith("HOSTSUMMARY")]
    assert len(summaries) == len(touched)
    assert len(summaries) < len(site.raw) < EVENTS_PER_PAGE * 2 / 3


def test_a_host_processed_without_changes_has_a_summary_only_and_what_tells_no_time(site: Site) -> None:
    since = first_pull(site)
    site.qualys.touch(site.qualys.population.ids[:1], changes=False)
    assert site.tick().returncode == 0
    site.assert_complete(since=since)
    assert [text.partition(":")[0] for text in site.raw if "LAST_UPDATE_DATETIME" in text] == []


def test_nothing_new_brings_nothing(site: Site) -> None:
    first_pull(site)
    assert site.tick().returncode == 0
    assert site.raw == []


def test_added_hosts_arrive_and_removed_ones_do_no_harm(site: Site) -> None:
    since = first_pull(site)
    added = site.qualys.add_hosts(2)
    assert site.tick().returncode == 0
    site.assert_complete(since=since)
    assert {f"HOST_ID={ident}," in " ".join(site.raw) for ident in added} == {True}
    site.qualys.remove_hosts(added)
    site.splunk.clean()
    site.ask("run_now")
    assert (site.tick().returncode, site.raw) == (0, [])


def test_what_the_overlap_reads_again_is_dropped(site: Site) -> None:
    """Hosts processed in the ten minutes before a pull are read twice and written once; changes come through."""
    site.qualys.touch(changes=False)
    assert site.tick().returncode == 0
    site.qualys.clock.advance(60)
    changed = site.qualys.touch(site.qualys.population.ids[-1:])
    site.ask("run_now")
    written = set(site.raw)
    assert site.tick().returncode == 0
    assert len([call for call in site.calls if "id_min" in call.params]) == 4
    assert site.repeats == 0
    new = [text for text in site.raw if text not in written]
    assert new != []
    assert {f"HOST_ID={changed[0]}," in text for text in new} == {True}
    assert f"records={HOSTS}" in site.lines("INFO")[-1]


def test_a_host_processed_while_its_pull_goes_on_is_not_lost(site: Site) -> None:
    """Its page was written already; the next pull starts before this one did, so it reads the host again."""
    since = first_pull(site)
    site.qualys.touch(changes=False)
    site.qualys.faults.set("unavailable*always@2")
    assert site.tick(clock=-120).returncode == 1
    site.qualys.clock.advance(AN_HOUR_S)
    early = site.qualys.touch(site.qualys.population.ids[:1])
    site.qualys.faults.set()
    assert site.tick().returncode == 0
    assert site.differences(since) != []
    site.splunk.clean()
    site.qualys.clock.advance(AN_HOUR_S)
    site.ask("run_now")
    assert site.tick().returncode == 0
    news = [text for text in site.raw if f"HOST_ID={early[0]}," in text]
    assert len(news) > 1
    assert [line for line in site.differences(since) if str(early[0]) in line] == []
