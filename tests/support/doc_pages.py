"""The pages of docs/ as tests read them: their sections and the cells of their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from support.core import PACKAGE

DOCS = PACKAGE.parent / "docs"


@cache
def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """The text below a heading, to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", text(page), re.DOTALL | re.MULTILINE)
    assert found, f"docs/{page} has no heading {title!r}"
    return found.group(1)


def rows(markdown: str) -> Iterator[list[str]]:
    """The cells of every table row below its head."""
    tables = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n?)+)", markdown, re.MULTILINE)
    for table in tables:
        for line in table.splitlines():
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows_of(page: str, title: str) -> list[list[str]]:
    """The rows of the tables of one section."""
    return list(rows(section(page, title)))


def named(cell: str) -> list[str]:
    """The names in a cell, with commas between; none in an empty one."""
    return [name.strip(" `") for name in cell.split(",") if name.strip()]
