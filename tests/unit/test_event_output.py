"""What an output of events counts of a record that went out in part before."""

from __future__ import annotations

from typing import Optional

from qualys_ta.frames import Batch, Frame
from qualys_ta.output import EventOutput, Totals
from support.pulls import ListLog, ListSink, NothingKnown, NothingSeen, Platform, first_request, fleet


class FirstIsNew(NothingSeen):
    """Of each record the first event is new, the others went out before."""

    def all_new(self, _batch: Batch) -> bool:
        return False

    def unseen(self, frame: Frame) -> Optional[list[bytes]]:
        return frame.events()[:1]


def test_events_that_went_out_before_are_counted_and_the_others_written() -> None:
    sink, totals = ListSink(), Totals()
    page = Platform(fleet(2, findings=3)).fetch(first_request())
    EventOutput(lambda _host_id: True, sink, FirstIsNew(), NothingKnown(), ListLog()).take(page, totals)
    assert (totals.records, totals.events, totals.repeats) == (2, 2, 6)
    assert len(sink.received) == 2
