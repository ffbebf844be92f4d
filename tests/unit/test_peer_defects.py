"""The defects of the vendor's add-on that concern this part, each by its number: shown not to be ours."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import requests

from qualys_ta.api import transport
from qualys_ta.errors import AuthError, ConfigError, Refused, TryLater
from qualys_ta.model import Window
from qualys_ta.populator import load
from qualys_ta.splunk import state
from qualys_ta.splunk.files import locked, write_whole
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.schedule import parse
from support.core import PACKAGE, SINCE, answer, cdata, detection, events, extracted, host, tag, texts, vm_settings
from support.pulls import Answers, ListSink, Said, client, first_request, fleet, pull, simple_return


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
    ours, sink = client(Answers(Said(answer(*fleet(5).values(), warning=LOOP))), tmp_path, []), ListSink()
    with pytest.raises(Refused):
        pull(None, sink, fetch=ours.fetch).run(Window(SINCE, ""))
    assert sink.received == []


def test_d1_an_unreadable_page_emits_nothing_and_is_not_fetched_for_ever(tmp_path: Path) -> None:
    """Events were written while parsing; a bad byte made the page come again every 3 seconds, for ever."""
    waits: list[float] = []
    torn = Answers(Said(answer(*fleet(5).values())[:-40]))
    ours, sink = client(torn, tmp_path, waits), ListSink()
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
    ours = client(answers, tmp_path, [])
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
    sink = ListSink()
    totals = pull(None, sink, fetch=lambda _request: Lazy()).run(Window(SINCE, ""))
    assert totals.records == 3


class Lazy:
    """A page whose records count who still holds them: the one in hand, and nobody else."""

    size, next, platform_time = 0, None, "2024-06-01T12:00:00Z"

    def records(self) -> Iterator[object]:
        from xml.etree.ElementTree import fromstring

        for number in range(3):
            record = fromstring(host(number))
            held = sys.getrefcount(record)
            yield record
            assert sys.getrefcount(record) <= held + 1

    def discard(self) -> None:
        """Nothing on disk."""


def test_x5_what_the_add_on_writes_is_private_and_aged_out(tmp_path: Path) -> None:
    """Findings lay in clear in the app's folder with the default umask, and for ever after an error."""
    before = os.umask(0)
    try:
        torn = Answers(Said(b"<torn"))
        with pytest.raises(TryLater):
            client(torn, tmp_path, [], tries=0).fetch(first_request())
        write_whole(tmp_path / "state.json", "x")
    finally:
        os.umask(before)
    (page,) = (tmp_path / "pages").iterdir()
    assert page.name.endswith(".errored")
    assert {path.stat().st_mode & 0o777 for path in (page, tmp_path / "state.json")} == {0o600}
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
