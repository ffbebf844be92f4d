"""WHAT: one module per metric: a declaration and pure functions record -> events."""

from __future__ import annotations

from importlib import import_module

from ..feed import Feed

KNOWLEDGE_BASE = "knowledge_base"
METRICS = {
    "host_detection": "Host detections",
    KNOWLEDGE_BASE: "Knowledge base",
    "was_findings": "Web application findings",
    "policy_posture_info": "Policy compliance posture",
    "tickets": "Remediation tickets",
    "fim_events": "File integrity events",
    "fim_ignored_events": "Ignored file integrity events",
    "fim_incidents": "File integrity incidents",
    "host_assets": "Host assets",
    "asset_tags": "Asset tags and groups",
    "scan_report": "Scan reports",
}
"""Metric name -> label. The name is also the module, the golden folder, the docs page and the log value."""

CLEANUP_FLAGS = {
    "host_detection": "hd",
    KNOWLEDGE_BASE: "kb",
    "was_findings": "was",
    "policy_posture_info": "pc",
    "tickets": "tickets",
    "host_assets": "assets",
    "asset_tags": "tags",
    "scan_report": "reports",
    **dict.fromkeys(("fim_events", "fim_ignored_events", "fim_incidents"), "fim"),
}
"""Metric name -> the option of `cleanup.py` that cleans after it; several metrics may share one."""


def load(metric: str) -> Feed:
    """The declaration of a metric; only its own module is imported. Raises KeyError for an unknown one."""
    if metric not in METRICS:
        raise KeyError(metric)
    feed: Feed = import_module(f".{metric}", __name__).FEED
    return feed
