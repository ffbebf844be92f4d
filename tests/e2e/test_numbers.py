"""Memory does not depend on the size of a page. What is only told, not judged, is printed: see ``make bench``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.installed import Pulled, installed

SMALL_MB = 10
MOST_MB, GROWTH = 80, 1.10
LONGEST_S = 90
LARGE_MB = {"host_detection": 200, "knowledge_base": 400, "policy_posture_info": 100, "was_findings": 100}


@pytest.mark.slow
@pytest.mark.parametrize(("metric", "large_mb"), LARGE_MB.items())
def test_memory_is_flat(metric: str, large_mb: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with installed(tmp_path) as site:
        small, large = site.pull(SMALL_MB, metric), site.pull(large_mb, metric)
    with capsys.disabled():
        sys.stderr.write(f"\n{metric}: {told(small)}\n{metric}: {told(large)}\n")
    assert large.page_mb / small.page_mb == pytest.approx(large_mb / SMALL_MB, rel=0.05)
    assert large.used.peak_mb <= MOST_MB
    assert large.used.peak_mb <= small.used.peak_mb * GROWTH
    assert large.used.seconds < LONGEST_S


def told(pulled: Pulled) -> str:
    used = pulled.used
    return (
        f"page of {pulled.page_mb:.0f} MB: at most {used.peak_mb:.1f} MB of memory, {used.seconds:.1f} s, "
        f"{pulled.records:,} records, {pulled.events:,} events"
    )
