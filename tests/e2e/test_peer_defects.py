"""Defects known from the vendor's add-on, each by its number: shown not to be ours.

L: lost data. D: the same data twice. H: hangs and crashes. S: slow. X: security and hygiene. Q: field quality. First
what functions show, then what only processes and files can show.
"""

from __future__ import annotations

import ast
import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import requests

from qualys_ta.api import transport
from qualys_ta.errors import AuthError, ConfigError, Refused, TryLater
from qualys_ta.model import Window
from qualys_ta.populator import load
from qualys_ta.splunk import state
from qualys_ta.splunk.field_table import STANZAS
from qualys_ta.splunk.files import locked, write_whole
from qualys_ta.splunk.forms import form_of
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.schedule import parse
from qualys_ta.spool import SpoolWriter, batches, spool_path
from standins.qualys import QualysStandin
from support.arrivals import Arrivals
from support.core import (
    PACKAGE,
    SINCE,
    STANZA,
    answer,
    cdata,
    conf,
    detection,
    events,
    extracted,
    host,
    tag,
    texts,
    vm_settings,
)
from support.e2e import BUILT, EVENTS_PER_PAGE, NAME, REST, Site
from support.e2e_knowledge import CIM, CVES, KB, KnowledgeSite
from support.fake_addon import eventually
from support.files import open_to_others
from support.guarded import SECRETS, guarded, use_platform
from support.page import account_form, choose
from support.pulls import (
    FORM,
    Answers,
    ListSink,
    Said,
    client,
    converter,
    converting,
    first_request,
    fleet,
    pull,
    simple_return,
)


def utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None)


def one(*markup: str, findings: tuple[str, ...] = (), **chosen: str) -> dict[str, str]:
    """The fields of the last event of one host."""
    return dict(extracted(texts(answer(host(7, *markup, detections=findings)), **chosen)[-1]))


def test_l13_a_missed_cron_minute_is_caught_up() -> None:
    """Cron had to match the very minute at which the script started; a late start lost the daily run."""
    last, late = 1_714_554_003.0, 1_714_554_003.0 + 86_400 + 7_000
    assert parse("0 9 * * *").is_due(last, 0, late, utc)


LOOP = tag("WARNING", tag("CODE", "1980"), tag("URL", cdata("https://x/?id_min=0")))


def test_d1_a_page_that_leads_nowhere_emits_nothing(tmp_path: Path) -> None:
    """The same by another way: a page that is refused for its next page would come again at every start."""
    looped = Answers(Said(answer(*fleet(5).values(), warning=LOOP)))
    ours, sink = converting(client(looped, tmp_path, [])), ListSink()
    with pytest.raises(Refused):
        pull(None, sink, fetch=ours.fetch).run(Window(SINCE, ""))
    assert sink.received == []


def test_d1_an_unreadable_page_emits_nothing_and_is_not_fetched_for_ever(tmp_path: Path) -> None:
    """Events were written while parsing; a bad byte made the page come again every 3 seconds, for ever."""
    waits: list[float] = []
    torn = Answers(Said(answer(*fleet(5).values())[:-40]))
    ours, sink = converting(client(torn, tmp_path, waits)), ListSink()
    broken = pull(None, sink, first=first_request(), fetch=ours.fetch)
    with pytest.raises(TryLater):
        broken.run(Window(SINCE, ""))
    assert sink.received == []
    assert (torn.calls, len(waits)) == (4, 3)


def test_d2_a_restart_goes_on_at_the_page_it_reached(tmp_path: Path) -> None:
    """The checkpoint was saved at the very end of an hours-long pull; a restart replayed everything."""
    warning = tag("WARNING", tag("CODE", "1980"), tag("URL", cdata("https://x/?action=list&id_min=6")))
    saved: list[Window] = []
    answers = Answers(Said(answer(*fleet(5).values(), warning=warning)), Said(simple_return("2000", "no"), 401))
    ours = converting(client(answers, tmp_path, []))
    stopped = pull(None, ListSink(), first=first_request(), fetch=ours.fetch, save=saved.append)
    with pytest.raises(AuthError):
        stopped.run(Window(SINCE, ""))
    assert saved[-1].next is not None
    assert saved[-1].next.params["id_min"] == "6"


def test_d6_summaries_count_all_findings_of_the_host() -> None:
    """Only the findings of this increment were counted, yet named TOTAL_VULNS."""
    asked = load("host_detection").params(vm_settings())
    assert not [name for name in asked if name.startswith("detection_")]
    findings = (detection(LAST_UPDATE_DATETIME="2001-01-01T00:00:00Z"), detection())
    assert one(findings=findings, log_detections="0")["TOTAL_VULNS"] == "2"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(simple_return("2000", "Bad Login/Password"), 401), AuthError),
        (Said(simple_return("2012", "No permission"), 400), AuthError),
        (Said(simple_return("1905", "parameter ips has invalid value: x"), 400), ConfigError),
        (Said(simple_return("1903", "Missing required parameter(s): action"), 400), Refused),
    ],
)
def test_h3_permanent_errors_are_not_repeated(tmp_path: Path, said: Said, kind: type[Exception]) -> None:
    """A wrong password or parameter was sent again every 300 seconds for ever, until the account locked."""
    answers = Answers(said)
    with pytest.raises(kind):
        client(answers, tmp_path, [], ips="x").fetch(first_request())
    assert answers.calls == 1


def test_h4_a_failed_connection_is_tried_again(tmp_path: Path) -> None:
    """``'timed out' in reason`` raised a TypeError for every connection failure, and the run died."""
    for error in (requests.ConnectTimeout(), requests.ReadTimeout(), requests.ConnectionError(OSError(111, "refused"))):
        assert isinstance(transport._sorted(error, "host", "/path"), TryLater)
    answers = Answers(Said(cut=True), Said(answer()))
    assert client(answers, tmp_path, []).fetch(first_request()).platform_time
    assert answers.calls == 2


@pytest.mark.parametrize("body", [b"", b"<html><body>Bad Gateway</body></html>", b"<html><p>open", b"\x00\xff"])
def test_h5_an_error_page_that_is_no_xml_is_an_error_of_ours(tmp_path: Path, body: bytes) -> None:
    """An HTML 502 was parsed as XML and ended the run."""
    for status in (500, 502, 503):
        answers = Answers(Said(body, status), Said(answer()))
        assert client(answers, tmp_path, []).fetch(first_request()).size
        assert answers.calls == 2


def test_h6_a_damaged_checkpoint_does_not_stop_the_input(tmp_path: Path) -> None:
    """An empty checkpoint file raised ValueError until somebody deleted it; writes were not atomic."""
    state.state_path(tmp_path, "x").touch()
    known, warning = state.load(tmp_path, "x", 5.0)
    assert known.is_due(parse("1d"), 5.0, "", utc)
    assert "set aside" in warning


def test_h7_empty_elements_of_a_finding_are_empty_strings() -> None:
    """``None.upper()`` ended the whole run."""
    found = one(findings=(tag("DETECTION", tag("QID"), tag("FQDN"), tag("QDS_FACTORS"), tag("STATUS")),))
    assert (found["QID"], found["FQDN"], found["STATUS"]) == ("", "", "")


def test_h8_empty_elements_of_a_host_are_empty_strings() -> None:
    """An empty DNS_DATA/HOSTNAME, tag name or RESULTS ended the whole run."""
    finding = detection(tag("RESULTS"))
    found = one(tag("DNS_DATA", tag("HOSTNAME")), tag("TAGS", tag("TAG", tag("NAME"))), findings=(finding,))
    assert (found["HOSTNAME"], found["TAGS"]) == ("", "")
    assert one(findings=(finding,), detection_params="show_results=1")["RESULTS"] == ""


def test_h9_a_status_never_seen_before_is_counted() -> None:
    """An unknown pair of TYPE and STATUS raised KeyError and ended the run."""
    found = one(findings=(detection(TYPE="Novel", STATUS="Odd"),), log_detections="0")
    assert (found["NOVEL"], found["ODD"], found["NOVEL_ODD"]) == ("1", "1", "1")


def test_h17_neither_a_sibling_nor_a_recycled_pid_blocks_an_input(tmp_path: Path) -> None:
    """Any process that ran qualys.py passed for the one in the PID file."""
    (tmp_path / "host_detection.lock").write_text(str(os.getppid()), encoding="ascii")
    with locked(tmp_path / "sibling.lock") as sibling, locked(tmp_path / "host_detection.lock") as ours:
        assert sibling
        assert ours


GONE = {"six", "imp", "distutils", "asyncore", "asynchat", "smtpd", "cgi", "cgitb", "telnetlib", "pipes", "crypt"}


def imported() -> Iterator[str]:
    """The top-level modules that the add-on imports; parsing shows that all of it is Python 3.9."""
    for path in (PACKAGE / "bin").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield (node.module or "").partition(".")[0]


def test_h18_nothing_that_newer_pythons_removed() -> None:
    """``six.moves`` and SafeConfigParser: the add-on could not start on Python 3.12."""
    assert GONE.isdisjoint(imported())
    assert "requests" in set(imported())


def test_h22_a_typo_in_the_schedule_is_an_error() -> None:
    """A wrong cron entry was taken for an interval of one day."""
    for text in ("0 9 * * * *", "61 * * * *", "0 9 * *", "9h30"):
        with pytest.raises(ConfigError):
            parse(text)


def test_s2_a_record_is_freed_before_the_next_is_read() -> None:
    """``root.clear()`` cleared the first closed element, so memory grew with the answer (measured in test_xmlpage)."""
    spool = io.BytesIO()
    SpoolWriter(converter(), form_of(FORM), spool.write).take(counted())
    assert [record for batch in batches(io.BytesIO(spool.getvalue())) for record in batch.records] == [0, 1, 2]


def counted() -> Iterator[Element]:
    """Records that count who still holds them: the one in hand, and nobody else."""
    for number in range(3):
        record = fromstring(host(number))
        held = sys.getrefcount(record)
        yield record
        assert sys.getrefcount(record) <= held + 1


def test_x5_what_the_add_on_writes_is_private_and_aged_out(tmp_path: Path) -> None:
    """Findings lay in clear in the app's folder with the default umask, and for ever after an error."""
    before = os.umask(0)
    try:
        torn = Answers(Said(b"<torn"))
        with pytest.raises(TryLater):
            client(torn, tmp_path, [], tries=0).fetch(first_request())
        spool = spool_path(converting(client(Answers(Said(answer())), tmp_path, [])).fetch(first_request()).path)
        write_whole(tmp_path / "state.json", "x")
    finally:
        os.umask(before)
    (page,) = (path for path in (tmp_path / "pages").iterdir() if path != spool)
    assert page.name.endswith(".errored")
    assert {path.stat().st_mode & 0o777 for path in (page, spool, tmp_path / "state.json")} == {0o600}
    assert page.parent.stat().st_mode & 0o777 == 0o700
    os.utime(page, (0, 0))
    client(torn, tmp_path, [])
    assert not page.exists()


def test_x8_two_writers_share_the_log(tmp_path: Path) -> None:
    """One rotating file was written by many processes, each with its own idea of where it ends."""
    one_log, other = Log(tmp_path / "log", "a"), Log(tmp_path / "log", "b")
    for _ in range(3):
        one_log.info("x")
        other.info("y")
    names = [line.split()[2] for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert names == ["(a)", "(b)"] * 3


def test_x11_checkpoints_do_not_lie_in_the_app() -> None:
    """PID files, checkpoints and CSVs in the app's folder were lost on upgrade."""
    assert state.checkpoint_folder({"SPLUNK_HOME": "/s"}) == Path("/s/var/lib/splunk/modinputs/qualys")


def test_q1_quotes_inside_values_make_no_fields() -> None:
    """Inner quotes ended the field, and pairs inside RESULTS became bogus fields."""
    found = one(findings=(detection(tag("RESULTS", cdata('a" , user="root" x="'))),), detection_params="show_results=1")
    assert found["RESULTS"] == "a' , user='root' x='"
    assert not {"user", "x"} & found.keys()


def test_q2_tables_in_results_stay_tables() -> None:
    """White space was collapsed."""
    table = "Port\tService\n22\tssh\n\n443\thttps  (tls)\n"
    found = one(findings=(detection(tag("RESULTS", cdata(table))),), detection_params="show_results=1")
    assert found["RESULTS"] == table


def test_q3_letter_case_is_kept() -> None:
    """All values were upper-cased."""
    fields = "SERVICE,RESULTS,INSTANCE,FQDN"
    found = one(
        findings=(detection(tag("RESULTS", "MiXed"), INSTANCE="MsSql", FQDN="a.B.c", SERVICE="sSh"),),
        detection_fields_to_log=fields,
    )
    assert (found["INSTANCE"], found["FQDN"], found["SERVICE"], found["RESULTS"]) == ("MsSql", "a.B.c", "sSh", "MiXed")


def test_q4_fqdn_and_domain_can_be_logged() -> None:
    """Both came out blank."""
    names = tag("DNS_DATA", tag("HOSTNAME", "web"), tag("DOMAIN", "x.y"), tag("FQDN", "web.x.y"))
    found = one(names, host_fields_to_log="HOSTNAME,DOMAIN,FQDN")
    assert (found["HOSTNAME"], found["DOMAIN"], found["FQDN"]) == ("web", "x.y", "web.x.y")


def test_q5_cloud_tag_names_make_valid_fields() -> None:
    """A blank in the name made an invalid key."""
    tags = tag("CLOUD_PROVIDER_TAGS", tag("CLOUD_TAG", tag("NAME", "cost center:é"), tag("VALUE", "7")))
    assert one(tags, host_fields_to_log="CLOUD_PROVIDER_TAGS")["CLOUD_PROVIDER_TAGS_cost_center__"] == "7"


def test_q10_extra_statistics_can_be_switched_off() -> None:
    """The check box had no effect."""
    body = answer(host(7, detections=[detection()]))
    short, long = (events(body, log_detections="0", log_extra_host_summary=extra)[0].text for extra in "01")
    assert "CONFIRMED_ACTIVE" in long
    assert "CONFIRMED_ACTIVE" not in short
    assert "CONFIRMED=1" in short


def test_q11_reopened_counters_keep_their_own_names() -> None:
    """A regex made OPENED of both RE-OPENED and CONFIRMED_RE-OPENED."""
    found = one(findings=(detection(STATUS="Re-Opened"), detection(TYPE="Potential")), log_detections="0")
    assert (found["RE-OPENED"], found["CONFIRMED_RE-OPENED"], found["POTENTIAL_RE-OPENED"]) == ("1", "1", "0")
    assert "OPENED" not in found


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
    site.qualys.faults.set("detection:cut_clean*always@2")
    assert site.tick().returncode == 1
    assert len(site.raw) == EVENTS_PER_PAGE
    assert len(site.calls) == 3, "the good page, and the bad one twice (max_retries is 1)"
    assert len(site.lines("ERROR")) == 1
    site.qualys.faults.set()
    site.ask("run_now")
    assert site.tick().returncode == 0
    site.assert_complete(repeats=0)


def test_d2_a_restart_goes_on_where_the_last_page_ended(site: Site, came: Arrivals) -> None:
    site.qualys.faults.set("detection:stall*always@2")
    run = site.start()
    came.wait_for("/detection/", 2)
    eventually(lambda: "Page 1 written" in site.splunk.log())  # the next one is asked for meanwhile
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


def test_s1_hosts_are_listed_as_bare_ids_and_findings_asked_for_with_the_users_filter(site: Site) -> None:
    """All hosts were downloaded whole and at once, only for their ids; the filter was left out, and findings were
    asked for by ranges of ids that hold no host of it."""
    address = next(iter(site.qualys.ledger.expected().values())).elements["IP"]
    choose(site, "vm", detection_params=f"ips={address}")
    assert site.tick().returncode == 0
    assert [(call.params["ips"], call.params.get("ids")) for call in site.calls] == [(address, None)]
    (listed,) = [call for call in site.qualys.requests[site.calls_before :] if call.path.endswith("/asset/host/")]
    assert listed.params == {"action": "list", "details": "None", "truncation_limit": "50000"}


def test_s3_the_knowledge_base_is_merged_and_its_lookup_replaced_at_once(site: Site) -> None:
    """All of it was pulled at every run, and the CSV written in place: searches read half a file."""
    kb = KnowledgeSite.of(site)
    kb.pulled()
    before = kb.texts()[KB].decode()
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[:1])
    with (kb.lookups / KB).open(encoding="utf-8", newline="") as search:
        half = search.read(len(before) // 2)
        assert kb.tick().returncode == 0
        assert half + search.read() == before
    assert "last_modified_after" in kb.calls[-1].params
    assert kb.differences() == []


def test_s4_the_package_ships_no_knowledge_base_and_no_search_needs_the_whole_one() -> None:
    """130 MB were in the package and, by an automatic lookup, in the bundle of every search."""
    assert sum(path.stat().st_size for path in (BUILT / "lookups").iterdir()) < 10_000
    automatic = [text for name, text in conf("props").items(STANZA) if name.startswith("LOOKUP-")]
    files = {conf("transforms").get(text.split()[0], "filename") for text in automatic}
    assert files >= {CIM, CVES}
    assert KB not in files
    (denied,) = [pattern for _, pattern in conf("distsearch").items("replicationDenylist")]
    assert denied.endswith(KB)


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
    site.qualys.faults.set("detection:html@2 detection:stall*always@3")
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
