"""The line that ends a run."""

from __future__ import annotations

import time

from qualys_ta.output import Totals
from qualys_ta.pull import summary


def test_it_tells_how_long_the_run_took() -> None:
    line = summary(Totals(until="2024"), {"since": "ever"}, time.monotonic() - 90)
    assert line.startswith("Finished: since=ever until=2024 pages=0 bytes=0 ")
    assert line.endswith(" seconds=90.0")
