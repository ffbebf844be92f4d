"""Host detections: what is vulnerable, on which host, since when.

One HOSTSUMMARY per host and one HOSTVULN per finding. Hosts are fetched and summarized whole; with *changed findings
only* a HOSTVULN is written when the finding changed since the last pull. Source: host detection API 5.0; layout of the
events: the vendor's integration guide 1.3.4 and the events of its add-on 1.10.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..model import Conversion, Converted, Converter, Event, Feed, Resource
from . import host_detection_api as api
from .enrichment import enrichment
from .finding import Finding, FindingReader
from .host_fields import host_fields
from .host_statistics import statistics
from .keyvalue import epoch

_HOST_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Options:
    """What a person chose on the tab *VM*, ready for the converter."""

    host_fields: frozenset[str]
    finding_fields: frozenset[str]
    summaries: bool
    breakdowns: bool
    findings: bool
    host_in_findings: bool
    changed_only: bool
    longest_results: int

    @classmethod
    def chosen(cls, settings: Mapping[str, Any]) -> Options:
        return cls(
            host_fields=api.chosen_fields(settings["host_fields_to_log"], settings["detection_params"]),
            finding_fields=api.chosen_fields(settings["detection_fields_to_log"], settings["detection_params"]),
            summaries=settings["log_host_summary"],
            breakdowns=settings["log_extra_host_summary"],
            findings=settings["log_detections"],
            host_in_findings=settings["log_host_details_in_detections"],
            changed_only=settings["changed_findings_only"] and not settings["enable_full_pull"],
            longest_results=settings["max_allowed_results_field_len"],
        )


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    chosen = frozenset((*settings["host_fields_to_log"], *settings["detection_fields_to_log"]))
    return api.request_params(chosen, settings["detection_params"], settings["detection_truncation_limit"])


def is_full(settings: Mapping[str, Any]) -> bool:
    return bool(settings["enable_full_pull"])


def converter(conversion: Conversion) -> Converter:
    options = Options.chosen(conversion.settings)
    reader = FindingReader(options.finding_fields, options.longest_results, enrichment(conversion.knowledge))

    def convert(host: Element) -> Converted:
        return _convert(host, options, reader, conversion.since)

    return convert


def _convert(host: Element, options: Options, reader: FindingReader, since: str) -> Converted:
    """Raises BadRecord for a host without a numeric ID: nothing could be said about it."""
    host_id = "".join((host.findtext("ID") or "").split())  # the platform has been seen to break ids over lines
    if not _HOST_ID.fullmatch(host_id):
        raise BadRecord(f"a HOST whose ID is {host_id[:40]!r}, not a number")
    scanned = (host.findtext("LAST_SCAN_DATETIME") or "").strip()
    described = list(host_fields(host, options.host_fields))
    findings = [reader.read(detection) for detection in host.iterfind("DETECTION_LIST/DETECTION")]
    events = []
    if options.summaries:
        counted = ", ".join(statistics(findings, options.breakdowns))
        events.append(Event(epoch(scanned), f"HOSTSUMMARY: {_described(host_id, described)}, {counted}"))
    if options.findings:
        fields = described if options.host_in_findings else []
        prefix = f"HOSTVULN: {_described(host_id, fields)}"
        without_fqdn = f"HOSTVULN: {_described(host_id, [f for f in fields if not f.startswith('FQDN=')])}"
        for finding in findings:
            if options.changed_only and not is_changed(finding, since):
                continue
            happened = epoch(finding.updated) or epoch(scanned)
            events.append(Event(happened, (without_fqdn if finding.has_fqdn else prefix) + finding.text))
    processed = max([finding.processed for finding in findings], default="")
    return Converted(int(host_id), max(processed, scanned) if processed else "", events)


def is_changed(finding: Finding, since: str) -> bool:
    """Whether the finding, or its status, changed since. One that says nothing of time (``-``) always did."""
    return finding.changed >= since or not epoch(finding.changed)


def _described(host_id: str, fields: Iterable[str]) -> str:
    return ", ".join((f"HOST_ID={host_id}", *fields))


FEED = Feed(
    name="host_detection",
    sourcetype="qualys:hostDetection",
    settings="vm",
    resource=Resource(
        name="host_detection",
        path="/api/{version}/fo/asset/host/vm/detection/",
        version_setting="host_detection_api_version",
        root="HOST_LIST_VM_DETECTION_OUTPUT",
        record=("RESPONSE", "HOST_LIST", "HOST"),
        params_setting="detection_params",
    ),
    params=params,
    since_params=api.since_params,
    converter=converter,
    is_full=is_full,
    of_hosts=True,
)
