"""Writes globalConfig.json, from which UCC builds the set-up pages, out of the add-on's table of fields.

Run it as ``python tools/global_config.py`` after a change of the table; a test fails where the two differ.
The build works on a copy of it, because ucc-gen writes into the file it is given.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "package" / "bin"))

from qualys_ta.splunk import field as kinds  # noqa: E402
from qualys_ta.splunk import field_checks as checks  # noqa: E402
from qualys_ta.splunk.field import Field  # noqa: E402
from qualys_ta.splunk.field_table import STANZAS  # noqa: E402

REST_ROOT = "TA_QualysCloudPlatform"
TARGET = ROOT / "globalConfig.json"

Json = dict[str, Any]

_TABS = (
    ("proxy", "Proxy"),
    ("api", "API"),
    ("logging", "Logging"),
    ("vm", "VM"),
    ("kb", "Knowledge Base"),
    ("was", "WAS"),
    ("pc", "PC"),
    ("tickets", "Tickets"),
    ("assets", "Assets"),
    ("tags", "Tags"),
    ("fim", "FIM"),
    ("reports", "Reports"),
)
_VERSIONS = "API versions"
_CLOSED = (_VERSIONS,)
"""Groups that are shown closed: hardly anybody changes these, and the form stays in sight."""

_GROUPS = {
    "api": {_VERSIONS: tuple(field.name for field in STANZAS["api"] if field.name.endswith("_api_version"))},
    "account": {"Certificates": ("ca_bundle", "client_cert", "client_key", "client_key_password")},
    "vm": {
        "What is logged": (
            "log_host_summary",
            "log_extra_host_summary",
            "log_host_summary_qid_fields",
            "log_detections",
            "changed_findings_only",
            "log_host_details_in_detections",
            "enrich_detections",
            "log_gone_hosts",
        ),
        "Fields": ("host_fields_to_log", "detection_fields_to_log", "max_allowed_results_field_len"),
        "Which hosts": (
            "ag_titles",
            "ag_ids",
            "network_ids",
            "tag_set_by",
            "tag_set_include",
            "tag_include_selector",
            "tag_set_exclude",
            "tag_exclude_selector",
        ),
        "Which findings": (
            "severities",
            "qids",
            "include_search_list_titles",
            "include_search_list_ids",
            "exclude_search_list_titles",
            "exclude_search_list_ids",
        ),
        "How it is pulled": ("detection_params", "detection_truncation_limit", "num_threads"),
        "How much is pulled": ("enable_full_pull", "full_resync_days", "max_events_per_run", "max_mb_per_run"),
        "Into a file instead of Splunk": ("enable_seed_file_generation", "seed_file_path"),
    },
    "was": {
        "What is logged": ("log_individual_findings", "log_webapp_summary", "finding_fields_to_log"),
        "How it is pulled": ("extra_was_params", "was_page_size", "num_threads_for_was"),
        "How much is pulled": ("was_overlap_hours", "full_resync_days"),
    },
    "pc": {
        "What is logged": ("log_individual_compliance_events", "log_policy_summary", "pc_details", "pc_extra_details"),
        "How it is pulled": (
            "extra_posture_params",
            "pc_num_count_for_pid",
            "pc_truncation_limit",
            "num_threads_for_pc",
        ),
        "How much is pulled": ("full_resync_days",),
    },
    "tickets": {
        "Which tickets": (
            "states",
            "modified_since_datetime",
            "history_days",
            "unmodified_since_datetime",
            "overdue",
            "invalid",
            "ticket_assignee",
            "ticket_numbers",
            "until_ticket_number",
        ),
        "On which hosts": ("ips", "asset_groups", "dns_contains", "netbios_contains"),
        "Of which vulnerabilities": (
            "vuln_severities",
            "potential_vuln_severities",
            "qids",
            "vuln_title_contains",
            "vuln_details_contains",
            "vendor_ref_contains",
        ),
        "How it is pulled": ("show_vuln_details", "ticket_host_data", "ticket_timeout"),
    },
    "fim": {
        "Which records": ("fim_events_extra_params", "fim_ignored_events_extra_params", "fim_incidents_extra_params"),
        "How they are pulled": ("fim_events_page_size", "fim_ignored_events_page_size", "fim_incidents_page_size"),
    },
    "reports": {
        "Which reports": ("report_templates", "report_file"),
        "What is logged": ("report_results", "report_details"),
        "How they are pulled": ("report_wait_minutes", "report_poll_seconds", "report_delete"),
    },
}
_FORMS = {
    checks.ACCOUNT_NAME: "is 1 to 64 letters, digits, '_' or '-', the first a letter or digit",
    checks.INPUT_NAME: "is 1 to 64 letters, digits, '_', '.' or '-', not starting with '_'",
    checks.HTTPS: "must be an https:// address without a path: credentials are never sent over plain http",
    checks.START_DATE: "must look like 2024-01-31T00:00:00Z",
    checks.HOST_OR_ADDRESS: "is a host name or an IP address, without http:// and without a port",
    checks.SHARD: "must look like 2/4",
    checks.VERSION: "must look like 5.0",
}
_ACCOUNT_COLUMNS = (("Name", "name"), ("API server", "api_server"), ("User name", "username"))
_ACCOUNT_DETAILS = (
    ("Gateway", "gateway_server"),
    ("CA certificates", "ca_bundle"),
    ("Client certificate", "client_cert"),
)


def entity(field: Field) -> Json:
    """One field of a form, as UCC's schema wants it."""
    shown: Json = {"field": field.name, "label": field.label, "help": field.help}
    if field.required:
        shown["required"] = True
    if field.default:
        shown["defaultValue"] = int(field.default) if field.kind == kinds.FLAG else field.default
    return {**shown, **_WIDGETS[field.kind](field)}


def _text(field: Field) -> Json:
    longest: Json = {"type": "string", "minLength": 0, "maxLength": 8192, "errorMsg": f"{field.label} is too long."}
    validators = [longest]
    if field.pattern:
        form = _FORMS[field.pattern]
        validators.append({"type": "regex", "pattern": field.pattern, "errorMsg": f"{field.label} {form}."})
    return {"type": "text", "validators": validators}


def _number(field: Field) -> Json:
    low, high = field.limits
    message = f"{field.label} must be a whole number from {low} to {high}."
    return {
        "type": "text",
        "validators": [{"type": "number", "range": [low, high], "isInteger": True, "errorMsg": message}],
    }


def _lines(field: Field) -> Json:
    return {**_text(field), "type": "textarea", "options": {"rowsMin": 2, "rowsMax": 6}}


def _flag(_: Field) -> Json:
    return {"type": "checkbox"}


def _options(field: Field) -> list[Json]:
    return [{"value": value, "label": label} for value, label in field.options]


def _choice(field: Field) -> Json:
    """A list to choose from; a bar where something is always chosen, for a list could be cleared."""
    if field.default:
        return {"type": "radio", "options": {"items": _options(field)}}
    return {"type": "singleSelect", "options": {"disableSearch": True, "autoCompleteFields": _options(field)}}


def _open_choice(field: Field) -> Json:
    options = {"createSearchChoice": True, "autoCompleteFields": _options(field)}
    return {**_text(field), "type": "singleSelect", "options": options}


def _choices(field: Field) -> Json:
    return {"type": "multipleSelect", "options": {"delimiter": ",", "items": _options(field)}}


_WIDGETS: dict[str, Callable[[Field], Json]] = {
    kinds.TEXT: _text,
    kinds.LINES: _lines,
    kinds.SECRET: lambda field: {**_text(field), "encrypted": True},
    kinds.FLAG: _flag,
    kinds.NUMBER: _number,
    kinds.CHOICE: _choice,
    kinds.OPEN_CHOICE: _open_choice,
    kinds.CHOICES: _choices,
    kinds.ACCOUNT: lambda _: {"type": "singleSelect", "options": {"referenceName": "account"}},
    kinds.INDEX: lambda _: {"type": "index"},
}


def _form(name: str, title: str) -> Json:
    form = {"name": name, "title": title, "entity": [entity(field) for field in STANZAS[name]]}
    groups = [
        {"label": label, "fields": list(names), "options": {"isExpandable": True, "expand": label not in _CLOSED}}
        for label, names in _GROUPS.get(name, {}).items()
    ]
    return {**form, "hook": _custom("show_message"), **({"groups": groups} if groups else {})}


def _columns(columns: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"label": label, "field": name} for label, name in columns]


def _custom(script: str) -> Json:
    """A component of ours: appserver/static/js/build/custom/<script>.js."""
    return {"type": "external", "src": script}


def _account_tab() -> Json:
    # Without moreInfo a row cannot be opened; our own script shows it together with the diagnosis.
    table = {
        "actions": ["edit", "delete"],
        "header": _columns(_ACCOUNT_COLUMNS),
        "moreInfo": _columns(_ACCOUNT_DETAILS),
        "customRow": _custom("diagnosis_row"),
    }
    return {**_form("account", "Account"), "table": table}


def _inputs_page() -> Json:
    header = [
        {"label": "Metric", "field": "name", "customCell": _custom("metric_cell")},
        {"label": "Cron entry or Interval", "field": "duration"},
        {"label": "Start Date", "field": "start_date"},
        {"label": "Status", "field": "disabled", "mapping": {"true": "Disabled", "false": "Enabled"}},
    ]
    # Without moreInfo a row cannot be opened; our own script shows it together with the checkpoint.
    details = [("Account", "account"), ("Index", "index"), ("Part of the hosts", "shard")]
    table = {
        "actions": ["edit", "clone", "delete"],
        "header": header,
        "moreInfo": _columns(details),
        "customRow": _custom("checkpoint_row"),
    }
    service = {**_form("input", "Qualys input"), "name": "qualys", "disableNewInput": True}
    return {
        "title": "Inputs",
        "description": "Each input pulls one metric from one account. New inputs start disabled; open a row to see its "
        "checkpoint, to run it now or to start it again.",
        "table": table,
        "services": [service],
    }


def _handler(name: str, required: str, optional: str) -> Json:
    """What a row of a page asks of us: a GET without arguments, and a POST with these."""
    text = {"schema": {"type": "string"}}
    return {
        "name": name,
        "endpoint": f"{REST_ROOT}_{name}",
        "handlerType": "EAI",
        "resourcePresent": True,
        "registerHandler": {"file": f"{REST_ROOT}_rh_{name}.py", "actions": ["list", "edit"]},
        "requestParameters": {"edit": {required: {**text, "required": True}, optional: text}},
    }


def global_config() -> Json:
    manifest = json.loads((ROOT / "package" / "app.manifest").read_text(encoding="utf-8"))["info"]
    configuration = {
        "title": "Configuration",
        "description": "Accounts, the way to the Qualys platform, and what is logged. Open an account's row to see "
        "what stands between this server and Qualys.",
        "tabs": [_account_tab(), *(_form(*tab) for tab in _TABS)],
    }
    return {
        "pages": {"configuration": configuration, "inputs": _inputs_page()},
        "options": {
            "restHandlers": [
                _handler("checkpoint", required="action", optional="since"),
                _handler("diagnosis", required="stage", optional="broken"),
            ]
        },
        "meta": {
            "name": manifest["id"]["name"],
            "restRoot": REST_ROOT,
            "version": manifest["id"]["version"],
            "displayName": "Qualys Technology Add-on (TA)",
            "schemaVersion": "0.0.10",
            "supportedThemes": ["light", "dark"],
            "supportedPythonVersion": ["3.9", "3.13"],
            "checkForUpdates": False,
            "defaultView": "configuration",
            "showFooter": False,  # it would show the build number as a time, and ours is made of the content
        },
    }


def rendered() -> str:
    return json.dumps(global_config(), ensure_ascii=False, indent=4) + "\n"


if __name__ == "__main__":
    TARGET.write_text(rendered(), encoding="utf-8")
