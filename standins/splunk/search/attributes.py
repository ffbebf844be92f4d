"""Which attributes each conf may carry here, and what their values must look like: everything else is refused by name.

Splunk ignores a misspelled attribute and reads `10951 # days` as no number, both without a word (conf files have no
trailing comments). Sources: the *.conf.spec of Splunk 9 and 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Optional

from standins.splunk.search.errors import KnowledgeError, Place
from standins.splunk.search.patterns import pcre
from standins.splunk.search.times import parse_time

Check = Callable[[str], bool]
Table = Mapping[str, Check]

OLDEST_DAYS = 10951
"""The largest MAX_DAYS_AGO splunkd accepts."""


def _any_text(_value: str) -> bool:
    return True


def _pattern(value: str) -> bool:
    return bool(pcre(value))


def _breaker(value: str) -> bool:
    return bool(pcre(value).groups >= 1)


def _time_format(value: str) -> bool:
    parse_time("", value)
    return True


def _one_of(*values: str) -> Check:
    return lambda value: value.lower() in values


def _integer(value: str) -> bool:
    return re.fullmatch(r"\d+", value) is not None


def _days(value: str) -> bool:
    return _integer(value) and int(value) <= OLDEST_DAYS


_flag = _one_of("true", "false", "1", "0")
_word = re.compile(r"\S+").fullmatch

PROPS: Table = {
    "AUTO_KV_JSON": _flag,
    "CHARSET": _one_of("utf-8"),
    "EVAL-*": _any_text,
    "EVENT_BREAKER": _breaker,
    "EVENT_BREAKER_ENABLE": _flag,
    "EXTRACT-*": _any_text,
    "FIELDALIAS-*": _any_text,
    "KV_MODE": _one_of("none", "auto"),
    "LINE_BREAKER": _breaker,
    "LOOKUP-*": _any_text,
    "MAX_DAYS_AGO": _days,
    "MAX_DAYS_HENCE": _days,
    "MAX_TIMESTAMP_LOOKAHEAD": _integer,
    "REPORT-*": _any_text,
    "SHOULD_LINEMERGE": _one_of("false", "0"),
    "TIME_FORMAT": _time_format,
    "TIME_PREFIX": _pattern,
    "TRUNCATE": _integer,
    "TZ": _one_of("utc"),
    "category": _any_text,
    "description": _any_text,
    "pulldown_type": _flag,
    "sourcetype": lambda value: bool(_word(value)),
}
TRANSFORMS: Table = {
    "CLEAN_KEYS": _flag,
    "FORMAT": _any_text,
    "KEEP_EMPTY_VALS": _flag,
    "MV_ADD": _flag,
    "REGEX": _pattern,
    "SOURCE_KEY": lambda value: bool(_word(value)),
    "case_sensitive_match": _flag,
    "default_match": _any_text,
    "filename": lambda value: re.fullmatch(r"[\w.-]+\.csv", value) is not None,
    "max_matches": _integer,
    "min_matches": _integer,
}
EVENTTYPES: Table = {
    "color": _any_text,
    "description": _any_text,
    "disabled": _flag,
    "priority": _integer,
    "search": _any_text,
}
TAGS: Table = {"*": _one_of("enabled", "disabled")}
MACROS: Table = {"args": _any_text, "definition": _any_text, "description": _any_text, "iseval": _flag}
SAVEDSEARCHES: Table = {
    "cron_schedule": _any_text,
    "description": _any_text,
    "disabled": _flag,
    "dispatch.earliest_time": _any_text,
    "dispatch.latest_time": _any_text,
    "display.*": _any_text,
    "enableSched": _flag,
    "is_visible": _flag,
    "request.ui_dispatch_app": _any_text,
    "request.ui_dispatch_view": _any_text,
    "search": _any_text,
}


def check(attributes: Mapping[str, str], table: Table, place: Place) -> None:
    """Raises KnowledgeError for the first attribute the table does not know or whose value it does not accept."""
    for attribute, value in attributes.items():
        test = _check_of(attribute, table)
        if test is None:
            raise place.at(attribute).error("unknown attribute")
        try:
            accepted = test(value)
        except KnowledgeError as error:
            raise place.at(attribute).error(str(error)) from error
        if not accepted:
            raise place.at(attribute).error(f"does not accept {value!r}")


def _check_of(attribute: str, table: Table) -> Optional[Check]:
    if attribute in table:
        return table[attribute]
    families = (name for name in table if name.endswith("*") and attribute.startswith(name[:-1]))
    return next((table[name] for name in families if len(attribute) > len(name) - 1), None)


def is_on(attributes: Mapping[str, str], attribute: str, default: bool) -> bool:
    return attributes.get(attribute, "1" if default else "0").lower() in ("true", "1")
