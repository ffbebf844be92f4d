"""Another package over an installed add-on: filled lookups, stores, checkpoints and settings stay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from standins.splunk import SplunkStandin
from support.e2e import BUILT, Site
from support.e2e_knowledge import GONE, KB, LOOKUPS, KnowledgeSite

LATER = (*LOOKUPS, GONE, "qualys_tags.csv", "qualys_asset_groups.csv")
"""What pulls fill."""


@pytest.fixture
def kb(site: Site) -> KnowledgeSite:
    """The knowledge base was pulled."""
    kb = KnowledgeSite.of(site)
    assert kb.tick().returncode == 0
    return kb


def test_the_package_holds_headers_only_and_under_another_name() -> None:
    """Whatever it shipped under a lookup's name would take the place of what people pulled."""
    shipped = {path.name for path in (BUILT / "lookups").iterdir()}
    assert shipped == {f"{name}.default" for name in LATER} | {"qualys_severity.csv"}
    assert [path for path in (BUILT / "lookups").glob("*.default") if path.read_text("utf-8").count("\n") != 1] == []


def test_an_upgrade_leaves_filled_lookups_and_goes_on_where_it_was(kb: KnowledgeSite) -> None:
    before, calls = kb.texts(), len(kb.calls)
    kb.splunk.upgrade(BUILT)
    assert kb.texts() == before
    assert kb.tick(offline=True).returncode == 0
    assert (kb.texts(), kb.lines("WARNING")) == (before, [])
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:2])
    kb.ask("run_now")
    assert kb.tick().returncode == 0
    assert "last_modified_after" in kb.calls[calls].params
    assert kb.differences() == []


def test_a_package_that_ships_its_own_lookup_is_put_right_by_the_next_tick(kb: KnowledgeSite, tmp_path: Path) -> None:
    """As somebody may build it for a deployment server, from a search head that never pulled."""
    before = kb.texts()
    package = tmp_path / BUILT.name
    shutil.copytree(BUILT, package)
    shutil.copyfile(package / "lookups" / f"{KB}.default", package / "lookups" / KB)
    kb.splunk.upgrade(package)
    assert kb.rows(KB) == []
    assert kb.tick(offline=True).returncode == 0
    assert kb.texts() == before


def test_a_reinstallation_of_the_app_finds_its_stores(kb: KnowledgeSite) -> None:
    """The folder of the app was removed by hand; stores and checkpoints lie elsewhere."""
    before = kb.texts()
    shutil.rmtree(kb.lookups)
    kb.splunk.upgrade(BUILT)
    assert [kb.rows(name) for name in LOOKUPS] == [[], [], []]
    assert kb.tick(offline=True).returncode == 0
    assert kb.texts() == before


def test_an_installed_add_on_has_all_lookups_before_anything_is_pulled(tmp_path: Path) -> None:
    """Automatic lookups of a search head must not miss their files, wherever the inputs run."""
    with SplunkStandin(tmp_path, BUILT) as splunk:
        there = {path.name for path in (splunk.app_home / "lookups").glob("*.csv")}
        assert there == {*LATER, "qualys_severity.csv"}
        assert "ERROR" not in splunk.log("splunkd.log")
