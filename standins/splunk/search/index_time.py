"""When an event happened, read from its text as props.conf says. (Where it ends: `standins.splunk.breaking`.)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from standins.splunk.search.errors import Place
from standins.splunk.search.patterns import pcre
from standins.splunk.search.times import parse_time

DEFAULT_LOOKAHEAD = 128


def event_time(props: Mapping[str, str], raw: str) -> Optional[float]:
    """Epoch seconds by TIME_PREFIX, TIME_FORMAT and MAX_TIMESTAMP_LOOKAHEAD in UTC; None where they find no time.

    Splunk guesses where TIME_FORMAT is missing; that is refused here.
    """
    if "TIME_FORMAT" not in props:
        raise Place("props.conf", attribute="TIME_FORMAT").error("is missing; times are not guessed here")
    match = pcre(props.get("TIME_PREFIX", "")).search(raw)
    if match is None:
        return None
    lookahead = int(props.get("MAX_TIMESTAMP_LOOKAHEAD", DEFAULT_LOOKAHEAD))
    return parse_time(raw[match.end() : match.end() + lookahead], props["TIME_FORMAT"])
