"""Scan reports: one event for each finding of each host of a report, with what is known of its QID.

A report is launched from a template, waited for, fetched, converted and deleted, see `work.reports`; or it lies on this
server's disk.
"""

from __future__ import annotations

from datetime import timedelta

from ..feed import Feed
from .report_api import REPORT, REPORT_FILE, made_of, params

FEED = Feed(
    name="scan_report",
    sourcetype="qualys:scanReport",
    settings="reports",
    resource=REPORT,
    others=(REPORT_FILE,),
    params=params,
    overlap=lambda _settings: timedelta(0),
    steps="reports",
    made_of=made_of,
)
