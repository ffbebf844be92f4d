"""Where a .seed file may lie, and how a person is told where it may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.splunk import fields
from qualys_ta.splunk.seed_place import SeedPlace, seed_place
from support.core import PACKAGE
from support.e2e import environment
from support.files import read_only

APP = "etc/apps/TA-QualysCloudPlatform"
ON_CLOUD = "on Splunk Cloud it must lie below $SPLUNK_HOME/etc/apps/TA-QualysCloudPlatform/tmp."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A SPLUNK_HOME whose add-on never ran, and folders beside it."""
    for folder in (f"splunk/{APP}/bin", "splunk/var/lib/splunk", "splunk/var/spool", "data/old"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "splunk"


def place(home: Path, text: object, kind: str = "") -> SeedPlace:
    return seed_place(str(text), home / APP, kind, {"SPLUNK_HOME": str(home)})


def refused(home: Path, text: object, kind: str = "") -> str:
    with pytest.raises(ConfigError) as error:
        place(home, text, kind)
    assert error.value.setting == "seed_file_path"
    return str(error.value).removeprefix("Path of the .seed file: ")


def test_a_folder_and_a_file(home: Path) -> None:
    data = home.parent / "data"
    assert place(home, data) == place(home, f"{data}/") == SeedPlace(data, is_folder=True)
    assert place(home, data / "all.seed") == SeedPlace(data / "all.seed", is_folder=False)
    (data / "all.seed").write_text("HOSTSUMMARY: HOST_ID=1")
    assert not place(home, data / "all.seed").is_folder
    assert place(home, home / "var/spool").is_folder


@pytest.mark.parametrize("kind", ["", "cloud"])
@pytest.mark.parametrize(("below", "is_folder"), [("", True), ("/", True), ("/seeds/", True), ("/a/b.seed", False)])
def test_below_the_add_ons_tmp_folders_are_made(home: Path, kind: str, below: str, is_folder: bool) -> None:
    found = place(home, f"$SPLUNK_HOME/{APP}/tmp{below}", kind)
    assert found == SeedPlace(Path(f"{home}/{APP}/tmp{below}"), is_folder)
    made = found.path if is_folder else found.path.parent
    assert made.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("below", ["data", "data/x.seed", "splunk/var/spool", f"splunk/{APP}/lookups", f"splunk/{APP}"])
def test_on_splunk_cloud_only_the_add_ons_tmp_is_allowed(home: Path, below: str) -> None:
    assert refused(home, home.parent / below, "cloud") == ON_CLOUD


def test_a_link_does_not_lead_out_of_tmp(home: Path) -> None:
    tmp = home / APP / "tmp"
    tmp.mkdir()
    (tmp / "out").symlink_to(home.parent / "data")
    (tmp / "file").symlink_to(home.parent / "data" / "x.seed")
    assert {refused(home, tmp / name, "cloud") for name in ("out", "out/x.seed", "file")} == {ON_CLOUD}


@pytest.mark.parametrize(
    "below", ["bin", "etc/system/local/inputs.conf", f"{APP}/bin", f"{APP}/lookups/x.seed", "var/lib"]
)
def test_what_splunk_needs_is_left_alone(home: Path, below: str) -> None:
    assert refused(home, home / below).startswith("Splunk needs what lies there;")


def test_the_database_of_splunk_may_lie_elsewhere(home: Path) -> None:
    data = home.parent / "data"
    with pytest.raises(ConfigError, match="Splunk needs"):
        seed_place(str(data / "old"), home / APP, "", {"SPLUNK_HOME": str(home), "SPLUNK_DB": str(data)})


def test_where_downloads_lie_nothing_stays(home: Path) -> None:
    assert "where downloads lie" in refused(home, home / APP / "tmp/host_detection/prod/all.seed")


def test_what_is_not_there_or_not_ours(home: Path) -> None:
    data = home.parent / "data"
    (data / "foreign.txt").write_text("root:x:0:0")
    assert refused(home, data / "none" / "x.seed") == f"there is no folder {data / 'none'} on this server."
    assert refused(home, f"{data}/none/") == f"there is no folder {data / 'none'} on this server."
    assert "holds something else" in refused(home, data / "foreign.txt")
    os.mkfifo(data / "pipe")
    assert "neither a file nor a folder" in refused(home, data / "pipe")


ASK = """
import sys
from pathlib import Path
from qualys_ta.errors import ConfigError
from qualys_ta.splunk.seed_place import seed_place
try:
    seed_place(sys.argv[1], Path(sys.argv[2]), "", {})
except ConfigError as error:
    print(error)
"""


def test_what_splunkds_user_may_not_write(home: Path) -> None:
    data, puppet = home.parent / "data", environment({"humble": True})
    path = os.pathsep.join((puppet["PYTHONPATH"], str(PACKAGE / "bin")))
    command = [sys.executable, "-B", "-c", ASK, str(data), str(home / APP)]
    with read_only(data):
        asked = subprocess.run(command, capture_output=True, text=True, check=True, env={**puppet, "PYTHONPATH": path})
    assert f"splunkd's user may not write to {data}." in asked.stdout


@pytest.mark.parametrize(
    "text", ["seeds", "./x.seed", "$SPLUNK_HOMES/x", "/data/../etc/passwd", "C:\\a\\..\\b", "/a\x07b"]
)
def test_a_path_that_is_no_plain_one_is_not_even_stored(text: str) -> None:
    with pytest.raises(ConfigError, match=r"Path of the \.seed file: "):
        fields.checked("vm", {"seed_file_path": text})


@pytest.mark.parametrize("text", ["/data", "/data/x.seed", "$SPLUNK_HOME/etc/x", "C:\\data\\x.seed"])
def test_a_plain_path(text: str) -> None:
    assert fields.checked("vm", {"seed_file_path": text})["seed_file_path"] == text


def test_who_wants_a_file_must_say_where() -> None:
    with pytest.raises(ConfigError, match=r"Path of the \.seed file is missing"):
        fields.checked("vm", {"enable_seed_file_generation": "1"})
