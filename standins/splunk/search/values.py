"""Field values as a search sees them: text or a list of texts, read as numbers where an operator asks for one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional, Union

from standins.splunk.search.errors import KnowledgeError

Value = Union[str, list[str]]
Fields = dict[str, Value]
Operand = Union[None, bool, float, str, list[str]]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def values_of(fields: Mapping[str, Value], name: str) -> list[str]:
    """Every value of a field: none when it is absent, several when it is multivalued."""
    value = fields.get(name)
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def one_or_many(values: list[str]) -> Optional[Value]:
    """A field's value from its values: None for none, the value itself for one."""
    return values[0] if len(values) == 1 else values or None


def number(operand: Operand) -> Optional[float]:
    """The number an operand stands for, or None; text counts when all of it is a decimal number."""
    if isinstance(operand, float):
        return operand
    subject = single(operand)
    return float(subject) if subject is not None and _NUMBER.fullmatch(subject.strip()) else None


def text(operand: Union[float, str]) -> str:
    """A scalar as a search prints it: 15 significant digits, no trailing `.0`."""
    return operand if isinstance(operand, str) else format(operand, ".15g")


def single(operand: Operand) -> Optional[str]:
    """One text for what takes one: None for null. Several values are refused: Splunk's functions differ about them."""
    if isinstance(operand, bool) or (isinstance(operand, list) and len(operand) > 1):
        raise KnowledgeError(f"{operand!r} stands where one value belongs")
    if isinstance(operand, list):
        return operand[0] if operand else None
    return None if operand is None else text(operand)


def ordering(value: str) -> tuple[int, float, str]:
    """A sort key: numbers by size, then texts."""
    size = number(value)
    return (1, 0.0, value) if size is None else (0, size, "")
