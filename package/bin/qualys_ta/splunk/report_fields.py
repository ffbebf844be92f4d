"""The tab of scan reports: what a person can set for it."""

from __future__ import annotations

from ..populator import report_api
from . import field_checks as checks
from .field import LINES, Field, flag_field, number_field

REPORT_FIELDS = (
    Field(
        "report_templates",
        "Report templates",
        "Ids or titles of templates of type Scan, one a line. Each run launches a report from each, one after the "
        "other. The account's user needs a role that may view and download reports.",
        LINES,
        check=report_api.templates_from,
        empty=(),
    ),
    Field(
        "report_file",
        "Report on this server",
        "Absolute path of an XML report that was downloaded, or of a folder with some. Each content is read once, and "
        "the file stays as it is.",
        check=checks.path,
    ),
    flag_field(
        "report_results", "Log results", "What the scan found, in every event. Costs license volume.", default="1"
    ),
    flag_field(
        "report_details",
        "Log impact and solution",
        "And comments, beside the description, in every event. Costs license volume.",
    ),
    number_field(
        "report_wait_minutes",
        "Longest wait (minutes)",
        "For a report to be ready. After it the run ends with an error, and the next one goes on waiting.",
        "120",
        1,
        10_080,
    ),
    number_field("report_poll_seconds", "Between two looks (seconds)", "Whether a report is ready.", "30", 1, 3600),
    flag_field(
        "report_delete",
        "Delete reports",
        "On the platform, once their findings are in Splunk. Only reports that this input launched.",
        default="1",
    ),
)
