"""What the add-on leaves on the machine: files for their owner only, and no secret in any of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

import pytest

from standins.splunk.scripts import Scripts
from support.e2e import PUPPET, Site
from support.e2e_feeds import ComplianceSite, FeedSite, WebSite
from support.e2e_knowledge import KNOWLEDGE_BASE, LOOKUPS, KnowledgeSite
from support.files import open_to_others, spellings
from support.guarded import SECRETS, USER, guarded
from support.page import choose


def written(site: Site) -> list[Path]:
    """All that the add-on makes, whoever runs it."""
    logs = (site.splunk.home / "var/log/splunk").glob("ta_*")
    lookups = [
        path for path in site.lookups.iterdir() if path.name in LOOKUPS or path.suffix not in (".csv", ".default")
    ]
    return [site.tmp, *site.tmp.rglob("*"), *site.checkpoints.rglob("*"), *logs, *lookups]


def test_all_that_both_metrics_write_is_for_their_owner_only(site: Site, tmp_path: Path) -> None:
    """splunkd's user needs nothing else: it runs the searches that read the lookups, too."""
    knowledge = KnowledgeSite.of(site)
    choose(site, "api", preserve_api_output="1")
    choose(site, "kb", is_index_knowledgebase="1")
    for name in LOOKUPS:
        (site.lookups / name).unlink(missing_ok=True)
    site.tmp.mkdir()
    site.tmp.chmod(0o777)
    everybody = os.umask(0)
    try:
        assert knowledge.tick().returncode == 0
        site.qualys.faults.set("detection:html@2")
        assert site.tick().returncode == 0
        choose(site, "vm", enable_seed_file_generation="1", seed_file_path=str(tmp_path / "events.seed"))
        site.ask("start_again", since="1999-01-01T00:00:00Z")
        assert site.tick().returncode == 0
    finally:
        os.umask(everybody)
    found = [*written(site), tmp_path / "events.seed"]
    names = " ".join(str(path) for path in found)
    expected = ("/preserved/", ".json", ".json.bak", ".seen", ".db", ".lock", ".log", ".seed", *LOOKUPS)
    assert [part for part in expected if part not in names] == []
    assert open_to_others(found) == []


@pytest.mark.parametrize("feed", [ComplianceSite, WebSite], ids=lambda feed: str(feed.name))
def test_what_policies_and_web_applications_write_is_for_their_owner_only(site: Site, feed: type[FeedSite]) -> None:
    ours = feed.of(site)
    choose(ours, "api", preserve_api_output="1")
    everybody = os.umask(0)
    try:
        ours.pull()
    finally:
        os.umask(everybody)
    found = written(ours)
    names = " ".join(map(str, found))
    assert [part for part in ("/preserved/", ".json", ".seen", ".tallies", ".lock", ".log") if part not in names] == []
    assert open_to_others(found) == []


def test_a_link_in_the_place_of_the_pid_file_is_not_followed(site: Site, tmp_path: Path) -> None:
    """Whoever may write to tmp could have any file of splunkd's user emptied."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    site.tmp.mkdir(exist_ok=True)
    (site.tmp / f"{site.name}.pid").symlink_to(victim)
    assert site.tick().returncode == 0
    assert victim.read_text() == "mine"
    (warning,) = site.lines("WARNING")
    assert "Too many levels of symbolic links" in warning
    site.assert_complete()


def test_people_may_move_tmp_to_a_larger_disk(site: Site, tmp_path: Path) -> None:
    (tmp_path / "large").mkdir(mode=0o755)
    site.tmp.symlink_to(tmp_path / "large")
    try:
        assert site.tick().returncode == 0
        site.assert_complete()
        assert (tmp_path / "large" / site.name).is_dir()
    finally:
        site.tmp.unlink()


def test_no_secret_is_told_to_the_processes_that_convert_pages(site: Site, tmp_path: Path) -> None:
    """Neither in their command line and environment nor on their standard input."""
    overheard = tmp_path / "overheard"
    with guarded(site, tmp_path / "platform", hosts=10, findings=400) as platform:
        choose(site, "api", conversion_workers="2")
        choose(site, "vm", detection_truncation_limit="1000")
        assert site.tick(overheard=str(overheard)).returncode == 0
    told = overheard.read_bytes().decode()
    assert [part for part in ("qualys_convert.py", "SPLUNK_HOME=", '"recipe"') if part not in told] == []
    keys = set(site.splunk.splunkd.sessions._users)
    secrets = keys.union({platform.url}, *(spellings(secret, USER) for secret in SECRETS.values()))
    assert [secret for secret in secrets if secret in told] == []


def test_no_library_tells_a_secret_however_much_it_logs(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving an account and both pulls, every logger at DEBUG: what somebody might switch on to find a fault."""
    told = tmp_path / "told"
    true_environment = Scripts.environment

    def environment(scripts: Scripts, extra: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
        found = true_environment(scripts, extra)
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PUPPET), found.get("PYTHONPATH"))))
        return {**found, "PUPPET": json.dumps({"chatty": str(told)})}

    monkeypatch.setattr(Scripts, "environment", environment)
    with guarded(site, tmp_path / "platform"):
        runs = [site.tick(), KnowledgeSite.of(site).tick()]
    assert [run.returncode for run in runs] == [0, 0]
    said = told.read_text()
    assert [
        name
        for name in ("urllib3", "splunklib", "/storage/passwords", "/detection/", KNOWLEDGE_BASE)
        if name not in said
    ] == []
    keys = site.splunk.splunkd.sessions._users
    secrets = {*keys}.union(*(spellings(secret, USER) for secret in SECRETS.values()))
    texts = (said, site.splunk.log(), site.splunk.log("splunkd.log"), *(run.stderr for run in runs))
    assert [secret for secret in secrets for text in texts if secret in text] == []
    assert [word for word in ("Authorization", "Basic ") for text in texts if word in text] == []
