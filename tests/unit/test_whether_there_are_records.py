"""Whether an answer holds records: one that does needs no time of its own to be data."""

from __future__ import annotations

import io

import pytest

from qualys_ta.populator.host_detection import FEED
from qualys_ta.records import PageReader
from support.core import answer, host, inspected


@pytest.mark.parametrize(("body", "has_records"), [(answer(), False), (answer(host(1)), True)])
def test_both_ways_to_read_a_page_tell(body: bytes, has_records: bool) -> None:
    assert inspected(body).told.has_records is has_records
    reader = PageReader(FEED.resource.record, FEED.resource.root)
    assert len(list(reader.records(io.BytesIO(body)))) == has_records
    assert reader.told.has_records is has_records
