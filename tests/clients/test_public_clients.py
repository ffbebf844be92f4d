"""Public clients of the platform's API judge the stand-in: unchanged, they list what its ledger says.

They live in an environment of their own, `.venv-clients`; without it the tests are left out.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from standins.qualys import EVERYTHING, QualysStandin

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-clients"
PYTHON = ENVIRONMENT / "bin" / "python"
USERS = {"acme_ab1": 'plain %ASCII "<&>:+\\'}
"""Clients that send Basic credentials in Latin-1 cannot use every password."""
NOT_KNOWN_TO_QUALYSDK = frozenset(
    {
        "NETWORK_ID",
        "NETWORK_NAME",
        "OS_CPE",
        "INSTANCE",
        "SOURCE",
        "AFFECT_RUNNING_KERNEL",
        "AFFECT_RUNNING_SERVICE",
        "AFFECT_EXPLOITABLE_CONFIG",
        "ASSET_CVE",
        "MITRE_TACTIC_NAME",
        "MITRE_TACTIC_ID",
        "MITRE_TECHNIQUE_NAME",
        "MITRE_TECHNIQUE_ID",
    }
)
"""Optional elements at which qualysdk 0.3.17 ends with a TypeError: its author's subscription does not get them."""
SEED = 12
"""A population without neighboring ids: qualysdk 0.3.17 reads no ID_RANGE, and would leave those hosts out."""

pytestmark = pytest.mark.skipif(
    not (ENVIRONMENT / "installed").exists(),
    reason="no public clients here: make .venv-clients/installed (qualysdk needs Python 3.11)",
)


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    left_out = NOT_KNOWN_TO_QUALYSDK
    with QualysStandin(
        tmp_path, hosts=12, seed=SEED, users=USERS, without=left_out, web_findings=40, web_unnamed=True
    ) as running:
        yield running


def listed(standin: QualysStandin, client: str, *arguments: str) -> Any:
    """What the client lists; it trusts the stand-in's authority and nothing else."""
    trusted = {"REQUESTS_CA_BUNDLE": standin.ca, "SSL_CERT_FILE": standin.ca}
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    run = subprocess.run(
        [PYTHON, HERE / f"list_with_{client}.py", *arguments],
        env={**environment, **trusted},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


def assert_knowledge(standin: QualysStandin, found: Any) -> None:
    expected = standin.knowledge_ledger.expected()
    assert found["basic"] == len(expected)
    assert found["since"] == list(standin.knowledge_ledger.expected({"last_modified_after": "2025-10-15"}))
    assert found["entries"] == [
        [
            entry.qid,
            entry.severity,
            entry.type,
            entry.modified,
            list(entry.cves),
            [ident for ident, _ in entry.threats],
        ]
        for entry in expected.values()
    ]


def assert_detections(standin: QualysStandin, found: Any, **params: str) -> None:
    expected = [
        [host.id, int(finding.unique_vuln_id), int(finding.elements["QID"]), finding.elements.get("STATUS", "")]
        for host in standin.ledger.expected_hosts(params)
        for finding in host.findings
    ]
    assert sorted(found["detections"]) == sorted(expected)
    assert len(expected) > 50


def detailed(standin: QualysStandin) -> list[str]:
    """Findings of which qualysdk 0.3.17 can read the details: it ends with a TypeError at a score without a temporal
    one."""
    return [
        str(finding.id)
        for finding in standin.web_ledger.expected().values()
        if ("cvssV3/base" in finding.elements) == ("cvssV3/temporal" in finding.elements)
    ][:20]


def assert_web_applications(standin: QualysStandin, found: Any) -> None:
    expected = standin.web_ledger.expected()
    assert found["web_findings"] == [
        [
            finding.id,
            int(finding.elements["qid"]),
            finding.elements["name"],
            finding.status,
            finding.tested,
            finding.app_id,
            int(count) if (count := finding.elements.get("timesDetected")) else None,
        ]
        for finding in expected.values()
    ]
    assert len(expected) == 200
    assert found["web_since"] == list(standin.web_ledger.expected_since("2025-10-15"))
    fixed = standin.web_ledger.expected({"status EQUALS": "FIXED"})
    apps = standin.web_ledger.apps()
    assert found["web_counts"] == [len(expected), len(fixed), len(apps)]
    assert found["web_apps"] == [[app.id, app.name, app.url, [tag.name for tag in app.tags]] for app in apps.values()]
    counted = ("resultList/count", "cwe/count", "owasp/count", "wasc/count")
    assert found["web_details"] == [
        [int(ident), *(int(expected[int(ident)].elements.get(name, "0")) for name in counted)]
        for ident in detailed(standin)
    ]


def test_qualysdk_lists_findings_and_knowledge(standin: QualysStandin) -> None:
    found = listed(standin, "qualysdk", standin.url, standin.username, standin.password, ",".join(detailed(standin)))
    assert_knowledge(standin, found)
    everything = {name: value for name, value in EVERYTHING.items() if name != "show_igs"}
    assert_detections(standin, found, **everything)
    assert_web_applications(standin, found)
    assert {call.status for call in standin.requests} == {200}


def test_qualysapi_lists_findings_and_knowledge(standin: QualysStandin, tmp_path: Path) -> None:
    address = urlsplit(standin.url).netloc
    login = f"hostname = {address}\nusername = {standin.username}\npassword = {standin.password}\n"
    config = tmp_path / "config.ini"
    config.write_text(f"[info]\n{login}", encoding="utf-8")
    config.chmod(0o600)
    found = listed(standin, "qualysapi", str(config))
    assert_knowledge(standin, found)
    assert_detections(standin, found, status=EVERYTHING["status"], show_igs="1")
    apps = standin.web_ledger.apps()
    assert found["web_findings"] == [
        [finding.id, finding.status, finding.tested, [tag.name for tag in apps[finding.app_id].tags]]
        for finding in standin.web_ledger.expected().values()
    ]
    assert found["web_apps"] == list(standin.web.app_ids)
    assert found["web_count"] == len(standin.web_ledger.expected({"severity EQUALS": "5"}))
    assert found["hosts"] == list(standin.population.ids)
    assert {call.status for call in standin.requests} == {200}
