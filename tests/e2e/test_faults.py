"""Each fault of the platform once, and for ever: what the add-on does, what it says, and how it recovers."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from standins.qualys.faults import KINDS
from support.e2e import DETECTION, EVENTS_PER_PAGE, HOSTS, PER_PAGE, Site

PAGES = HOSTS // PER_PAGE
HARMLESS = ("slow", "foreign_next")
TOO_MUCH = ("unavailable", "gateway", "error500", "cut", "stall", "reset")
"""After these half as many hosts are asked for: of three pages the second becomes two."""
AFTER_A_MINUTE = {"clock": 61}


class Told(NamedTuple):
    """How a fault that never ends is reported: the parts of the ERROR line."""

    said: str
    advice: str = ""
    keeps_page: bool = False


PASSING = {
    "busy": Told("1960 This API cannot be run again until 1 currently running API instance has finished."),
    "rate": Told("1965 This API cannot be run again for another 1 second."),
    "too_many": Told("HTTP status 429", "busy or down"),
    "unavailable": Told("HTTP status 503", "busy or down"),
    "gateway": Told("HTTP status 502", "busy or down"),
    "error500": Told("HTTP status 500", "busy or down"),
    "html": Told("web page", keeps_page=True),
    "generic999": Told("999 Internal error. Please contact customer support.", "busy or down"),
    "truncated999": Told("not whole", keeps_page=True),
    "entity": Told("declares the XML entity 'lol'", keeps_page=True),
    "empty": Told("The answer is empty", keeps_page=True),
    "cut": Told("cut its answer before the end", keeps_page=True),
    "cut_clean": Told("not whole", keeps_page=True),
    "wrong_root": Told(
        "a document KNOWLEDGE_BASE_VULN_LIST_OUTPUT instead of HOST_LIST_VM_DETECTION_OUTPUT", keeps_page=True
    ),
    "stall": Told("did not answer", "API timeout"),
    "reset": Told("broke"),
}
"""Asked for again, a bounded number of times."""

REFUSED = {
    "simple1905": Told("1905 parameter status has invalid value: Opened"),
    "loop": Told("names a next page that starts at id", keeps_page=True),
}
"""Not asked for again in this run: our request or the answer is not what the API promises."""

HELD = {
    "unauthorized": Told("2000 Bad Login/Password", "user name or password is wrong"),
    "expired": Told("2001 This account has expired.", "expired"),
    "registration": Told("2003 Registration must be completed", "log in to the Qualys UI once"),
    "secureid": Told("2011 SecureID authentication is required", "allow API access"),
    "gone_version": Told("1920 This API version has reached its End-of-Life", "host_detection_api_version"),
    "redirect": Told("HTTP status 301", "api_server"),
}
"""Never asked again before a person has changed something: accounts lock."""

FINAL = {**REFUSED, **HELD}


def test_every_fault_of_the_platform_is_in_one_of_the_tables() -> None:
    assert sorted([*HARMLESS, *PASSING, *FINAL]) == sorted(KINDS)


@pytest.mark.parametrize("kind", [*HARMLESS, *PASSING])
def test_a_fault_that_passes_is_waited_out(site: Site, kind: str) -> None:
    site.qualys.faults.set(f"detection:{kind}@2")
    quick(site, kind)
    assert site.tick().returncode == 0
    assert len(site.calls) == PAGES + (kind not in HARMLESS) + (kind in TOO_MUCH)
    site.assert_complete()
    assert site.lines("ERROR") == []
    assert len(site.lines("WARNING")) == (kind not in HARMLESS)


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_fault_that_does_no_harm_does_none_for_ever(site: Site, kind: str) -> None:
    site.qualys.faults.set(f"{kind}*always")
    assert site.tick().returncode == 0
    site.assert_complete()
    assert site.lines("WARNING") == []


@pytest.mark.parametrize("kind", [*PASSING, *REFUSED])
def test_a_fault_for_ever_ends_the_run_until_later(site: Site, kind: str) -> None:
    """The backoff is a minute, then two; what was pulled stays pulled, and the rest comes when the fault is gone."""
    tries = 2 if kind in PASSING else 1
    fails(site, kind)
    assert (site.state["outcome"], site.state["attempts"]) == ("later", 1)
    assert site.lines("INFO")[-1].startswith("Next try: ")
    assert len(site.calls) == 1 + tries
    assert bool(site.errored()) == {**PASSING, **REFUSED}[kind].keeps_page
    assert (site.tick().returncode, len(site.calls)) == (0, 1 + tries)
    assert (site.tick(**AFTER_A_MINUTE).returncode, len(site.calls)) == (1, 1 + 2 * tries)
    assert (site.tick(clock=122).returncode, len(site.calls)) == (0, 1 + 2 * tries)
    site.qualys.faults.set()
    assert site.tick(clock=182).returncode == 0
    site.assert_complete()
    assert site.state["outcome"] == "closed"


@pytest.mark.parametrize("kind", FINAL)
def test_a_fault_that_ends_a_run_once_costs_no_more_than_a_person_asking(site: Site, kind: str) -> None:
    """Gone with the next call: whoever presses *Run now* gets the rest, and nothing twice."""
    site.qualys.faults.set(f"detection:{kind}@2")
    assert site.tick().returncode == 1
    assert len(site.lines("ERROR")) == 1
    site.ask("run_now")
    assert site.tick().returncode == 0
    site.assert_complete(repeats=0)


@pytest.mark.parametrize("kind", HELD)
def test_a_fault_that_a_person_must_end_holds_the_input(site: Site, kind: str) -> None:
    """Not one call more, whatever time passes; saving the account resumes where the last page ended."""
    fails(site, kind)
    assert (site.state["outcome"], len(site.calls)) == ("held", 2)
    assert site.state["message"] in site.error()
    assert site.lines("INFO")[-1].startswith("The input waits until somebody saves")
    site.qualys.faults.set()
    for later_s in (61, 86_400):
        assert (site.tick(clock=later_s).returncode, len(site.calls)) == (0, 2)
    site.save_account(skip_test="1")
    assert site.tick().returncode == 0
    site.assert_complete()


def fails(site: Site, kind: str) -> None:
    """The first page comes, then the fault for ever: one ERROR line, nothing of a bad page."""
    quick(site, kind)
    site.qualys.faults.set(f"detection:{kind}*always@2")
    run = site.tick()
    told = {**PASSING, **FINAL}[kind]
    line = site.error()
    assert run.returncode == 1
    assert [part for part in (told.said, told.advice) if part not in line] == []
    assert DETECTION in line
    assert run.stderr == f"ERROR host_detection: {line}\n"
    assert run.events == EVENTS_PER_PAGE
    assert site.checkpoint["open"]["pages"] == 1


def quick(site: Site, kind: str) -> None:
    """No need to wait five minutes for an answer that never comes."""
    if kind == "stall":
        site.save("api", api_timeout="1")


def test_wrong_credentials_are_tried_once(site: Site) -> None:
    """The platform's own refusal, at the first call: nothing pulled, and no second login."""
    site.save_account(password="Tr0ub4dor&3", skip_test="1")
    assert site.tick().returncode == 1
    assert "user name or password is wrong" in site.error()
    assert "Tr0ub4dor" not in site.splunk.log()
    for later_s in (0, 61, 3700):
        assert site.tick(clock=later_s).returncode == 0
    assert len(site.calls) == 1
    site.save_account()
    assert site.tick().returncode == 0
    site.assert_complete()
