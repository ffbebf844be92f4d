"""bin/search_list.py in the built add-on, from the command line to Qualys, and on to what host_detection pulls."""

from __future__ import annotations

import json
import subprocess
import sys

from support.core import extracted
from support.e2e import DEADLINE_S, Site
from support.files import holding

WHITEPAPER = ("--title", "Tickets", "--global", "--confirmed-severities", "4,5", "--patch-available", "1")


def search_list(site: Site, *argv: str) -> subprocess.CompletedProcess[str]:
    """``splunk cmd python bin/search_list.py``, with a session of the administrator on standard input."""
    splunkd = site.splunk.splunkd
    script = str(site.splunk.app_home / "bin" / "search_list.py")
    return subprocess.run(
        [sys.executable, script, *argv, "--server-uri", site.splunk.management_url],
        input=f"{splunkd.sessions.issue('admin')}\n",
        env=splunkd.scripts.environment({}),
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


def test_a_list_is_made_and_chosen_and_goes(site: Site) -> None:
    done = search_list(site, "create", *WHITEPAPER, "--account", "demo")
    assert (done.returncode, done.stderr) == (0, "")
    made = site.qualys.search_lists.by_title("Tickets")
    assert made
    assert done.stdout.startswith(f'Created {made.id} "Tickets" (')
    assert (dict(made.criteria), made.is_global) == ({"confirmed_severities": "4,5", "patch_available": "1"}, True)
    told = json.loads(search_list(site, "list", "--qids", "--json").stdout)["lists"]
    assert {int(qid) for each in told if each["title"] == "Tickets" for qid in each["qids"]} == (
        site.qualys.search_lists.qids(made)
    )
    site.save("vm", include_search_list_titles="Tickets")
    assert site.tick().returncode == 0
    site.assert_complete()
    pulled = {dict(extracted(event))["QID"] for event in site.raw if event.startswith("HOSTVULN")}
    assert pulled
    assert pulled <= {str(qid) for qid in site.qualys.search_lists.qids(made)}
    assert search_list(site, "update", "--id", str(made.id), "--title", "Renamed").stdout.startswith("Changed ")
    assert search_list(site, "delete", "--id", str(made.id), "--yes").stdout == f"Deleted {made.id}.\n"
    assert [each.title for each in site.qualys.search_lists.all(dynamic=True)] == [
        "Urgent & patchable",
        'Büro Köln, "low"',
    ]
    assert holding(site.splunk.home, site.qualys.password) == []


def test_what_qualys_refuses_is_told_in_its_words(site: Site) -> None:
    done = search_list(site, "create", "--title", "Urgent & patchable", "--patch-available", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "answered: 1905 parameter title has invalid value: Urgent & patchable" in done.stderr
    site.qualys.faults.set("search_list:cut*1")
    done = search_list(site, "create", *WHITEPAPER)
    assert done.returncode == 1
    assert done.stderr.endswith("Whether Qualys did it all the same, the action list tells.\n")
    calls = [call for call in site.qualys.requests[site.calls_before :] if "search_list" in call.path]
    assert len(calls) == 2, "nothing is tried twice"


def test_an_account_that_is_not_there_and_a_wrong_session(site: Site) -> None:
    done = search_list(site, "list", "--account", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no account 'nobody'; choose one of demo" in done.stderr
