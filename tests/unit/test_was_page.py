"""The page that figures of the conversion of web findings refer to is always the same, and one that we read."""

from __future__ import annotations

import hashlib
import io

from benchmarks.was_page import KINDS, write_page
from support.core import extracted
from support.webapps import EVERYTHING, was_converted

FINDINGS = 400
SIZE, DIGEST = 997_435, "7a21f8a17dda4f7ad34f9301e6b0bc95e3048b869db388231647203ebcdf12b7"


def page() -> bytes:
    out = io.StringIO()
    write_page(FINDINGS, out)
    return out.getvalue().encode()


def test_the_same_number_gives_the_same_bytes() -> None:
    body = page()
    assert (len(body), hashlib.sha256(body).hexdigest()) == (SIZE, DIGEST)


def test_every_finding_of_the_page_becomes_an_event_with_what_it_holds() -> None:
    found = was_converted(page(), finding_fields_to_log=EVERYTHING)
    told = [dict(extracted(each.events[0].text)) for each in found]
    assert len(told) == FINDINGS
    assert {each["type"] for each in told} == set(KINDS)
    assert all(("evidence" in each) == (each["status"] != "-") for each in told)
    assert all("No results for X." in each.get("evidence", "No results for X.") for each in told)
