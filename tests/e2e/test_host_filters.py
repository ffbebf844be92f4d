"""Hosts and findings chosen by fields of the tab VM: what arrives is what the platform holds of them, and no more."""

from __future__ import annotations

import pytest

from qualys_ta.splunk import state
from standins.qualys.model import Host
from standins.splunk.errors import StandinError
from support.core import extracted
from support.e2e import Site

LIST = "Accepted risks"


def indexed(site: Site) -> tuple[set[str], set[str]]:
    """Hosts that have a summary, and QIDs of all findings."""
    told = [(text.partition(":")[0], dict(extracted(text))) for text in site.raw]
    hosts = {found["HOST_ID"] for kind, found in told if kind == "HOSTSUMMARY"}
    return hosts, {found["QID"] for kind, found in told if kind == "HOSTVULN"}


def hosts_with(site: Site, wanted: str, unwanted: str) -> list[Host]:
    held = ((host, {tag.name for tag in host.tags}) for host in site.qualys.population.hosts())
    return [host for host, tags in held if wanted in tags and unwanted not in tags]


def test_hosts_by_tags_and_findings_by_lists(site: Site) -> None:
    """On several pages, so that the list of hosts is asked with the same tags."""
    counts: dict[tuple[str, str], int] = {}
    names = {tag.name for host in site.qualys.population.hosts() for tag in host.tags if "," not in tag.name}
    for wanted in sorted(names):
        for unwanted in sorted(names - {wanted}):
            counts[wanted, unwanted] = len(hosts_with(site, wanted, unwanted))
    wanted, unwanted = max(counts, key=lambda pair: counts[pair])
    site.save("vm", tag_set_include=wanted, tag_set_exclude=unwanted, severities="3-5", detection_truncation_limit="1")
    site.save("vm", exclude_search_list_titles=LIST, log_gone_hosts="0", num_threads="2")
    assert site.tick().returncode == 0
    risks = site.qualys.search_lists.by_title(LIST)
    assert risks
    left_out = site.qualys.search_lists.qids(risks)
    expected = {
        str(host.id): {str(found.qid) for found in site.qualys.population.findings(host) if (found.severity or 0) >= 3}
        - {str(qid) for qid in left_out}
        for host in hosts_with(site, wanted, unwanted)
    }
    hosts, qids = indexed(site)
    assert hosts == {host for host, found in expected.items() if found}
    assert qids == set().union(*expected.values())
    assert 1 < len(hosts) < len(site.qualys.population)
    site.assert_complete()
    (listing,) = [
        call
        for call in site.qualys.requests[site.calls_before :]
        if call.path.endswith("/asset/host/") and call.params["truncation_limit"] == "50000"
    ]
    assert listing.params.items() >= {"tag_set_include": wanted, "tag_set_exclude": unwanted, "use_tags": "1"}.items()
    assert not {"severities", "exclude_search_list_titles"} & listing.params.keys()


def test_a_list_that_does_not_exist_holds_the_input_and_names_the_setting(site: Site) -> None:
    site.save("vm", include_search_list_titles="Urgent & patchable, No such list")
    site.tick()
    assert "Correct the setting include_search_list_titles." in site.error()
    assert "search list not found" in site.error()
    known, _ = state.load(site.checkpoints, site.name, 0.0)
    assert known.outcome == state.HELD
    site.save("vm", include_search_list_titles="Urgent & patchable")
    assert site.tick().returncode == 0
    assert site.raw
    site.assert_complete()


def test_a_choice_that_is_changed_starts_an_open_pull_again(site: Site) -> None:
    site.save("vm", severities="4,5", detection_truncation_limit="1", num_threads="1")
    assert site.tick(kill=["sink", 9]).returncode == -9
    site.save("vm", severities="5")
    assert site.tick().returncode == 0
    assert any("parameters changed while a pull was open" in line for line in site.lines("WARNING"))
    assert {call.params["severities"] for call in site.calls} == {"4,5", "5"}


def test_what_contradicts_itself_is_not_saved(site: Site) -> None:
    with pytest.raises(StandinError, match=r"Severities: Extra API parameters .* hold severities"):
        site.save("vm", severities="4", detection_params="severities=5")
