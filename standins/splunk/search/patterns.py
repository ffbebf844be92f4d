"""Splunk's patterns: PCRE as splunkd compiles it (UTF-8, ASCII `\\w`), wildcards of searches and of stanzas."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pcre2

from standins.splunk.search.errors import KnowledgeError


@cache
def pcre(pattern: str) -> Any:
    """Compile with real PCRE2, once; raises KnowledgeError quoting the pattern."""
    try:
        return pcre2.compile(pattern, pcre2.ASCII)
    except pcre2.PatternError as error:
        raise KnowledgeError(f"not a PCRE pattern: {pattern!r} ({error})") from error


def substitute(pattern: str, replacement: str, subject: str) -> str:
    """`replace()` of eval: every match, with `\\1` standing for its groups."""
    references = re.compile(r"\\(\d)")

    def expand(match: Any) -> str:
        return references.sub(lambda reference: match.group(int(reference.group(1))) or "", replacement)

    return str(pcre(pattern).sub(expand, subject))


@cache
def wildcard(pattern: str) -> re.Pattern[str]:
    """A search value: `*` is any text, letter case does not count."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)


@cache
def term(pattern: str) -> re.Pattern[str]:
    """A bare term or quoted phrase, found in the raw text where it is not part of a longer word.

    Splunk looks terms up between its breakers; everything but letters and digits breaks, `_` and `.` included.
    """
    body = r"\S*".join(map(re.escape, pattern.split("*")))
    before = r"(?<![A-Za-z0-9])" if pattern[:1].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if pattern[-1:].isalnum() else ""
    return re.compile(before + body + after, re.IGNORECASE)


@cache
def stanza_pattern(pattern: str) -> re.Pattern[str]:
    """`[source::…]` and `[host::…]`: `...` crosses folders, `*` does not (props.conf.spec)."""
    parts = re.split(r"(\.\.\.|\*)", pattern)
    return re.compile("".join({"...": ".*", "*": r"[^/\\]*"}.get(part, re.escape(part)) for part in parts))
