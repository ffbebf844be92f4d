"""The diagnosis as a person asks for it: at a terminal of the server, and from an account's row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.e2e import REST, Site, environment
from support.page import content

STAGES = ("way", "login", "server")
DEADLINE_S = 60.0


@dataclass(frozen=True)
class Told:
    """What came of it: exit code, what was written, and of JSON the lines by name."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> dict[str, dict[str, str]]:
        return {line["name"]: line for line in json.loads(self.stdout)["lines"]}

    @property
    def verdicts(self) -> dict[str, str]:
        return {name: line["verdict"] for name, line in self.lines.items()}

    def not_ok(self) -> dict[str, str]:
        """Name -> verdict of all that does not say that it is well."""
        return {name: verdict for name, verdict in self.verdicts.items() if verdict not in ("ok", "left out")}


def diagnose(site: Site, *argv: str, token: str = "", puppet: Mapping[str, Any] = {}, **env: str) -> Told:
    """``splunk cmd python bin/diagnose.py``, with a session of the administrator on standard input."""
    splunkd = site.splunk.splunkd
    done = subprocess.run(
        [sys.executable, str(site.splunk.app_home / "bin" / "diagnose.py"), *argv],
        input=f"{token or splunkd.sessions.issue('admin')}\n",
        env=splunkd.scripts.environment({**environment(puppet), **env}),
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def told(site: Site, *argv: str, **options: Any) -> Told:
    """The same as JSON, of this site's splunkd."""
    return diagnose(site, "--json", "--server-uri", site.splunk.management_url, *argv, **options)


def rows(site: Site, account: str = "demo") -> list[dict[str, str]]:
    """What the row of the Account tab reads, stage by stage."""
    found: list[dict[str, str]] = []
    broken = ""
    for stage in STAGES:
        answer = site.splunk.post(f"{REST.format('diagnosis')}/{account}", stage=stage, broken=broken)
        (entry,) = answer["entry"]
        broken = entry["content"]["broken"]
        found += json.loads(entry["content"]["lines"])
    return found


def stages(site: Site) -> str:
    return str(content(site.splunk, REST.format("diagnosis"))["stages"])
