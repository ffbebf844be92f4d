"""The arrows of docs/architecture.md: which part of the add-on may know which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "package" / "bin" / "qualys_ta"
MODULES = sorted(ROOT.rglob("*.py"))

FORBIDDEN = {
    "populator": ("qualys_ta.api", "qualys_ta.splunk", "qualys_ta.exports", "requests", "splunklib", "solnlib"),
    "api": ("qualys_ta.splunk", "qualys_ta.exports", "qualys_ta.populator", "splunklib", "solnlib", "splunk"),
    "splunk": ("qualys_ta.api", "qualys_ta.exports", "qualys_ta.run", "qualys_ta.job", "qualys_ta.work"),
    "work": ("qualys_ta.api", "requests", "splunklib", "solnlib", "splunk"),
    "exports": ("qualys_ta.api", "qualys_ta.splunk"),
    "": ("requests", "splunklib", "solnlib", "splunk"),
}
"""Part (the folder below qualys_ta; "" is the core itself) -> what none of its modules may import."""

JOINS = ("run.py", "job.py", "diagnosis.py", "search_lists.py")
"""The only modules of the core that know all parts: a run, its pull, and what people do at a terminal."""


def imports(path: Path) -> Iterator[str]:
    """Absolute names of all modules that a module imports, those inside functions included."""
    package = ("qualys_ta", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join(filter(None, (*start, node.module or "")))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_knows_only_what_its_part_may_know(path: Path) -> None:
    inside = path.relative_to(ROOT).parts
    part = inside[0] if len(inside) > 1 else ""
    wrong = [name for name in imports(path) for banned in FORBIDDEN[part] if within(name, banned)]
    assert not wrong


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent == ROOT], ids=lambda path: path.name)
def test_only_the_joins_know_all_parts(path: Path) -> None:
    parts = {"api", "splunk", "populator", "exports"}
    known = {name.split(".")[1] for name in imports(path) if name.startswith("qualys_ta.")} & parts
    assert not known or path.name in JOINS


def test_requests_has_one_door() -> None:
    """One module speaks HTTP to the platform; settings only names an exception of the library below solnlib."""
    users = {path.relative_to(ROOT).as_posix() for path in MODULES if any(within(n, "requests") for n in imports(path))}
    assert users == {"api/transport.py", "splunk/settings.py"}


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module_name(path): {n for n in imports(path) if n.startswith("qualys_ta.")} for path in MODULES}
    names = set(graph)
    edges = {name: {target for target in targets if target in names} for name, targets in graph.items()}
    while edges:
        leaves = {name for name, targets in edges.items() if not targets - {name}}
        assert leaves, f"these import each other in a circle: {sorted(edges)}"
        edges = {name: targets - leaves for name, targets in edges.items() if name not in leaves}


def module_name(path: Path) -> str:
    return ".".join(("qualys_ta", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
