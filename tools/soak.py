"""Storms by the thousand: ``make soak`` (RUNS=1000, SEED=0, JOBS=2), a third of them of other feeds than hosts, or all
of the same inputs (INPUTS=reports).

Each failing storm is told with the command that repeats it; the end tells how often what struck. Exit code 1 for any.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from standins.qualys.faults import KINDS
from support.storm import storm
from support.storm_plan import FEEDS, draw
from support.storm_sets import FEED_SETS, LIST_KINDS

TOLD_EVERY_S = 30.0


def work(seeds: Any, results: Any) -> None:
    """One job: takes seeds until there is a None."""
    with TemporaryDirectory(prefix="storm-") as folder, storm(Path(folder)) as site:
        while (seed := seeds.get()) is not None:
            site.struck.clear()
            try:
                wrong = site.weather(draw(seed))
            except Exception:  # noqa: BLE001 - whatever it is, it is told, and the next storm may tell more
                wrong = [traceback.format_exc()]
            results.put((seed, wrong, Counter(site.struck), site.site.splunk.log() if wrong else ""))


def tell(seed: int, wrong: list[str], log: str, logs: Path) -> None:
    logs.mkdir(exist_ok=True)
    path = logs / f"{seed}.log"
    path.write_text(log, "utf-8")
    print(f"storm {seed} went wrong; its log: {path}; again: make soak SEED={seed} RUNS=1")
    for line in wrong[:10]:
        print(f"    {line}")


def main() -> int:
    told = arguments()
    context = multiprocessing.get_context("spawn")
    seeds, results = context.Queue(), context.Queue()
    for seed in chosen(told.first, told.runs, told.inputs):
        seeds.put(seed)
    jobs = [context.Process(target=work, args=(seeds, results), daemon=True) for _ in range(min(told.jobs, told.runs))]
    for job in jobs:
        seeds.put(None)
        job.start()
    failed, struck, started = [], Counter[str](), time.monotonic()
    told_at = started
    for number in range(1, told.runs + 1):
        seed, wrong, counts, log = results.get()
        struck += counts
        if wrong:
            failed.append(seed)
            tell(seed, wrong, log, told.logs)
        if time.monotonic() - told_at > TOLD_EVERY_S:
            told_at = time.monotonic()
            print(f"{number} of {told.runs} storms, {len(failed)} wrong, {told_at - started:.0f} s", flush=True)
    for job in jobs:
        job.join()
    summary(told.runs, failed, struck, time.monotonic() - started)
    return 1 if failed else 0


def chosen(first: int, runs: int, inputs: str) -> list[int]:
    """So many seeds, of both kinds unless the first is one of other feeds, or only some inputs are wanted."""
    if inputs:
        of_feeds = count(max(first, FEEDS))
        return [*islice((seed for seed in of_feeds if draw(seed).inputs == inputs), runs)]
    others = 0 if first >= FEEDS else runs // 3
    return [*range(first, first + runs - others), *range(FEEDS + first, FEEDS + first + others)]


def summary(runs: int, failed: list[int], struck: Counter[str], seconds: float) -> None:
    faults = {kind: struck[kind] for kind in KINDS}
    of_lists = {name: {kind: struck[f"{name}:{kind}"] for kind in kinds} for name, kinds in LIST_KINDS.items()}
    ends = {fate: count for fate, count in sorted(struck.items()) if fate.startswith("ended")}
    print(
        f"\n{runs} storms in {seconds:.0f} s; ledger = index in {runs - len(failed)} of them. Wrong: {failed or 'none'}"
    )
    print("Starts: " + ", ".join(f"{fate} × {count}" for fate, count in ends.items()))
    for name, counts in {"Hosts and knowledge base": faults, **of_lists}.items():
        told = ", ".join(f"{kind} × {count}" for kind, count in counts.items())
        print(f"Faults of {name}: {sum(counts.values())}: {told}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--inputs", choices=("", *FEED_SETS), default="", help="only storms of these")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--logs", type=Path, default=Path("build/storms"), help="where logs of failed storms are kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
