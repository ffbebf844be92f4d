"""``PREFIX: KEY="value", KEY=7`` events: one quoting rule for every value.

Inside a value ``"`` becomes ``'``; newlines and tabs become a space, but in a multi-line value (RESULTS) they stay.
So what Splunk extracts is the normalized text, whatever a scanned host put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WHITE_SPACE = " \t\r\n"
SEPARATOR = "\x1f"
"""A character that XML forbids, so no text that came out of a parser holds it. It stands between texts that are joined,
because what is done with all of them at once costs little."""

_NOT_IN_KEY = re.compile(r"[^A-Za-z0-9_]")
_FORGED_START = re.compile(r"([\r\n])(?=HOST(?:SUMMARY|VULN|GONE): HOST_ID=\d)")


def single_line(text: str) -> str:
    """A value on one line, without outer white space and without double quotes."""
    return _flat(text.strip(WHITE_SPACE))


def _flat(text: str) -> str:
    """Four searches for what is rarely there cost a third of one `translate`."""
    return text.replace('"', "'").replace("\n", " ").replace("\r", " ").replace("\t", " ")


def single_lines(texts: list[str]) -> list[str]:
    """`single_line` of many texts at the price of one: joined, cleaned, split. The same list if all are clean."""
    if not texts:
        return []
    joined = SEPARATOR.join(texts)
    if not (" " in joined or '"' in joined or "\n" in joined or "\r" in joined or "\t" in joined):
        return texts
    joined = _flat(joined)
    values = joined.split(SEPARATOR)
    if len(values) != len(texts):
        return [single_line(text) for text in texts]
    if " \x1f" in joined or "\x1f " in joined or joined[0] == " " or joined[-1] == " ":
        return [value.strip(" ") for value in values]
    return values


def comma_list(texts: Iterable[str]) -> str:
    """Texts in one value; those that are empty are left out."""
    return ",".join(filter(None, map(single_line, texts)))


def multi_line(text: str) -> str:
    """A value that keeps its lines and tabs.

    A line that looks like the start of an event gets a space in front, because Splunk breaks events at such lines.
    """
    return _FORGED_START.sub(r"\1 ", text.replace('"', "'"))


def key(text: str) -> str:
    """A field name made from data."""
    return _NOT_IN_KEY.sub("_", text.strip())
