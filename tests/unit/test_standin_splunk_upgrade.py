"""What splunkd does when it starts and when a package is installed over another."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.splunk import SplunkStandin
from support.fake_addon import NAME, make_addon

PLACES_A_TABLE = """
import pathlib, sys
if "--scheme" in sys.argv:
    table = pathlib.Path(__file__).parents[1] / "lookups" / "known.csv"
    table.parent.mkdir(exist_ok=True)
    if not table.exists():
        table.write_text("placed")
"""
"""What the script of this add-on does besides, when it is asked for its scheme."""


def _package(folder: Path, version: str = "1.0") -> Path:
    addon = make_addon(folder)
    script = addon / "bin" / "qualys.py"
    script.write_text(PLACES_A_TABLE + script.read_text("utf-8"), "utf-8")
    (addon / "default" / "app.conf").write_text(f"[ui]\nlabel = Fake\n[launcher]\nversion = {version}\n", "utf-8")
    return addon


def test_every_start_asks_for_the_scheme(tmp_path: Path) -> None:
    with SplunkStandin(tmp_path / "splunk", _package(tmp_path)) as splunk:
        table = splunk.app_home / "lookups" / "known.csv"
        assert table.read_text("utf-8") == "placed"
        table.unlink()
    with SplunkStandin(tmp_path / "splunk", tmp_path / NAME):
        assert table.exists()
        assert "ERROR" not in splunk.log("splunkd.log")


def test_a_script_that_fails_is_logged_and_splunkd_starts_all_the_same(tmp_path: Path) -> None:
    addon = make_addon(tmp_path)
    (addon / "bin" / "qualys.py").write_text("raise SystemExit('no scheme today')", "utf-8")
    with SplunkStandin(tmp_path / "splunk", addon) as splunk:
        log = splunk.log("splunkd.log")
        assert "ERROR ModularInputs - Unable to initialize modular input qualys" in log
        assert "no scheme today" in log
        assert splunk.get("server/info")["entry"]


def test_an_upgrade_replaces_the_packages_files_and_keeps_all_others(tmp_path: Path) -> None:
    with SplunkStandin(tmp_path / "splunk", _package(tmp_path / "old")) as splunk:
        splunk.post("data/inputs/qualys", name="kept", mode="echo")
        table = splunk.app_home / "lookups" / "known.csv"
        table.write_text("filled", "utf-8")
        new = _package(tmp_path / "new", "2.0")
        (new / "lookups").mkdir()
        (new / "lookups" / "added.csv").write_text("shipped", "utf-8")
        (new / "local").mkdir()
        (new / "local" / "inputs.conf").write_text("[qualys://kept]\nmode = fail\n", "utf-8")
        (new / "default" / "collections.conf").unlink()
        splunk.upgrade(new)
        assert splunk.get(f"apps/local/{NAME}")["entry"][0]["content"]["version"] == "2.0"
        assert splunk.get("data/inputs/qualys/kept")["entry"][0]["content"]["mode"] == "echo"
        assert table.read_text("utf-8") == "filled"
        assert (splunk.app_home / "lookups" / "added.csv").read_text("utf-8") == "shipped"
        assert (splunk.app_home / "default" / "collections.conf").exists(), "a file that the new one has not stays"
        table.unlink()
        splunk.upgrade(new)
        assert table.read_text("utf-8") == "placed", "it is asked for its scheme again"


def test_another_add_on_is_no_upgrade(tmp_path: Path) -> None:
    splunk = SplunkStandin(tmp_path / "splunk", _package(tmp_path))
    with splunk, pytest.raises(ValueError, match="TA-other is another add-on than TA-QualysCloudPlatform"):
        splunk.upgrade(tmp_path / "TA-other")
