"""Runs in .venv-cim: what the CIM's own tools see in an app folder, as JSON on stdout. Imports nothing of ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest_splunk_addon
from pytest_splunk_addon.addon_parser import AddonParser
from pytest_splunk_addon.CIM_Models.datamodel_definition import datamodels
from pytest_splunk_addon.cim_tests import DataModelHandler

HOME = Path(pytest_splunk_addon.__file__).parent


def main(app: str) -> None:
    parser = AddonParser(app)
    mapped = list(DataModelHandler(str(HOME / "data_models")).get_mapped_data_models(parser))
    common = json.loads((HOME / "cim_tests" / "CommonFields.json").read_text("utf-8"))["fields"]
    findings = [datasets[0] for _, datasets in mapped if str(datasets[0]) == "Vulnerabilities"]
    told = {
        "models": {path.stem: path.read_text("utf-8") for path in (HOME / "data_models").glob("*.json")},
        "mapped": sorted({(stanza, str(datasets[0])) for stanza, datasets in mapped}),
        "invalid": sorted(
            {value for dataset in findings for field in dataset.fields for value in field.negative_values}
        ),
        "required": sorted(
            {str(field) for dataset in findings for field in dataset.fields if field.type == "required"}
        ),
        "recommended": {
            version: sorted(models["Vulnerabilities"]["BaseEvent"]) for version, models in datamodels.items()
        },
        "given": sorted({str(field) for group in parser.get_props_fields() for field in group["fields"]}),
        "not_allowed": sorted(field["name"] for field in common),
    }
    json.dump(told, sys.stdout)


main(sys.argv[1])
