"""Hosts that the platform purged are told of once a day: an event each, and a row in a lookup until they come back."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.qualys.standin import Received
from support.core import extracted
from support.deaths import deaths
from support.e2e import HOSTS, PER_PAGE, Site
from support.e2e_knowledge import GONE, csv_rows
from support.page import account_form, choose

HOST_LIST = "/api/5.0/fo/asset/host/"
AN_HOUR_S, A_DAY_S = 3700, 86_400 + 60
NEXT_DAY = {"clock": A_DAY_S}
PAGES = HOSTS // PER_PAGE


def lists(site: Site) -> list[Received]:
    """The calls for a list of all hosts. That of a first pull's size asks for those that the pull may bring."""
    return [call for call in asked(site.qualys.requests[site.calls_before :]) if call.path == HOST_LIST]


def asked(calls: Iterable[Received]) -> list[Received]:
    return [call for call in calls if call.path != HOST_LIST or "vm_processed_after" not in call.params]


def told(site: Site) -> list[str]:
    """The hosts of the HOSTGONE events, in their order."""
    return [dict(extracted(text))["HOST_ID"] for text in site.raw if text.startswith("HOSTGONE: ")]


def gone(site: Site) -> list[str]:
    """The hosts in the lookup."""
    return [row["HOST_ID"] for row in csv_rows(site.lookups / GONE)]


def purged(site: Site, count: int = 2) -> list[str]:
    """All hosts were pulled; then some are purged, and a day passes on the platform. Returns their ids."""
    assert site.tick().returncode == 0
    assert told(site) == []
    hosts = site.qualys.population.ids[:count]
    site.qualys.remove_hosts(hosts)
    site.qualys.clock.advance(A_DAY_S)
    site.splunk.clean()
    return [str(host) for host in hosts]


def test_purged_hosts_become_events_and_rows(site: Site) -> None:
    hosts = purged(site)
    assert site.tick(**NEXT_DAY).returncode == 0
    assert (told(site), gone(site), len(site.raw)) == (hosts, hosts, 2)
    (row, _) = site.splunk.events()
    at = csv_rows(site.lookups / GONE)[0]["GONE_DATETIME"]
    assert row["raw"] == f'HOSTGONE: HOST_ID={hosts[0]}, GONE_DATETIME="{at}"'
    assert row["time"] == calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%SZ"))
    assert (row["sourcetype"], row["source"], row["index"]) == ("qualys:hostDetection", "qualys", "main")
    assert f"Gone hosts: {HOSTS - 2} hosts listed, 2 known ones missing." in site.lines("INFO")


def test_they_are_told_once(site: Site) -> None:
    hosts = purged(site)
    for day in (1, 2, 3):
        assert site.tick(clock=day * A_DAY_S).returncode == 0
    assert (told(site), gone(site), len(lists(site))) == (hosts, hosts, 4)


def test_the_list_is_asked_for_once_a_day_after_the_pull(site: Site) -> None:
    for hour in range(3):
        assert site.tick(clock=hour * AN_HOUR_S).returncode == 0
    assert len(lists(site)) == 1
    order = [call.path for call in asked(site.qualys.requests[site.calls_before :])]
    assert order[PAGES] == HOST_LIST
    assert site.tick(**NEXT_DAY).returncode == 0
    assert len(lists(site)) == 2


def test_a_host_that_comes_back_leaves_the_lookup_and_may_go_again(site: Site) -> None:
    hosts = purged(site)
    site.tick(**NEXT_DAY)
    site.qualys.population.restore()
    site.splunk.clean()
    assert site.tick(clock=2 * A_DAY_S).returncode == 0
    assert (told(site), gone(site)) == ([], [])
    site.qualys.remove_hosts(map(int, hosts))
    assert site.tick(clock=3 * A_DAY_S).returncode == 0
    assert (told(site), gone(site)) == (hosts, hosts)


def test_a_host_that_is_pulled_again_leaves_the_lookup_at_once(site: Site) -> None:
    """Without it its findings would be left out of the present state until the next day."""
    hosts = purged(site)
    site.tick(**NEXT_DAY)
    site.qualys.population.restore()
    site.qualys.touch([int(hosts[0])])
    assert site.tick(clock=A_DAY_S + AN_HOUR_S).returncode == 0
    assert len(lists(site)) == 2
    assert gone(site) == hosts[1:]


def test_it_can_be_switched_off(site: Site) -> None:
    choose(site, "vm", log_gone_hosts="0")
    purged(site)
    assert site.tick(**NEXT_DAY).returncode == 0
    assert (site.raw, gone(site), lists(site)) == ([], [], [])


def test_all_hosts_are_listed_whatever_a_person_filters(site: Site) -> None:
    """A host that only left the filter is not gone."""
    site.tick()
    site.splunk.clean()
    address = next(iter(site.qualys.ledger.expected().values())).elements["IP"]
    choose(site, "vm", detection_params=f"ips={address}")
    assert site.tick(**NEXT_DAY).returncode == 0
    assert (len(lists(site)), told(site), gone(site)) == (2, [], [])


def test_a_list_of_several_pages_is_read_to_its_end(site: Site, tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=9, findings=1, page_limit=4) as platform:
        site.save_account(**account_form(platform))
        for day in (0, 1):
            assert site.tick(clock=day * A_DAY_S).returncode == 0
        assert told(site) == []
        hosts = platform.population.ids[3:6]
        platform.remove_hosts(hosts)
        assert site.tick(clock=2 * A_DAY_S).returncode == 0
    assert told(site) == [str(host) for host in hosts]
    pages = [call.params.get("id_min") for call in asked(platform.requests) if call.path == HOST_LIST]
    assert [bool(id_min) for id_min in pages] == [False, True, True, False, True, True, False, True]


@pytest.mark.parametrize("fault", ["unavailable", "unauthorized", "html", "cut", "generic999", "wrong_root"])
def test_a_list_that_fails_costs_a_warning_and_the_next_run_tries_again(site: Site, fault: str) -> None:
    """The findings were written before, and their window is closed."""
    hosts = purged(site)
    site.qualys.touch(site.qualys.population.ids[-2:])
    site.qualys.faults.set(f"host:{fault}*always")
    since = site.checkpoint["since"]
    assert site.tick(**NEXT_DAY).returncode == 0
    assert site.lines("WARNING")[-1].startswith("Gone hosts could not be told; the next run tries again. ")
    assert (told(site), gone(site), site.lines("ERROR")) == ([], [], [])
    site.assert_complete(since=since)
    assert site.checkpoint["since"] > since
    assert site.leftovers() == site.errored()
    site.qualys.faults.set()
    assert site.tick(clock=A_DAY_S + AN_HOUR_S).returncode == 0
    assert (told(site), gone(site)) == (hosts, hosts)


def test_a_platform_that_lists_nobody_is_not_believed(site: Site) -> None:
    """More likely the user lost the right to see them."""
    purged(site, HOSTS)
    assert site.tick(**NEXT_DAY).returncode == 0
    (warning,) = site.lines("WARNING")
    assert f"lists no host at all, although {HOSTS} are known here" in warning
    assert (site.raw, gone(site)) == ([], [])


def test_a_lost_lookup_is_written_again_by_the_next_tick(site: Site) -> None:
    hosts = purged(site)
    site.tick(**NEXT_DAY)
    (site.lookups / GONE).unlink()
    assert site.tick(offline=True, clock=A_DAY_S + 60).returncode == 0
    assert gone(site) == hosts


def test_a_lookup_without_rows_is_not_missed(site: Site) -> None:
    """The last gone host came back: there is nothing to lose, and nothing to say each minute."""
    purged(site, 1)
    site.tick(**NEXT_DAY)
    site.qualys.population.restore()
    site.qualys.touch()
    site.tick(clock=A_DAY_S + AN_HOUR_S)
    (site.lookups / GONE).write_bytes((site.lookups / f"{GONE}.default").read_bytes())
    site.tick(clock=A_DAY_S + AN_HOUR_S + 60)
    said = site.splunk.log()
    assert site.tick(offline=True, clock=A_DAY_S + AN_HOUR_S + 120).returncode == 0
    assert site.splunk.log() == said


@pytest.mark.parametrize("part", ["hosts", "lookups", "files", "sink"])
def test_a_kill_at_any_write_loses_no_host_and_repeats_each_once_at_most(site: Site, part: str) -> None:
    """What was told lies in the lookup after the next start, although the next comparison is a day away."""
    hosts, last = purged(site), 0
    for number in deaths(site, part, **NEXT_DAY):
        last = number
        assert site.tick(clock=A_DAY_S + 60).returncode == 0
        found = told(site)
        assert (sorted(set(found)), gone(site)) == (sorted(hosts), hosts)
        assert len(found) <= 2 * len(hosts)
        site.fresh()
        hosts = purged(site)
    assert last


def test_a_full_disk_under_the_lookup_is_mended_by_the_next_run(site: Site) -> None:
    hosts = purged(site)
    site.tick(full={"lookups": 10}, **NEXT_DAY)
    assert gone(site) == []
    assert site.tick(clock=A_DAY_S + AN_HOUR_S).returncode == 0
    assert (told(site), gone(site)) == (hosts, hosts)


def test_answers_that_people_keep_are_all_kept(site: Site) -> None:
    """The list of hosts does not take the place of a page of findings."""
    choose(site, "api", preserve_api_output="1")
    assert site.tick().returncode == 0
    kept = [path.read_bytes() for path in (site.pages / "preserved").iterdir()]
    assert sum(b"<HOST_LIST_VM_DETECTION_OUTPUT>" in body for body in kept) == PAGES
    assert sum(b"<HOST_LIST_OUTPUT>" in body for body in kept) == 2, "the pull's, and all hosts"


@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_a_lost_store_of_known_hosts_forgets_no_host_that_is_gone(site: Site, how: str) -> None:
    """What the lookup says is taken over; hosts that went meanwhile cannot be missed."""
    hosts = purged(site)
    site.tick(**NEXT_DAY)
    store = site.checkpoints / "known_hosts.db"
    store.unlink() if how == "deleted" else store.write_bytes(b"no database" * 500)
    site.qualys.remove_hosts(site.qualys.population.ids[:1])
    assert site.tick(clock=2 * A_DAY_S).returncode == 0
    assert (told(site), gone(site), site.lines("ERROR")) == (hosts, hosts, [])
    (warning,) = site.lines("WARNING")
    assert "2 gone hosts were taken over from qualys_gone_hosts.csv" in warning
    site.qualys.population.restore()
    assert site.tick(clock=3 * A_DAY_S).returncode == 0
    assert gone(site) == []
