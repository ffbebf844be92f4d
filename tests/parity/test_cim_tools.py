"""What the CIM's own tools see in the package: its model, the fields it gives, the datasets it feeds."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from standins import cim
from standins.cim.datasets import MODELS
from support.knowledge import PACKAGE

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-cim" / "bin" / "python"
TOOLS = ROOT / "tests" / "support" / "cim_tools.py"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="not there: make .venv-cim/installed")


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """Without xdist's variables, by which these tools would share what they read with other runs."""
    environment = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    run = subprocess.run(
        [PYTHON, TOOLS, PACKAGE], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


def test_our_copies_of_the_models_are_the_originals(seen: dict[str, Any]) -> None:
    copies = {path.stem: path.read_text("utf-8") for path in cim.MODEL.parent.glob("*.json")}
    assert copies.keys() == {*MODELS}
    assert {name: seen["models"][name] for name in copies} == copies


def test_our_check_asks_for_what_the_original_asks_for(seen: dict[str, Any]) -> None:
    assert sorted(cim.REQUIRED) == seen["required"] == seen["recommended"]["latest"]
    assert sorted(cim.INVALID) == seen["invalid"]


def test_events_feed_the_models_that_they_are_made_for(seen: dict[str, Any]) -> None:
    assert seen["mapped"] == [
        ['eventtype="qualys_fim_event"', "All_Changes"],
        ['eventtype="qualys_fim_file_event"', "Filesystem"],
        ['eventtype="qualys_host_asset_event"', "All_Inventory"],
        ['eventtype="qualys_host_asset_with_memory"', "All_Inventory"],
        ['eventtype="qualys_host_asset_with_network"', "All_Inventory"],
        ['eventtype="qualys_host_asset_with_os"', "All_Inventory"],
        ['eventtype="qualys_report_open_finding"', "Vulnerabilities"],
        ['eventtype="qualys_ticket_event"', "All_Ticket_Management"],
        ['eventtype="qualys_vm_open_finding"', "Vulnerabilities"],
        ['eventtype="qualys_was_open_finding"', "Vulnerabilities"],
    ]


def test_the_package_gives_every_field_of_the_model_that_qualys_knows(seen: dict[str, Any]) -> None:
    names = {field["name"] for field in cim.FIELDS}
    assert names - set(seen["given"]) == {"cert"}


def test_the_package_gives_no_field_that_belongs_to_assets_and_identities(seen: dict[str, Any]) -> None:
    assert set(seen["given"]) & set(seen["not_allowed"]) == set()
