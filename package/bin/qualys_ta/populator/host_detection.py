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
from ..feed import Conversion, Feed, Resource
from ..model import SEPARATOR, Converted, Converter, Events
from ..times import epoch
from . import host_detection_api as api
from . import host_filters, host_list
from .enrichment import enrichment
from .finding import FindingReader
from .host_fields import host_fields
from .host_statistics import statistics
from .host_summary_qids import summary_fields, told_by

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
    qid_fields: bool
    longest_results: int

    @classmethod
    def chosen(cls, settings: Mapping[str, Any]) -> Options:
        """`qid_fields` cost no download where RESULTS come anyway."""
        finding_fields = api.chosen_fields(settings["detection_fields_to_log"], settings["detection_params"])
        return cls(
            host_fields=api.chosen_fields(settings["host_fields_to_log"], settings["detection_params"]),
            finding_fields=finding_fields,
            summaries=settings["log_host_summary"],
            breakdowns=settings["log_extra_host_summary"],
            findings=settings["log_detections"],
            host_in_findings=settings["log_host_details_in_detections"],
            changed_only=settings["changed_findings_only"] and not settings["enable_full_pull"],
            longest_results=settings["max_allowed_results_field_len"],
            qid_fields=settings["log_host_summary_qid_fields"] or "RESULTS" in finding_fields,
        )


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    more = ("RESULTS",) if settings["log_host_summary_qid_fields"] else ()
    chosen = frozenset((*settings["host_fields_to_log"], *settings["detection_fields_to_log"], *more))
    return api.request_params(chosen, user_params(settings), settings["detection_truncation_limit"])


def user_params(settings: Mapping[str, Any]) -> dict[str, str]:
    """What a person asks for beside fields: by settings of its own, or typed; no parameter by both."""
    return {**host_filters.params(settings), **settings["detection_params"]}


def is_full(settings: Mapping[str, Any]) -> bool:
    return bool(settings["enable_full_pull"])


def keeps_lines(settings: Mapping[str, Any]) -> bool:
    """Only RESULTS is written with its lines; everywhere else they become spaces."""
    options = Options.chosen(settings)
    return "RESULTS" in options.finding_fields or options.qid_fields


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
    start, without_fqdn = _starts(host_id, described if options.host_in_findings else [])
    findings = reader.read(
        host.iterfind("DETECTION_LIST/DETECTION"),
        (since if options.changed_only else "") if options.findings else None,
        SEPARATOR + start,
        SEPARATOR + without_fqdn,
    )
    scanned_at = epoch(scanned)
    times = [epoch(updated.strip()) or scanned_at for updated in findings.updated]
    text = findings.text()
    if options.summaries:
        more = summary_fields(told_by(host)) if options.qid_fields else ()
        counted = ", ".join(statistics(findings.forms, options.breakdowns, more))
        times.insert(0, scanned_at)
        text = f"HOSTSUMMARY: {_described(host_id, described)}, {counted}{text}"
    else:
        text = text[len(SEPARATOR) :]  # nothing stands before the first
    processed = max(findings.processed, default="").strip()
    moment = max(processed, scanned) if processed else ""
    return Converted(int(host_id), moment, Events(times, text))


def _starts(host_id: str, fields: list[str]) -> tuple[str, str]:
    """What stands before a finding's own fields; one that has an FQDN is not told the host's."""
    without_fqdn = [field for field in fields if not field.startswith("FQDN=")]
    start, other = (f"HOSTVULN: {_described(host_id, told)}" for told in (fields, without_fqdn))
    return start, other


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
        needs=host_list.NEEDS,
        params_setting="detection_params",
        converter=converter,
    ),
    params=params,
    chosen=host_filters.SETTINGS,
    since_params=api.since_params,
    is_full=is_full,
    keeps_lines=keeps_lines,
    of_hosts=True,
    course="ranges",
)
