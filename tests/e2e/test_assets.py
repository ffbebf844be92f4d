"""Assets and tags beside what all feeds promise: a filter by tags, parts told apart, lookups that outlive anything."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from qualys_ta.splunk import state
from standins.qualys.hosts import TAGS
from support import e2e
from support.deaths import deaths
from support.e2e_inventory import AssetSite, TagSite
from support.page import choose

LATER = {"clock": 61}


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("assets")) as site:
        yield site


@pytest.fixture
def assets(_platform: e2e.Site) -> Iterator[AssetSite]:
    made = AssetSite.of(_platform)
    yield made
    sys.stdout.write(made.splunk.log())


@pytest.fixture
def tags(_platform: e2e.Site) -> Iterator[TagSite]:
    made = TagSite.of(_platform)
    yield made
    sys.stdout.write(made.splunk.log())


def test_assets_with_any_of_some_tags(assets: AssetSite) -> None:
    """By name and by id; names are looked up once, and a pull goes on without that."""
    choose(assets, "assets", asset_tag_filter=f"{TAGS[3].name}\n{TAGS[1].id}", asset_page_size="2")
    assets.qualys.faults.set("host_asset:unavailable*always@2")
    assert assets.tick().returncode == 1
    assets.qualys.faults.set()
    state.ask(assets.checkpoints, assets.name, state.RUN_NOW)
    assert assets.tick(**LATER).returncode == 0
    held = assets.qualys.asset_ledger.expected({"tagId IN": f"{TAGS[3].id},{TAGS[1].id}"})
    assert 2 < len(held) < len(assets.qualys.population)
    assert {json.loads(raw)["id"] for raw in assets.raw} == held.keys()
    listed = [call for call in assets.qualys.requests[assets.calls_before :] if call.path.endswith("/am/tag")]
    assert len(listed) == 1


def test_a_tag_that_is_not_there_stops_the_input_with_its_name(assets: AssetSite) -> None:
    choose(assets, "assets", asset_tag_filter="No such tag")
    assert assets.tick().returncode == 1
    assert "'No such tag'" in assets.error()
    assert assets.calls == []


def test_parts_are_told_apart(assets: AssetSite) -> None:
    choose(assets, "assets", log_asset_ports="1", log_asset_software="1", log_asset_tags="1", asset_page_size="3")
    assets.pull()
    told = [json.loads(raw) for raw in assets.raw]
    kinds = Counter(each["eventKind"] for each in told)
    held = assets.qualys.asset_ledger.expected().values()
    assert kinds == Counter(
        asset=len(held),
        openPort=sum(each.ports for each in held),
        software=sum(each.software for each in held),
        assetTag=sum(len(each.tags) for each in held),
    )
    assert kinds["software"] > 1500
    for each in told:
        if each["eventKind"] == "asset":
            expected = assets.qualys.asset_ledger.expected()[each["id"]]
            assert (each["softwareCount"], each["openPortCount"]) == (expected.software, expected.ports)


@pytest.mark.parametrize("dirt", ["all", "duplicates", "tag_space", "no_value", "cut", "control_chars"])
def test_whatever_the_platform_s_answers_look_like(assets: AssetSite, dirt: str) -> None:
    """An asset that comes twice is written once, and what is broken over lines is mended."""
    assets.qualys.dirt.set(dirt)
    choose(assets, "assets", asset_page_size="3")
    assets.pull()
    assert assets.found == assets.wanted("")
    agents = [each["agentInfo"]["agentId"] for each in map(json.loads, assets.raw) if "agentInfo" in each]
    assert all(len(agent) == 36 for agent in agents)


@pytest.mark.parametrize("part", ["asset_store", "lookups", "files"])
def test_the_lookups_are_whole_whenever_a_pull_of_tags_is_killed(tags: TagSite, part: str) -> None:
    choose(tags, "tags", tag_page_size="4")
    last = 0
    for number in deaths(tags, part):
        last = number
        assert tags.tick().returncode == 0
        assert tags.differences() == []
        assert tags.repeats <= 20
        tags.fresh()
        choose(tags, "tags", tag_page_size="4")
    assert last >= 2


def test_without_asset_groups_their_lookup_is_empty(tags: TagSite) -> None:
    tags.pull()
    choose(tags, "tags", pull_asset_groups="0", log_tag_events="0")
    tags.splunk.clean()
    state.ask(tags.checkpoints, tags.name, state.RUN_NOW)
    tags.pull()
    assert tags.raw == []
    lines = (tags.lookups / "qualys_asset_groups.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert len((tags.lookups / "qualys_tags.csv").read_text("utf-8").splitlines()) == 1 + len(
        tags.qualys.asset_ledger.tags()
    )


def test_asset_groups_that_are_refused_cost_no_tags(tags: TagSite) -> None:
    """The input is held, but says what to do, and the lookup of tags is there."""
    tags.qualys.faults.set("asset_group:unlicensed*always")
    assert tags.tick().returncode == 1
    assert tags.state["outcome"] == state.HELD
    assert tags.error().endswith("Or switch off Pull asset groups on the tab Tags.")
    lines = (tags.lookups / "qualys_tags.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1 + len(tags.qualys.asset_ledger.tags())
    tags.qualys.faults.set()
    state.ask(tags.checkpoints, tags.name, state.RUN_NOW)
    assert tags.tick().returncode == 0
    assert tags.differences() == []


def test_lookups_that_got_lost_are_written_again(tags: TagSite) -> None:
    tags.pull()
    before = (tags.lookups / "qualys_tags.csv").read_bytes()
    (tags.lookups / "qualys_tags.csv").unlink()
    assert tags.tick().returncode == 0
    assert (tags.lookups / "qualys_tags.csv").read_bytes() == before


def test_everything_is_told_again_when_a_person_asks(tags: TagSite) -> None:
    tags.pull()
    first = sorted(tags.raw)
    tags.splunk.clean()
    state.ask(tags.checkpoints, tags.name, state.START_AGAIN, "2020-01-01T00:00:00Z")
    tags.pull()
    assert sorted(tags.raw) == first
