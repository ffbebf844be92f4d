"""The built add-on: the files that are meant to ship, the same bytes every time, one table behind it all."""

from __future__ import annotations

import configparser
import filecmp
import re
import shutil
import struct
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualys_ta.splunk import field as kinds
from qualys_ta.splunk.field_table import STANZAS
from tools import archive, conf_specs, global_config

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "TA-QualysCloudPlatform"
EXPECTED = Path(__file__).with_name("package_files.txt")
GENERATED_SETTINGS = "default/ta_qualyscloudplatform_settings.conf"
ICON_SIZES = {"appIcon": (36, 36), "appIconAlt": (36, 36), "appLogo": (160, 40)}


def shipped() -> Iterator[Path]:
    assert APP.is_dir(), "the add-on is not built: make build"
    return (path for path in sorted(APP.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def conf(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(APP / name, encoding="utf-8")
    return parser


def test_ships_exactly_the_listed_files(request: pytest.FixtureRequest) -> None:
    found = sorted(path.relative_to(APP).as_posix() for path in shipped())
    if request.config.getoption("rewrite"):
        EXPECTED.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8").splitlines()


def test_ships_nothing_compiled_hidden_or_local() -> None:
    paths = [path.relative_to(APP) for path in shipped()]
    assert [path for path in paths if path.suffix in {".so", ".pyd", ".dll", ".dylib", ".pyc", ".exe"}] == []
    assert [path for path in paths if any(part.startswith(".") for part in path.parts)] == []
    assert [path for path in paths if path.parts[0] in {"local", "tmp"} or path.name.endswith(".dist-info")] == []


def test_every_vendored_package_keeps_its_license() -> None:
    pinned = re.findall(
        r"(?m)^([\w-]+)==([\w.]+)$", (ROOT / "package/lib/requirements.txt").read_text(encoding="utf-8")
    )
    licenses = {path.stem.lower().replace("_", "-") for path in (APP / "LICENSES").iterdir()}
    missing = {name for name, version in pinned if f"{name}-{version}".lower() not in licenses}
    assert not missing
    assert "Apache License, Version 2.0" in (APP / "lib/splunklib/client.py").read_text(encoding="utf-8")


def test_pages_come_from_the_table() -> None:
    assert global_config.TARGET.read_text(encoding="utf-8") == global_config.rendered(), "run tools/global_config.py"


@pytest.mark.parametrize(("name", "text"), sorted(conf_specs.specs().items()))
def test_specs_come_from_the_table(name: str, text: str) -> None:
    assert (conf_specs.README / name).read_text(encoding="utf-8") == text, "run tools/conf_specs.py"


def test_every_setting_that_ships_has_a_spec_line() -> None:
    spec = (APP / "README/ta_qualyscloudplatform_settings.conf.spec").read_text(encoding="utf-8")
    settings = conf(GENERATED_SETTINGS)
    for stanza in settings.sections():
        told = spec.partition(f"[{stanza}]\n")[2].partition("\n[")[0]
        missing = [name for name in settings[stanza] if not re.search(rf"(?m)^{name} = ", told)]
        assert missing == [], stanza


def test_defaults_are_those_of_the_table_and_flags_are_1_or_0() -> None:
    settings = conf(GENERATED_SETTINGS)
    tabs = {name: fields for name, fields in STANZAS.items() if name not in ("account", "input")}
    assert settings.sections() == list(tabs)
    for name, fields in tabs.items():
        flags = {field.name for field in fields if field.kind == kinds.FLAG}
        defaults = {field.name: field.default or ("0" if field.name in flags else "") for field in fields}
        found = {key: value or ("0" if key in flags else "") for key, value in settings[name].items()}
        assert found == defaults
        assert {found[flag] for flag in flags} <= {"0", "1"}


def test_app_conf_leads_to_the_pages_and_never_to_an_update_of_another_add_on() -> None:
    app = conf("default/app.conf")
    assert app["ui"]["setup_view"] == "configuration"
    assert app["install"]["is_configured"] == "false"
    assert app["package"]["check_for_updates"] == "0"
    assert app["launcher"]["version"] == "2.0.0"


def test_inputs_start_disabled_every_minute_and_in_no_index_of_ours() -> None:
    inputs = conf("default/inputs.conf")["qualys"]
    assert (inputs["disabled"], inputs["interval"]) == ("true", "60")
    assert (inputs["python.version"], inputs["python.required"]) == ("python3", "3.9, 3.13")
    assert "index" not in inputs


def test_search_heads_replicate_accounts_and_settings() -> None:
    replicated = dict(conf("default/server.conf")["shclustering"])
    stem = "conf_replication_include.ta_qualyscloudplatform"
    assert replicated == {f"{stem}_account": "true", f"{stem}_settings": "true"}


@pytest.mark.parametrize("name", sorted(ICON_SIZES))
@pytest.mark.parametrize(("suffix", "factor"), [("", 1), ("_2x", 2)])
def test_icons_have_the_sizes_splunk_asks_for(name: str, suffix: str, factor: int) -> None:
    header = (APP / "static" / f"{name}{suffix}.png").read_bytes()[:24]
    assert struct.unpack(">II", header[16:24]) == tuple(size * factor for size in ICON_SIZES[name])


def test_our_javascript_shows_text_only() -> None:
    scripts = list((APP / "appserver/static/js/build/custom").glob("*.js"))
    assert {path.name for path in scripts} >= {"checkpoint_row.js", "metric_cell.js", "show_message.js"}
    for path in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text("utf-8"))


def test_archive_does_not_depend_on_when_and_by_whom_it_was_packed(tmp_path: Path) -> None:
    again = tmp_path / "copy" / APP.name
    shutil.copytree(APP, again)
    (again / "bin" / "__pycache__").mkdir(exist_ok=True)
    (again / "bin" / "qualys.py").touch()
    archive.pack(APP, tmp_path / "one.tar.gz")
    archive.pack(again, tmp_path / "two.tar.gz")
    assert filecmp.cmp(tmp_path / "one.tar.gz", tmp_path / "two.tar.gz", shallow=False)
    with tarfile.open(tmp_path / "one.tar.gz") as packed:
        assert {(member.uname, member.mtime) for member in packed} == {("root", archive.EPOCH)}


@pytest.mark.slow
def test_two_builds_are_identical(tmp_path: Path) -> None:
    """A build of a copy of the sources, under another path and hash seed, has the same bytes as ours."""
    for name in (
        "package",
        "tools",
        "globalConfig.json",
        "additional_packaging.py",
        "Makefile",
        "requirements-build.txt",
    ):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, tmp_path / name)
    (tmp_path / ".venv-build").symlink_to(ROOT / ".venv-build")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "PYTHONHASHSEED": "7"}
    subprocess.run(["make", "build", f"PYTHON={sys.executable}"], cwd=tmp_path, env=environment, check=True)
    archive.pack(APP, tmp_path / "ours.tar.gz")
    archive.pack(tmp_path / APP.name, tmp_path / "other.tar.gz")
    assert filecmp.cmp(tmp_path / "ours.tar.gz", tmp_path / "other.tar.gz", shallow=False)
