"""The tabs of the metrics: what a person can set for each family of data."""

from __future__ import annotations

from collections.abc import Mapping

from ..populator import host_detection_api, was_evidence, was_fields, was_filters
from . import field_checks as checks
from .field import LINES, Field, choices_field, flag_field, number_field
from .host_filter_fields import HOST_FILTER_FIELDS


def not_allowed(forbidden: Mapping[str, str]) -> str:
    """The parameters a person may not set, grouped by the reason why."""
    reasons: dict[str, list[str]] = {}
    for name, reason in forbidden.items():
        reasons.setdefault(reason, []).append(name)
    return "".join(f"\n• {', '.join(names)}: {reason}." for reason, names in reasons.items())


def resync_days() -> Field:
    about = (
        "So many days after everything was pulled last, the next run pulls everything again and then goes on with "
        "changes. 0 is never."
    )
    return number_field("full_resync_days", "Full resync (days)", about, "0", 0, 3650)


VM_FIELDS = (
    flag_field("log_host_summary", "Log host summaries", "One HOSTSUMMARY event for each host.", "1"),
    flag_field(
        "log_extra_host_summary",
        "Log extra statistics in host summaries",
        "Breakdowns of the vulnerability counts by type, status and severity.",
        "1",
    ),
    flag_field(
        "log_host_summary_qid_fields",
        "Log ports, scan time and reboot in host summaries",
        "TCP_PORT, UDP_PORT, SCAN_DURATION and REBOOT_PENDING, from the findings 82023, 82004, 45038 and 90126. The "
        "API then sends the RESULTS of every finding: downloads become several times larger, events hardly. Where "
        "RESULTS is chosen as a detection field, these are written without this.",
    ),
    flag_field("log_detections", "Log individual host vulnerabilities", "One HOSTVULN event for each finding.", "1"),
    flag_field(
        "log_host_details_in_detections",
        "Log host information in detections",
        "IP, OS, DNS and so on in every HOSTVULN. Recommended above 50,000 hosts: searches then need no join with the "
        "host summaries; it costs license volume.",
        "1",
    ),
    choices_field(
        "host_fields_to_log",
        "Host fields",
        "The add-on asks the API for what is chosen here.",
        host_detection_api.DEFAULT_HOST_FIELDS,
        host_detection_api.HOST_FIELDS,
    ),
    choices_field(
        "detection_fields_to_log",
        "Detection fields",
        "Choose RESULTS, QDS, FQDN and others here: the add-on asks the API for them, extra parameters are not needed. "
        "QID, TYPE, STATUS and the times of change are always written.",
        host_detection_api.DEFAULT_DETECTION_FIELDS,
        host_detection_api.DETECTION_FIELDS,
    ),
    number_field(
        "max_allowed_results_field_len", "Longest RESULTS", "In characters; 0 keeps it whole.", "0", 0, 100_000_000
    ),
    *HOST_FILTER_FIELDS,
    Field(
        "detection_params",
        "Extra API parameters",
        "What has no field of its own, as a URL query, for example show_igs=0&qds_min=70. Not allowed:"
        + not_allowed(host_detection_api.FORBIDDEN),
        LINES,
        check=checks.api_params,
        empty={},
    ),
    number_field(
        "num_threads",
        "Parallel downloads",
        "How many pages are downloaded at once, at most: never more than Qualys allows the subscription (2 on the "
        "standard API tier) less what others run. 1 downloads one after the other, and the list of hosts is not asked "
        "for.",
        "2",
        1,
        10,
    ),
    flag_field(
        "enable_full_pull", "Pull everything at every run", "Costs time and license volume; the checkpoint stays."
    ),
    resync_days(),
    flag_field(
        "changed_findings_only",
        "Log changed findings only",
        "Whole hosts are fetched and summarized; HOSTVULN is written for findings that changed since the last run.",
        "1",
    ),
    flag_field(
        "log_gone_hosts",
        "Log gone hosts",
        "Once a day the list of all hosts is compared with the hosts pulled before: one HOSTGONE event for each that "
        "Qualys no longer holds, so that its findings do not stay open for ever.",
        "1",
    ),
    flag_field(
        "enrich_detections",
        "Add knowledge to detections",
        "TITLE, CATEGORY, CVE, CVSS, CVSS3, PATCHABLE and VENDOR_REFERENCE in every HOSTVULN. Needs an input of the "
        "metric knowledge_base on the same server; costs license volume. Search heads add the same by lookups.",
    ),
    number_field(
        "max_events_per_run",
        "Most events per run",
        "A run that has written as many ends after the page in hand; the next one goes on at its time. 0 is no limit.",
        "0",
        0,
        100_000_000_000,
    ),
    number_field(
        "max_mb_per_run",
        "Most megabytes per run",
        "The same for the size of the events, which is what the license counts. 0 is no limit.",
        "0",
        0,
        100_000_000,
    ),
    flag_field(
        "enable_seed_file_generation",
        "Write a .seed file",
        "Events go into the file named below, not into Splunk.",
    ),
    Field(
        "seed_file_path",
        "Path of the .seed file",
        "A folder gets one file for each run; a file is appended to. On Splunk Cloud only below "
        "$SPLUNK_HOME/etc/apps/TA-QualysCloudPlatform/tmp.",
        check=checks.seed_path,
    ),
    number_field(
        "detection_truncation_limit", "Hosts per page", "How many hosts one answer holds.", "1000", 1, 1_000_000
    ),
)

KB_FIELDS = (
    flag_field(
        "kb_lookups",
        "Write lookups",
        "qualys_kb.csv and the smaller tables that searches use by themselves. One input owns them. Switch this off "
        "on a forwarder that only adds knowledge to detections: the knowledge base is then kept in its store alone.",
        "1",
    ),
    flag_field(
        "log_kb_additional_fields",
        "Keep the long texts",
        "DIAGNOSIS, CONSEQUENCE and SOLUTION: several hundred MB. Switching this on pulls everything again.",
    ),
    flag_field(
        "is_index_knowledgebase",
        "Index the knowledge base",
        "One event for each QID that is new or changed. Costs license volume; lookups are written all the same.",
    ),
)

WAS_FIELDS = (
    flag_field("log_individual_findings", "Log individual findings", "One WAS_FINDING event for each finding.", "1"),
    flag_field("log_webapp_summary", "Log web application summaries", "One WAS_SUMMARY event for each of them.", "1"),
    choices_field(
        "finding_fields_to_log",
        "Finding fields",
        "The add-on asks the API for all details only where a field needs them. Ids, type, severity, status and times "
        "are always written. payload, request_… and evidence hold what a scan sent and got, at most "
        f"{was_evidence.LONGEST:,} characters of each.",
        was_fields.DEFAULT,
        was_fields.NAMES,
    ),
    Field(
        "extra_was_params",
        "Extra filter",
        f"As XML, for example {was_filters.EXAMPLE} All of them must hold. Fields: {', '.join(was_filters.ALLOWED)}."
        " Not allowed:" + not_allowed(was_filters.FORBIDDEN),
        LINES,
        check=checks.was_filters,
        empty={},
    ),
    number_field(
        "num_threads_for_was",
        "Parallel downloads",
        "Of findings of different web applications, at most: never more than Qualys allows the subscription less what "
        "others run. 1 downloads one page after the other.",
        "2",
        1,
        10,
    ),
    number_field("was_page_size", "Findings per page", "How many findings one answer holds.", "1000", 1, 1000),
    number_field(
        "was_overlap_hours",
        "Overlap (hours)",
        "How far a pull looks back behind the one before: a finding bears the time of its test, and can be seen only "
        "when the scan has ended. What was written already is not written again. At least ten minutes.",
        "24",
        0,
        720,
    ),
    resync_days(),
)
