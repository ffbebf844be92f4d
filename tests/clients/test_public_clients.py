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
    with QualysStandin(tmp_path, hosts=12, seed=SEED, users=USERS, without=NOT_KNOWN_TO_QUALYSDK) as running:
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


def test_qualysdk_lists_findings_and_knowledge(standin: QualysStandin) -> None:
    found = listed(standin, "qualysdk", standin.url, standin.username, standin.password)
    assert_knowledge(standin, found)
    everything = {name: value for name, value in EVERYTHING.items() if name != "show_igs"}
    assert_detections(standin, found, **everything)
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
    assert found["hosts"] == list(standin.population.ids)
    assert {call.status for call in standin.requests} == {200}
