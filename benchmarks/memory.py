"""Whole runs of the add-on by the size of their one page: memory must not depend on it."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Bench, Figure, most
from benchmarks.installed import Installed, Pulled, installed

SMALL_MB, LARGE_MB = 10, 1000
RUN_MB, GROWTH_PERCENT = 80, 10
QUOTA_MB = 8000
"""Room for the page and for what is made of it."""


def figures(bench: Bench) -> Iterator[Figure]:
    with installed(bench.folder) as site:
        for workers in (1, 2):
            site.save("api", temp_quota_mb=str(QUOTA_MB), conversion_workers=str(workers))
            told = f", {workers} conversion processes" if workers > 1 else ""
            yield from pulls(bench, site, "host_detection", (SMALL_MB, LARGE_MB), f"Hosts{told}")


def pulls(bench: Bench, site: Installed, metric: str, sizes: tuple[int, int], what: str) -> Iterator[Figure]:
    """Of a small and a large page; the large one's stays on disk as `site.page`."""
    done: list[Pulled] = []
    for size in sizes:
        bench.doing(f"{what}: a page of {size:,} MB")
        done.append(site.pull(size, metric))
        name = f"{what}, page of {done[-1].page_mb:,.0f} MB"
        yield Figure(f"{name}: largest process", done[-1].used.peak_mb, "MB", most(RUN_MB))
    small, large = done
    growth = (large.used.peak_mb / small.used.peak_mb - 1) * 100
    yield Figure(f"{what}, growth between these", growth, "%", most(GROWTH_PERCENT))
    yield Figure(f"{name}: time", large.used.seconds, "s")
    yield Figure(f"{name}: records", large.records / large.used.seconds, "records/s")
    if large.events:
        yield Figure(f"{name}: events", large.events_per_second, "events/s")
