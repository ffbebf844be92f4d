"""What one setting is: how a page shows it, and what may be stored in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import field_checks as checks

TEXT, LINES, SECRET, FLAG, NUMBER = "text", "lines", "secret", "flag", "number"
CHOICE, OPEN_CHOICE, CHOICES, ACCOUNT, INDEX = "choice", "open choice", "choices", "account", "index"

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """One setting: what the page shows of it, and what may be stored in it.

    `default` and stored values are text, as in a conf file. `check` makes the typed value of a text that is not empty;
    `pattern` is the part of it that a browser can tell at once. An empty text is `empty`, unless it is `required`.
    """

    name: str
    label: str
    help: str = ""
    kind: str = TEXT
    default: str = ""
    options: Options = ()
    limits: tuple[int, int] = (0, 0)
    required: bool = False
    check: checks.Check = str
    pattern: str = ""
    empty: object = ""


def flag_field(name: str, label: str, about: str, default: str = "0") -> Field:
    return Field(name, label, about, FLAG, default, check=checks.flag, empty=False)


def number_field(name: str, label: str, about: str, default: str, low: int, high: int) -> Field:
    text = f"{about} From {low} to {high:,}."
    return Field(name, label, text, NUMBER, default, limits=(low, high), check=checks.number(low, high), empty=0)


def choice_field(name: str, label: str, about: str, default: str, options: Options) -> Field:
    return Field(name, label, about, CHOICE, default, options, check=checks.one_of([value for value, _ in options]))


def choices_field(name: str, label: str, about: str, default: Sequence[str], values: Sequence[str]) -> Field:
    options = tuple((value, value) for value in values)
    return Field(name, label, about, CHOICES, ",".join(default), options, check=checks.some_of(values), empty=())


def version_field(name: str, resource: str, default: str) -> Field:
    text = f"Version of the {resource} API. Change it when the platform says that this version is gone."
    check = checks.matching(checks.VERSION, "is not a version such as 5.0.")
    return Field(name, f"API version: {resource}", text, default=default, check=check, pattern=checks.VERSION)


def path_field(name: str, label: str, about: str) -> Field:
    return Field(name, label, about, check=checks.path)
