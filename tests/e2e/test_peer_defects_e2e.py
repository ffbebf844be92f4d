"""Defects known from a peer add-on that only processes and files can show; each test bears its number.

D: the same data twice. H: hangs. S: slow. X: security and hygiene.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualys_ta.splunk.field_table import STANZAS
from standins.qualys import QualysStandin
from support.arrivals import Arrivals
from support.e2e import BUILT, EVENTS_PER_PAGE, NAME, REST, Site
from support.files import open_to_others
from support.guarded import SECRETS, guarded, use_platform
from support.page import account_form, choose

OURS = ("bin/qualys.py", "bin/qualys_ta", "bin/TA_QualysCloudPlatform_rh_*.py")
UNVERIFIED = re.compile(
    r"verify\s*=\s*False|CERT_NONE|CERT_OPTIONAL|_create_unverified|assert_hostname\s*=\s*False|disable_warnings"
)
LOG_LINES, LOG_WRITERS = 300, 4
LOG_SCRIPT = """
import sys
from pathlib import Path
from qualys_ta.splunk import log
log.LARGEST, log.KEPT = 8_000, 500
writer = log.Log(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3])):
    writer.info(f"line {number} " + "x" * 60)
"""
HEAVY = {"requests", "urllib3", "ssl", "socket", "http", "sqlite3", "logging", "solnlib", "splunklib", "splunktaucclib"}


@pytest.fixture
def came(site: Site) -> Iterator[Arrivals]:
    """The platform's requests, to be waited for."""
    before = site.qualys.requests
    site.qualys.requests = Arrivals()
    site.calls_before = 0
    yield site.qualys.requests
    site.qualys.requests = before


def test_d1_a_page_that_cannot_be_read_is_written_not_at_all_and_not_asked_for_for_ever(site: Site) -> None:
    site.qualys.faults.set("cut_clean*always@2")
    assert site.tick().returncode == 1
    assert len(site.raw) == EVENTS_PER_PAGE
    assert len(site.calls) == 3, "the good page, and the bad one twice (max_retries is 1)"
    assert len(site.lines("ERROR")) == 1
    site.qualys.faults.set()
    site.ask("run_now")
    assert site.tick().returncode == 0
    site.assert_complete(repeats=0)


def test_d2_a_restart_goes_on_where_the_last_page_ended(site: Site, came: Arrivals) -> None:
    site.qualys.faults.set("stall*always@2")
    run = site.start()
    came.wait_for("/detection/", 2)
    run.kill()
    assert run.wait().returncode == -9
    site.qualys.faults.set()
    assert site.tick().returncode == 0
    first, killed, resumed = site.calls[:3]
    assert "id_min" not in first.params
    assert resumed.params == killed.params
    site.assert_complete(repeats=0)


def test_h1_h17_neither_a_dead_run_nor_a_pid_that_lives_again_blocks_an_input(site: Site, came: Arrivals) -> None:
    site.qualys.faults.set("stall")
    run = site.start()
    came.wait_for("/detection/")
    pid_file = site.tmp / f"{NAME}.pid"
    assert pid_file.read_text() == f"{run.pid}\n"
    run.kill()
    run.wait()
    pid_file.write_text(f"{os.getpid()}\n")
    assert site.tick().returncode == 0
    site.assert_complete()
    assert not pid_file.exists()


def test_h17_inputs_do_not_wait_for_each_other(site: Site, came: Arrivals) -> None:
    site.splunk.post(REST.format("qualys"), name="sibling", metric=NAME, duration="1h")
    site.qualys.faults.set("stall")
    run = site.splunk.start("sibling")
    came.wait_for("/detection/")
    assert site.tick().returncode == 0
    assert len(site.raw) == 3 * EVENTS_PER_PAGE
    run.stop()


def test_s9_a_start_that_is_not_due_loads_next_to_nothing_and_asks_nobody(site: Site) -> None:
    site.tick()
    calls, log = len(site.qualys.requests), site.splunk.log()
    run = site.splunk.tick(NAME, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert run.returncode == 0
    assert "qualys_ta.splunk.modinput" in loaded
    assert sorted(name for name in loaded if name.partition(".")[0] in HEAVY or name == "xml.etree.ElementTree") == []
    assert (len(site.qualys.requests), site.splunk.log()) == (calls, log)


@pytest.mark.parametrize("certificate", ["unknown_ca", "wrong_name", "expired"])
def test_x1_with_a_client_certificate_the_server_is_still_verified(
    site: Site, tmp_path: Path, certificate: str
) -> None:
    choose(site, "api", max_retries="0")
    with QualysStandin(tmp_path, hosts=1, certificate=certificate, require_client_cert=True) as platform:
        use_platform(site, platform)
        assert site.tick().returncode == 1
    assert site.error().startswith("No TLS connection to ")
    assert (platform.requests, site.raw) == ([], [])


def test_x2_no_code_of_ours_leaves_out_verification() -> None:
    sources = [path for pattern in OURS for found in BUILT.glob(pattern) for path in (found, *found.rglob("*.py"))]
    files = [path for path in sources if path.is_file()]
    assert len(files) > 30
    assert [path for path in files if UNVERIFIED.search(path.read_text("utf-8"))] == []


def test_x2_no_setting_is_about_verification() -> None:
    settings = {f"{stanza}/{field.name}" for stanza, fields in STANZAS.items() for field in fields}
    assert [name for name in settings if re.search("verif|insecure|unsafe|ssl|tls", name)] == []


def test_x2_whatever_a_conf_or_the_environment_says_an_unknown_ca_is_refused(site: Site, tmp_path: Path) -> None:
    off = {"ssl_verify": "0", "verify": "false", "verify_ssl": "False", "insecure": "1"}
    choose(site, "api", max_retries="0", **off)
    with QualysStandin(tmp_path, hosts=1, certificate="unknown_ca") as platform:
        site.save_account(**account_form(platform, skip_test="1"))
        confs, app = site.splunk.splunkd.confs, site.splunk.app_home.name
        confs.write("ta_qualyscloudplatform_account", app, "demo", off)
        environment = {"PYTHONHTTPSVERIFY": "0", "CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": site.qualys.ca}
        assert site.splunk.tick(NAME, env=environment).returncode == 1
    assert "signed by an unknown CA" in site.error()
    assert platform.requests == []


def test_x3_credentials_whose_base64_has_plus_and_slash_log_in(site: Site, tmp_path: Path) -> None:
    user, password = "acme_ab1", "~~~???>>>"
    assert {"+", "/"} <= set(base64.b64encode(f"{user}:{password}".encode()).decode())
    with QualysStandin(tmp_path, hosts=1, users={user: password}) as platform:
        site.save_account(**account_form(platform))
        assert site.tick().returncode == 0
    assert {call.status for call in platform.requests} == {200}


def test_x4_no_secret_is_on_a_command_line_in_the_environment_or_in_a_log(site: Site, tmp_path: Path) -> None:
    with guarded(site, tmp_path) as platform:
        assert isinstance(platform.requests, Arrivals)
        platform.faults.set("stall*always")
        run = site.start()
        platform.requests.wait_for("/detection/")
        process = Path("/proc", str(run.pid))
        seen = b"".join((process / name).read_bytes() for name in ("cmdline", "environ")).decode()
        run.stop()
    assert "qualys.py" in seen
    logs = site.splunk.log() + site.splunk.log("splunkd.log")
    assert [secret for secret in SECRETS.values() if secret in seen + logs] == []


def test_x5_what_holds_findings_is_for_its_owner_only(site: Site, came: Arrivals) -> None:
    choose(site, "api", preserve_api_output="1")
    site.qualys.faults.set("html@2 stall*always@3")
    everybody = os.umask(0)
    try:
        run = site.start()
        came.wait_for("/detection/", 3)
    finally:
        os.umask(everybody)
    written = [*site.tmp.rglob("*"), *site.checkpoints.rglob("*"), *site.splunk.home.glob("var/log/splunk/ta_*")]
    run.stop()
    names = " ".join(path.name for path in written)
    expected = (".errored", "preserved", ".json", ".seen", ".lock", ".pid", ".log")
    assert [part for part in expected if part not in names] == []
    assert open_to_others(path for path in written if path.exists()) == []


def test_x8_many_processes_write_one_log_and_no_line_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "add-on.log"
    environment = {**os.environ, "PYTHONPATH": str(BUILT / "bin")}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", LOG_SCRIPT, str(path), f"writer{number}", str(LOG_LINES)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(LOG_WRITERS)
    ]
    said = [writer.communicate()[1] for writer in writers]
    assert said == [""] * LOG_WRITERS
    logs = [log for log in tmp_path.iterdir() if log.suffix != ".lock"]
    lines = [line for log in logs for line in log.read_text().splitlines()]
    assert len(logs) > 3, "it was rotated while they wrote"
    told = {re.sub(r"^.*\((\w+)\) INFO: (line \d+) x{60}$", r"\1 \2", line) for line in lines}
    assert told == {f"writer{writer} line {line}" for writer in range(LOG_WRITERS) for line in range(LOG_LINES)}
    assert len(lines) == len(told)


def test_x11_of_the_apps_folder_only_tmp_is_written(site: Site) -> None:
    def there() -> dict[str, bytes]:
        found = (path for path in site.splunk.app_home.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {str(path.relative_to(site.splunk.app_home)): path.read_bytes() for path in found}

    before = there()
    choose(site, "api", preserve_api_output="1")
    site.tick()
    site.ask("run_now")
    site.tick()
    after = there()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {Path(name).parts[0] for name in changed} == {"tmp", "local"}
    assert {name for name in changed if not name.startswith("tmp/")} == {"local/ta_qualyscloudplatform_settings.conf"}
