"""A public recording of 86 real findings becomes 86 events, field by field what an independent parser finds.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are
left out.
"""

from __future__ import annotations

from collections import Counter

import pytest
from lxml import etree

from qualys_ta.populator.was_fields import DEFAULT
from qualys_ta.populator.was_findings import FEED
from qualys_ta.populator.was_summary import summary
from qualys_ta.populator.was_webapps import RESOURCE, webapp_id
from support.core import extracted, inspected, records
from support.recordings import MISSING, SAMPLES, exchanges
from support.webapps import EVERYTHING, RECORD, told_by, was_converted

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


def bodies(name: str) -> list[bytes]:
    """All answers of a recording."""
    return [entry["response"]["content"]["text"].encode() for entry in exchanges(name)]


@pytest.fixture(scope="module")
def body() -> bytes:
    (found,) = [each for each in bodies("was-finding/j1_har_steps_findings_and_kb.har") if b"<Finding>" in each]
    return found


@pytest.mark.parametrize("chosen", [",".join(DEFAULT), EVERYTHING], ids=["default", "everything"])
def test_every_finding_is_an_event_with_the_fields_it_has(body: bytes, chosen: str) -> None:
    found = was_converted(body, finding_fields_to_log=chosen)
    elements = etree.fromstring(body).findall("data/Finding")
    assert len(found) == len(elements) == 86
    for converted, element in zip(found, elements):
        (event,) = converted.events
        expected = told_by(element, chosen)
        assert dict(extracted(event.text)) == expected
        assert (str(converted.record), converted.moment) == (expected["finding_id"], expected["lastTestedDate"])
        assert event.time


def test_information_gathered_has_neither_url_nor_status(body: bytes) -> None:
    told = [dict(extracted(each.events[0].text)) for each in was_converted(body, finding_fields_to_log=EVERYTHING)]
    gathered = [each for each in told if each["type"] == "INFORMATION_GATHERED"]
    assert Counter(each["type"] for each in told) == {"INFORMATION_GATHERED": 46, "VULNERABILITY": 40}
    assert all(each["status"] == "-" and not {"url", "timesDetected", "isIgnored"} & each.keys() for each in gathered)
    assert sum("param" in each for each in told) == 9


def test_summaries_count_each_finding_once(body: bytes) -> None:
    groups: dict[str, Counter[str]] = {}
    for found in was_converted(body):
        group, category = found.tally.split(":")
        groups.setdefault(group, Counter())[category] += 1
    told = [dict(extracted(summary(int(group), counts).text)) for group, counts in groups.items()]
    for part in ("type_", "status_", "severity_"):
        assert sum(int(value) for each in told for name, value in each.items() if name.startswith(part)) == 86
    assert {each["webapp_id"] for each in told} == {"238483924", "238483925"}


def test_an_error_with_status_200_is_no_empty_list_of_findings() -> None:
    """H11: what the client judges stands around the records, and there are none."""
    (body,) = bodies("was-finding/j1_har_iterateWebAppFindingsBadId.har")
    judged = inspected(body, RECORD)
    assert (judged.root, judged.has_records) == (FEED.resource.root, False)
    assert judged.told.texts["responseCode"] == "INVALID_REQUEST"
    assert "webApp.id" in judged.told.texts["responseErrorDetails/errorMessage"]


def test_web_applications_of_all_pages() -> None:
    found = [
        webapp_id(record)
        for body in bodies("was-webapp/j1_har_iterateWebAppsPagination.har")
        for record in records(body, RESOURCE.record)
    ]
    assert len(found) == len(set(found)) > 5
    (nothing,) = bodies("was-webapp/j1_har_iterateWebAppsFilteredNotFound.har")
    assert records(nothing, RESOURCE.record) == []
