"""Findings of web applications: one WAS_FINDING for each, one WAS_SUMMARY for each web application.

Source: WAS finding API 3.0; layout of the events: the vendor's add-on 1.10.8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import OVERLAP, QPS, Conversion, Feed, Resource
from ..model import Converted, Converter, Events
from ..times import epoch
from .keyvalue import single_lines
from .remembered import Remembered
from .was_fields import chosen_fields
from .was_filters import SETTING
from .was_reader import FindingReader
from .was_summary import PARTS, summary, tally

_FINDING_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_NO_EVENTS = Events()
COUNTED = ("webapp_id", *PARTS)


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    """All details only where a chosen field needs them: they make the answers several times larger."""
    is_verbose = any(field.verbose for field in chosen_fields(settings["finding_fields_to_log"]))
    wanted = {"limitResults": str(settings["was_page_size"]), **({"verbose": "true"} if is_verbose else {})}
    return {**wanted, **settings[SETTING]}


def since_params(since: Optional[str]) -> dict[str, str]:
    return {"lastTestedDate GREATER": since} if since else {}


def counted(settings: Mapping[str, Any]) -> str:
    """What the summaries are of."""
    return json.dumps([settings["log_webapp_summary"], settings[SETTING]])


def overlap(settings: Mapping[str, Any]) -> timedelta:
    """A finding bears the time of its test, and becomes visible when the scan has ended: hours later."""
    return max(OVERLAP, timedelta(hours=settings["was_overlap_hours"]))


def converter(conversion: Conversion) -> Converter:
    settings = conversion.settings
    reader = FindingReader(chosen_fields(settings["finding_fields_to_log"]))
    with_events, with_summaries = settings["log_individual_findings"], settings["log_webapp_summary"]
    tallies, forms = Remembered(tally), Remembered(_form)

    def convert(finding: Element) -> Converted:
        """Raises BadRecord for a finding without a numeric id: nothing could be said about it."""
        found = reader.read(finding)
        finding_id = found.get("finding_id", "")
        if not _FINDING_ID.fullmatch(finding_id):
            raise BadRecord(f"a Finding whose id is {finding_id[:40]!r}, not a number")
        tested = found.get("lastTestedDate", "").strip()
        happened = epoch(tested)
        told = _NO_EVENTS
        if with_events:  # values are cleaned all at once, which costs as much as one
            text = forms[tuple(found)] % tuple(single_lines(list(found.values())))
            told = Events((happened or epoch(found.get("lastDetectedDate", "").strip()),), text)
        counts = tallies[tuple([found.get(part, "") for part in COUNTED])] if with_summaries else ""
        return Converted(int(finding_id), tested if happened else "", told, counts)

    return convert


def _form(*keys: str) -> str:
    """An event of these fields, to be filled by their values. Keys are ours."""
    return "WAS_FINDING: " + ", ".join([f'{key}="%s"' for key in keys])


FEED = Feed(
    name="was_findings",
    sourcetype="qualys:wasFindings",
    settings="was",
    resource=Resource(
        name="was_findings",
        path="/qps/rest/{version}/search/was/finding",
        version_setting="was_findings_api_version",
        root="ServiceResponse",
        record=("data", "Finding"),
        needs="For web applications the subscription needs the module WAS, and the user the permission to use its API.",
        params_setting=SETTING,
        dialect=QPS,
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    overlap=overlap,
    keeps_lines=lambda _settings: False,
    threads_setting="num_threads_for_was",
    summary=summary,
    counted=counted,
    course="webapps",
)
