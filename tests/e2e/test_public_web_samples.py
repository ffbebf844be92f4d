"""The public recording of 86 real findings passes through a whole run, and becomes 86 events.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or these tests are left
out.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from qualys_ta.populator.was_fields import DEFAULT
from qualys_ta.populator.was_findings import FEED
from qualys_ta.times import epoch
from standins.replay import Recorded, Replay
from support.core import extracted
from support.e2e import Site
from support.e2e_feeds import WebSite
from support.page import choose
from support.recordings import MISSING, SAMPLES, exchanges, of_har, run_against
from support.webapps import EVERYTHING, told_by

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)

PATH = FEED.resource.path.format(version="3.0")


def recorded(name: str) -> Recorded:
    """The answer to the last call for findings, byte by byte."""
    return of_har(exchanges(name, "/was/finding")[-1]["response"])


def pull(was: WebSite, folder: Path, answer: Recorded) -> tuple[int, Replay]:
    """A run against a platform that knows this one answer, and only for findings."""
    return run_against(was, folder, {PATH: answer})


@pytest.mark.parametrize("downloads", ["1", "4"])
@pytest.mark.parametrize("chosen", [",".join(DEFAULT), EVERYTHING], ids=["default", "everything"])
def test_86_findings_become_86_events(site: Site, tmp_path: Path, chosen: str, downloads: str) -> None:
    was, answer = WebSite.of(site), recorded("was-finding/j1_har_steps_findings_and_kb.har")
    choose(was, "was", finding_fields_to_log=chosen, num_threads_for_was=downloads)
    code, platform = pull(was, tmp_path, answer)
    assert (code, was.lines("ERROR"), was.lines("WARNING")) == (0, [], [])
    (call,) = platform.requests  # the answer says that there are no more
    assert (call.method, "lastTestedDate" in call.form, "webApp" in call.form) == ("POST", True, False)

    assert isinstance(answer.body, bytes)
    wanted = [told_by(element, chosen) for element in etree.fromstring(answer.body).iterfind("data/Finding")]
    rows = [row for row in was.splunk.events() if row["raw"].startswith("WAS_FINDING: ")]
    assert len(rows) == len(wanted) == 86
    assert [dict(extracted(row["raw"])) for row in rows] == wanted
    assert [row["time"] for row in rows] == [float(epoch(each["lastTestedDate"])) for each in wanted]
    assert {row["sourcetype"] for row in rows} == {FEED.sourcetype}

    told = [dict(extracted(raw)) for raw in was.raw if raw.startswith("WAS_SUMMARY: ")]
    for field in ("type", "severity"):
        counted = Counter((each["webapp_id"], f"{field}_{each[field]}") for each in wanted)
        said = {(each["webapp_id"], name): int(each[name]) for each in told for name in each if name.startswith(field)}
        assert Counter(said) == counted
    assert len(was.raw) == 86 + len(told)


def test_a_filter_that_is_refused_with_status_200(site: Site, tmp_path: Path) -> None:
    """H11: no empty list of findings."""
    was = WebSite.of(site)
    code, platform = pull(was, tmp_path, recorded("was-finding/j1_har_iterateWebAppFindingsBadId.har"))
    assert (code, was.raw, len(platform.requests)) == (1, [], 1)
    assert "Invalid value format for criteria 'webApp.id' (abc123)" in was.error()
