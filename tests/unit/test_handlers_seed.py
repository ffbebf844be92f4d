"""The path of the .seed file on the tab VM, saved through splunkd: on a server of one's own, and on Splunk Cloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.splunk import SplunkStandin
from support import page
from support.e2e import BUILT

VM = "TA_QualysCloudPlatform_settings/vm"
TMP = "$SPLUNK_HOME/etc/apps/TA-QualysCloudPlatform/tmp"


@pytest.fixture(scope="module", params=["", "cloud"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def splunk(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    info: dict[str, Any] = {"instance_type": kind} if kind else {}
    with SplunkStandin(tmp_path_factory.mktemp("splunk"), BUILT, info=info) as standin:
        yield standin


def test_a_path_is_refused_in_the_page_and_nothing_is_stored(splunk: SplunkStandin, kind: str, tmp_path: Path) -> None:
    before = page.content(splunk, VM)
    wanted = {"enable_seed_file_generation": "1"}
    told = [
        page.refusal(splunk, {**wanted, "seed_file_path": path}, VM)
        for path in ("", "seeds", f"{TMP}/../bin", str(tmp_path / "none" / "x.seed"))
    ]
    assert all(text.startswith("Path of the .seed file") for text in told)
    assert len(set(told)) == len(told)
    assert page.content(splunk, VM) == before
    if kind:
        assert "on Splunk Cloud it must lie below" in page.refusal(
            splunk, {**wanted, "seed_file_path": str(tmp_path)}, VM
        )


def test_a_good_path_is_saved_as_it_was_typed(splunk: SplunkStandin, kind: str, tmp_path: Path) -> None:
    for path in (f"{TMP}/seeds/", *([] if kind else [str(tmp_path / "all.seed")])):
        splunk.post(VM, enable_seed_file_generation="1", seed_file_path=path)
        assert page.content(splunk, VM)["seed_file_path"] == path
    assert (splunk.app_home / "tmp" / "seeds").is_dir()


def test_a_path_is_not_looked_at_while_no_file_is_wanted(splunk: SplunkStandin) -> None:
    splunk.post(VM, enable_seed_file_generation="0", seed_file_path="/no/such/folder/x.seed")
    assert page.content(splunk, VM)["enable_seed_file_generation"] == "0"
