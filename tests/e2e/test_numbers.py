"""Memory does not depend on the size of a page. What is only told, not judged, is printed: see ``make bench``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.installed import Pulled, installed

SMALL_MB, LARGE_MB = 10, 200
MOST_MB, GROWTH = 80, 1.10
LONGEST_S = 90


@pytest.mark.slow
def test_memory_is_flat_from_10_to_200_mb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with installed(tmp_path) as site:
        small, large = site.pull(SMALL_MB), site.pull(LARGE_MB)
    with capsys.disabled():
        sys.stderr.write(f"\n{told(small)}\n{told(large)}\n")
    assert large.page_mb / small.page_mb == pytest.approx(LARGE_MB / SMALL_MB, rel=0.05)
    assert large.used.peak_mb <= MOST_MB
    assert large.used.peak_mb <= small.used.peak_mb * GROWTH
    assert large.used.seconds < LONGEST_S


def told(pulled: Pulled) -> str:
    used = pulled.used
    return (
        f"page of {pulled.page_mb:.0f} MB: at most {used.peak_mb:.1f} MB of memory, {used.seconds:.1f} s, "
        f"{pulled.events_per_second:,.0f} events/s"
    )
