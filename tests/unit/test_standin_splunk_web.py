"""Splunk Web: the shell of the add-on's pages, what it passes on, and the stand-in's own pages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Optional
from urllib.parse import urlencode

import pytest

from standins.splunk import SplunkStandin
from standins.splunk.store import Event
from support.fake_addon import ENDPOINT, NAME, eventually, fake_splunk, make_addon

NATIVE = f"/en-US/manager/{NAME}/data/inputs/qualys"
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    with fake_splunk(tmp_path_factory.mktemp("web")) as splunk:
        yield splunk


def _open(
    splunk: SplunkStandin, path: str, form: Optional[dict[str, str]] = None, headers: Optional[dict[str, str]] = None
) -> tuple[int, str]:
    """(status, body); with a form it is a POST."""
    body = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(splunk.web_url + path, body, headers or {})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/", "Data inputs: qualys"),
        (f"/en-US/app/{NAME}/inputs", "<title>fake page</title>"),
        (f"/en-US/app/{NAME}/search", "<h1>Events</h1>"),
        ("/en-US/config?autoload=1", '"SPLUNKD_PATH": "/en-US/splunkd/__raw"'),
        ("/en-US/i18ncatalog?autoload=1", "ngettext"),
        ("/en-US/static/@123/js/i18n.js", "ngettext"),
        (f"/en-US/static/@123/app/{NAME}/js/page.js", "let page;"),
        ("/en-US/static/@123/build/api/layout.js", "Fake add-on"),
        ("/en-US/static/@123/build/api/get_theme.js", "enterprise"),
        ("/en-US/log", "Nothing was logged"),
        ("/en-US/reports", "The add-on has no saved searches."),
        ("/static/standin.css", "body"),
    ],
)
def test_pages(splunk: SplunkStandin, path: str, part: str) -> None:
    status, body = _open(splunk, path)
    assert status == 200
    assert part in body


@pytest.mark.parametrize(
    "path",
    [
        f"/en-US/app/{NAME}/no_view",
        "/en-US/app/other/inputs",
        f"/en-US/app/{NAME}/..%2f..%2fapp",
        f"/en-US/static/@1/app/{NAME}/..%2f..%2fdefault/app.conf",
        f"/en-US/manager/{NAME}/data/inputs/monitor",
        f"{NATIVE}/no_input",
    ],
)
def test_what_there_is_not(splunk: SplunkStandin, path: str) -> None:
    assert _open(splunk, path)[0] == 404


def test_only_what_web_conf_exposes_is_passed_on(splunk: SplunkStandin) -> None:
    raw = f"/en-US/splunkd/__raw/servicesNS/nobody/{NAME}"
    status, body = _open(splunk, f"{raw}/{ENDPOINT}?output_mode=json")
    assert (status, json.loads(body)["entry"][0]["name"]) == (200, "all")
    assert _open(splunk, f"{raw}/{ENDPOINT}", {"name": "n", "color": "red"})[0] == 404
    assert _open(splunk, f"{raw}/storage/passwords")[0] == 404
    assert "storage/passwords is not exposed" in splunk.log("splunkd.log")


def test_a_search_ends_at_once_and_finds_the_build(splunk: SplunkStandin) -> None:
    jobs = "/en-US/splunkd/__raw/services/search/jobs"
    status, body = _open(splunk, jobs, {"search": "| rest /services/apps/local", "output_mode": "json"})
    sid = json.loads(body)["sid"]
    assert status == 201
    assert json.loads(_open(splunk, f"{jobs}?id={sid}")[1])["entry"][0]["content"]["isDone"] is True
    assert json.loads(_open(splunk, f"{jobs}/{sid}/results")[1])["results"][0]["version"] == "0.1"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_no_other_site_acts_here(splunk: SplunkStandin, headers: dict[str, str]) -> None:
    assert _open(splunk, f"{NATIVE}/_new", {"name": "forged", "mode": "echo"}, headers)[0] == 403


def test_the_native_page_creates_clones_edits_and_deletes(splunk: SplunkStandin) -> None:
    assert "There are no inputs" in _open(splunk, NATIVE)[1]
    status, body = _open(splunk, f"{NATIVE}/_new", {"name": "n", "mode": HOSTILE})
    assert status == 400
    assert "no mode &lt;script&gt;" in body
    assert HOSTILE not in body
    assert ">n</a>" in _open(splunk, f"{NATIVE}/_new", {"name": "n", "mode": "polite", "remark": HOSTILE})[1]
    assert 'value="polite"' in _open(splunk, f"{NATIVE}/_new?clone=n")[1]
    assert ">m</a>" in _open(splunk, f"{NATIVE}/_new?clone=n", {"name": "m", "mode": "broken", "index": "main"})[1]
    assert "Enabled" in _open(splunk, f"{NATIVE}/m/enable", {})[1]
    assert "Enabled" not in _open(splunk, f"{NATIVE}/m/disable", {})[1]
    assert _open(splunk, f"{NATIVE}/m", {"mode": "wrong"})[0] == 400
    assert "new remark" in _open(splunk, f"{NATIVE}/m", {"mode": "broken", "remark": "new remark"})[1]
    listed = _open(splunk, f"{NATIVE}/m/delete", {})[1]
    assert ">m</a>" not in listed
    assert HOSTILE not in listed


def test_a_run_is_shown_and_a_refusal_is_shown(splunk: SplunkStandin) -> None:
    splunk.post("data/inputs/qualys", name="shown", mode="broken")
    splunk.tick("shown")
    assert "exit 0" in _open(splunk, NATIVE)[1]
    assert "Could not find object id=qualys://none" in _open(splunk, f"{NATIVE}/none/enable", {})[1]


def test_events_are_listed_filtered_and_escaped(splunk: SplunkStandin) -> None:
    names = ("h", "qualys", "fake:listed", "qualys://x")
    host, source, sourcetype, stanza = names
    raws = [f"number {number} {HOSTILE}" for number in range(60)]
    splunk.splunkd.store.add([Event(n, "main", host, source, sourcetype, stanza, raw) for n, raw in enumerate(raws)])
    body = _open(splunk, "/en-US/events?what=type:fake:listed")[1]
    assert "60 events (all time)" in body
    assert "1–50 of 60" in body
    assert HOSTILE not in body
    assert "number 59" in body
    assert "number 9 " not in body
    assert "1 event (all time)" in _open(splunk, "/en-US/events?q=NUMBER+17+")[1]


def test_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "standins", "splunk", "--app", str(make_addon(tmp_path)), "--period", "0.1"]
    home = tmp_path / "home"
    with subprocess.Popen([*command, "--home", str(home)], stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        greeting = json.loads(process.stdout.readline())
        with urllib.request.urlopen(greeting["web"]) as page:
            assert page.status == 200
        _open_form(greeting["web"] + f"{NATIVE}/_new", {"name": "n", "mode": "polite", "disabled": "0"})
        eventually(lambda: _pages_events(greeting["web"]))
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    assert "qualys://n exited with code 0" in (home / "var/log/splunk/splunkd.log").read_text("utf-8")


def _open_form(url: str, form: dict[str, str]) -> None:
    with urllib.request.urlopen(url, urlencode(form).encode()) as response:
        response.read()


def _pages_events(web: str) -> bool:
    with urllib.request.urlopen(f"{web}/en-US/events") as page:
        return "started" in page.read().decode()
