"""The eval functions known here; a null argument gives null, except to functions that are about nulls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.errors import KnowledgeError
from standins.splunk.search.modifiers import moved
from standins.splunk.search.patterns import pcre, substitute
from standins.splunk.search.times import duration, format_time, parse_time
from standins.splunk.search.values import Operand, Value, number, single, text

MANY = 1000


@dataclass(frozen=True)
class Scope:
    """What an expression can see: one event's fields, the search's clock (epoch seconds) and the reader's time zone."""

    fields: Mapping[str, Value]
    now: float = 0.0
    utc_offset_s: int = 0


@dataclass(frozen=True)
class Function:
    """An eval function: how few and how many arguments it takes, and what it makes of them."""

    fewest: int
    most: int
    call: Callable[[list[Operand], Scope], Operand]


def _texts(fewest: int, most: int, call: Callable[..., Operand]) -> Function:
    """A function of texts: any null argument makes it null."""

    def of_texts(arguments: list[Operand], _scope: Scope) -> Operand:
        texts = [single(argument) for argument in arguments]
        return None if None in texts else call(*texts)

    return Function(fewest, most, of_texts)


def _case(arguments: list[Operand], _scope: Scope) -> Operand:
    if len(arguments) % 2:
        raise KnowledgeError("case() takes pairs of condition and value")
    pairs = zip(arguments[::2], arguments[1::2])
    return next((value for condition, value in pairs if truth(condition)), None)


def _coalesce(arguments: list[Operand], _scope: Scope) -> Operand:
    return next((argument for argument in arguments if argument is not None), None)


def _nullif(arguments: list[Operand], _scope: Scope) -> Operand:
    return None if arguments[0] == arguments[1] else arguments[0]


def _like(subject: str, pattern: str) -> bool:
    wild = {"%": ".*", "_": "."}
    body = "".join(wild.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(body, subject, re.DOTALL) is not None


def _tonumber(subject: str) -> Operand:
    return number(subject)


def _tostring(arguments: list[Operand], _scope: Scope) -> Operand:
    if arguments[0] is None:
        return None
    if isinstance(arguments[0], bool):
        return "True" if arguments[0] else "False"
    if len(arguments) == 1:
        return single(arguments[0])
    size, style = number(arguments[0]), arguments[1]
    renderings: dict[Operand, Callable[[float], str]] = {
        "duration": duration,
        "commas": lambda n: format(round(n, 2), ",.15g"),
    }
    if not isinstance(style, str) or style not in renderings:
        raise KnowledgeError(f"tostring() does not know the style {style!r}")
    return None if size is None else renderings[style](size)


def _strptime(arguments: list[Operand], scope: Scope) -> Operand:
    subject, time_format = single(arguments[0]), single(arguments[1])
    return None if subject is None or time_format is None else parse_time(subject, time_format, scope.utc_offset_s)


def _strftime(arguments: list[Operand], scope: Scope) -> Operand:
    epoch, time_format = number(arguments[0]), single(arguments[1])
    return None if epoch is None or time_format is None else format_time(epoch, time_format, scope.utc_offset_s)


def _round(arguments: list[Operand], _scope: Scope) -> Operand:
    size, digits = number(arguments[0]), number(arguments[1] if len(arguments) > 1 else 0.0)
    return None if size is None or digits is None else float(round(size, int(digits)))


def _max(arguments: list[Operand], _scope: Scope) -> Operand:
    sizes = [number(argument) for argument in arguments]
    if None in sizes and any(argument is not None and number(argument) is None for argument in arguments):
        raise KnowledgeError("max() is known for numbers only")
    return max((size for size in sizes if size is not None), default=None)


def _mvindex(arguments: list[Operand], _scope: Scope) -> Operand:
    values, position = many(arguments[0]), number(arguments[1])
    if position is None or not -len(values) <= position < len(values):
        return None
    return values[int(position)]


def _mvcount(arguments: list[Operand], _scope: Scope) -> Operand:
    return float(len(many(arguments[0]))) or None


def _mvappend(arguments: list[Operand], _scope: Scope) -> Operand:
    return [value for argument in arguments for value in many(argument)] or None


def _relative_time(arguments: list[Operand], scope: Scope) -> Operand:
    moment, modifier = number(arguments[0]), single(arguments[1])
    return None if moment is None or modifier is None else moved(moment, modifier, scope.utc_offset_s)


def _mvjoin(arguments: list[Operand], _scope: Scope) -> Operand:
    delimiter = single(arguments[1])
    return None if arguments[0] is None or delimiter is None else delimiter.join(many(arguments[0]))


def many(operand: Operand) -> list[str]:
    """The values of a multivalued argument; null has none."""
    if isinstance(operand, list):
        return operand
    return [] if operand is None or isinstance(operand, bool) else [text(operand)]


def truth(operand: Operand) -> Optional[bool]:
    """A condition's outcome; null is neither true nor false, and anything else is no condition."""
    if operand is None or isinstance(operand, bool):
        return operand
    raise KnowledgeError(f"{operand!r} stands where a condition belongs")


FUNCTIONS: Mapping[str, Function] = {
    "case": Function(2, MANY, _case),
    "coalesce": Function(1, MANY, _coalesce),
    "false": Function(0, 0, lambda _arguments, _scope: False),
    "if": Function(3, 3, lambda arguments, _scope: arguments[1] if truth(arguments[0]) else arguments[2]),
    "isnotnull": Function(1, 1, lambda arguments, _scope: arguments[0] is not None),
    "isnull": Function(1, 1, lambda arguments, _scope: arguments[0] is None),
    "isnum": Function(1, 1, lambda arguments, _scope: number(single(arguments[0])) is not None),
    "len": _texts(1, 1, lambda subject: float(len(subject))),
    "like": _texts(2, 2, _like),
    "lower": _texts(1, 1, str.lower),
    "match": _texts(2, 2, lambda subject, pattern: pcre(pattern).search(subject) is not None),
    "max": Function(1, MANY, _max),
    "mvappend": Function(1, MANY, _mvappend),
    "mvcount": Function(1, 1, _mvcount),
    "mvindex": Function(2, 2, _mvindex),
    "mvjoin": Function(2, 2, _mvjoin),
    "now": Function(0, 0, lambda _arguments, scope: scope.now),
    "null": Function(0, 0, lambda _arguments, _scope: None),
    "nullif": Function(2, 2, _nullif),
    "relative_time": Function(2, 2, _relative_time),
    "replace": _texts(3, 3, lambda subject, pattern, replacement: substitute(pattern, replacement, subject)),
    "round": Function(1, 2, _round),
    "split": _texts(2, 2, lambda subject, delimiter: subject.split(delimiter)),
    "strftime": Function(2, 2, _strftime),
    "strptime": Function(2, 2, _strptime),
    "tonumber": _texts(1, 1, _tonumber),
    "tostring": Function(1, 2, _tostring),
    "true": Function(0, 0, lambda _arguments, _scope: True),
    "upper": _texts(1, 1, str.upper),
}
