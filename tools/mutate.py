"""Whether the tests notice when the core is wrong: ``make mutate`` (SEED=0, EACH=25, ONLY=pull.py).

Of each module a sample of what cosmic-ray could change, one change after the other, in copies of the repository; its
fast tests must fail. What they let pass is printed as a difference, for docs/mutation.md. Run by the Python of
`.venv-mutate`; the tests by that of `.venv`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

HERE = Path(__file__).resolve().parents[1]
CORE = Path("package/bin/qualys_ta")
COPIED = ("package", "standins", "tests", "pyproject.toml")
FEWER = (
    ("tests/conftest.py", "max_examples=150", "max_examples=20"),
    ("tests/property/test_any_page.py", "INPUTS = 1250", "INPUTS = 25"),
    ("tests/property/test_any_page.py", "INPUTS_OF_OTHERS = 2000", "INPUTS_OF_OTHERS = 50"),
)
JOBS = 2
_POSTURE = ("unit/test_posture_joiner.py", "golden/test_golden.py", "property/test_any_posture.py")
_FINDINGS = (
    *("unit/test_was_findings.py", "unit/test_was_page.py", "unit/test_was_evidence.py"),
    *("golden/test_golden.py", "property/test_any_was.py"),
)
TESTS = {
    "pull.py": (
        "unit/test_pull.py",
        "unit/test_pull_limits.py",
        "unit/test_summary_line.py",
        "property/test_any_split.py",
    ),
    "chains.py": ("unit/test_chains.py", "unit/test_pull.py", "unit/test_ranges.py"),
    "output.py": (
        "unit/test_output.py",
        "unit/test_event_output.py",
        "unit/test_pull.py",
        "property/test_any_split.py",
    ),
    "spool.py": ("unit/test_output.py", "unit/test_pull.py", "unit/test_spool.py", "property/test_any_split.py"),
    "scrubber.py": ("unit/test_scrubber_edges.py", "unit/test_xmlpage.py", "property/test_any_bytes.py"),
    "xmlpage.py": (
        "unit/test_xmlpage.py",
        "unit/test_whether_there_are_records.py",
        "property/test_any_bytes.py",
        "property/test_any_page.py",
    ),
    "records.py": (
        "unit/test_xmlpage.py",
        "unit/test_whether_there_are_records.py",
        "property/test_any_bytes.py",
        "property/test_any_page.py",
    ),
    "api/patience.py": ("unit/test_patience.py", "property/test_any_wait.py"),
    "api/budget.py": ("unit/test_budget.py",),
    "splunk/state.py": ("unit/test_state_edges.py", "unit/test_checkpoint.py", "unit/test_state.py"),
    "splunk/checkpoint.py": ("unit/test_state_edges.py", "unit/test_checkpoint.py", "unit/test_state.py"),
    "splunk/schedule.py": ("unit/test_schedule.py",),
    "glossary.py": ("unit/test_glossary.py",),
    "criteria.py": ("unit/test_qps.py", "unit/test_was_filters.py", "property/test_any_was.py"),
    "api/qps.py": ("unit/test_qps.py",),
    "splunk/tallies.py": ("unit/test_tallies.py",),
    "work/policies.py": ("unit/test_policies.py",),
    "work/webapps.py": ("unit/test_webapps.py",),
    "populator/policy_list.py": ("unit/test_policy_list.py", *_POSTURE),
    "populator/posture_api.py": ("unit/test_posture_api.py", "unit/test_policies.py"),
    "populator/posture_filter.py": ("unit/test_posture_api.py", "unit/test_posture_joiner.py"),
    **dict.fromkeys(
        ("populator/posture_glossary.py", "populator/posture_joiner.py", "populator/posture_record.py"), _POSTURE
    ),
    "populator/policy_posture_info.py": ("unit/test_policy_list.py", *_POSTURE),
    "populator/was_filters.py": ("unit/test_was_filters.py", "property/test_any_was.py"),
    **dict.fromkeys(
        (
            "populator/was_findings.py",
            "populator/was_fields.py",
            "populator/was_reader.py",
            "populator/was_evidence.py",
            "populator/was_summary.py",
        ),
        _FINDINGS,
    ),
    "populator/was_webapps.py": ("unit/test_was_findings.py", "unit/test_webapps.py", "property/test_any_was.py"),
}
"""Module -> the fast tests that must notice. What only tests of whole processes notice counts as a survivor here."""
LEFT_OUT = ("no-op", "VariableReplacer", "VariableInserter")


class Mutant(NamedTuple):
    module: str
    operator: str
    before: str
    code: str

    @property
    def difference(self) -> list[str]:
        lines = difflib.unified_diff(self.before.splitlines(), self.code.splitlines(), lineterm="", n=0)
        return [line for line in lines if line[:2] not in ("--", "++")]


def mutants(module: str, dice: random.Random, count: int) -> list[Mutant]:
    """A sample: of each place at most one change."""
    code = (HERE / CORE / module).read_text("utf-8")
    places: dict[object, list[tuple[str, int]]] = {}
    for name in cosmic_ray.plugins.operator_names():
        if any(left_out in name for left_out in LEFT_OUT):
            continue
        for occurrence, place in enumerate(_places(code, name)):
            places.setdefault(place, []).append((name, occurrence))
    chosen = dice.sample(sorted(places), min(2 * count, len(places)))
    made = (_mutant(module, code, *dice.choice(places[place])) for place in chosen)
    return [mutant for mutant in made if mutant is not None][:count]


def _places(code: str, name: str) -> Iterator[object]:
    operator = _operator(name)
    for node in ast_nodes(get_ast(code)):
        for start, _ in operator.mutation_positions(node):
            yield start


def _operator(name: str):
    made = cosmic_ray.plugins.get_operator(name)
    return made()


def _mutant(module: str, code: str, name: str, occurrence: int) -> Mutant | None:
    try:
        changed = mutate_code(code, _operator(name), occurrence)
    except AttributeError:  # an exception named in several words is more than the operator takes
        return None
    if changed is None or changed == code:
        return None
    try:
        compile(changed, module, "exec")
    except SyntaxError:
        return None
    return Mutant(module, name, code, changed)


def copied(folder: Path) -> Path:
    """What the tests need, with fewer examples for each property."""
    folder.mkdir()
    for name in COPIED:
        if (HERE / name).is_dir():
            shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "browser"))
        else:
            shutil.copy(HERE / name, folder / name)
    for name, many, few in FEWER:
        path = folder / name
        path.write_text(path.read_text("utf-8").replace(many, few), "utf-8")
    return folder


class Copy:
    """A copy of the repository in which one mutant lives after the other."""

    def __init__(self, folder: Path, python: Path) -> None:
        self._folder = copied(folder)
        command = [str(python), str(HERE / "tools/forked_tests.py")]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._tests = subprocess.Popen(command, cwd=self._folder, env=environment, text=True, **pipes)

    def passes(self, module: str) -> bool:
        """Whether the module's tests pass; what takes for ever does not."""
        paths = [self._folder / "tests" / test for test in TESTS[module]]
        assert self._tests.stdin
        assert self._tests.stdout
        self._tests.stdin.write(json.dumps([str(path) for path in paths if path.exists()]) + "\n")
        self._tests.stdin.flush()
        return int(self._tests.stdout.readline()) == 0

    def survives(self, mutant: Mutant) -> bool:
        path = self._folder / CORE / mutant.module
        true = path.read_text("utf-8")
        path.write_text(mutant.code, "utf-8")
        try:
            return self.passes(mutant.module)
        finally:
            path.write_text(true, "utf-8")

    def close(self) -> None:
        self._tests.communicate()


def survives(mutant: Mutant, copies: Queue[Copy]) -> bool:
    copy = copies.get()
    try:
        return copy.survives(mutant)
    finally:
        copies.put(copy)


def judge(module: str, told: argparse.Namespace, copies: Queue[Copy], pool: ThreadPoolExecutor) -> Counter[str]:
    first = copies.get()
    sound = first.passes(module)
    copies.put(first)
    if not sound:
        print(f"{module}: its tests fail as it is; nothing is to be learnt")
        return Counter(unsound=1)
    made = mutants(module, random.Random(f"{told.seed} {module}"), told.each)
    alive = list(pool.map(lambda mutant: survives(mutant, copies), made))
    print(f"{module}: {len(made)} tried, {alive.count(False)} noticed", flush=True)
    for mutant in (mutant for mutant, lives in zip(made, alive) if lives):
        print(f"  survives: {mutant.operator}", *mutant.difference, sep="\n    ", flush=True)
    return Counter(tried=len(made), noticed=alive.count(False))


def main() -> int:
    told = arguments()
    chosen = [module for module in TESTS if told.only in module and (HERE / CORE / module).exists()]
    with TemporaryDirectory(prefix="mutate-") as folder, ThreadPoolExecutor(JOBS) as pool, ExitStack() as stack:
        copies: Queue[Copy] = Queue()
        for number in range(JOBS):
            copies.put(stack.enter_context(closing(Copy(Path(folder) / str(number), told.python))))
        found = sum((judge(module, told, copies, pool) for module in chosen), Counter[str]())
    print(f"{found['tried']} mutants, {found['noticed']} noticed, {found['tried'] - found['noticed']} survive")
    return 1 if found["unsound"] else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, default=HERE / ".venv/bin/python", help="who runs the tests")
    parser.add_argument("--each", type=int, default=20, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
