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


def any_text(_value: str) -> bool:
    return True


def _pattern(value: str) -> bool:
    return bool(pcre(value))


def _breaker(value: str) -> bool:
    return bool(pcre(value).groups >= 1)


def _time_format(value: str) -> bool:
    parse_time("", value)
    return True


def one_of(*values: str) -> Check:
    return lambda value: value.lower() in values


def integer(value: str) -> bool:
    return re.fullmatch(r"\d+", value) is not None


def _days(value: str) -> bool:
    return integer(value) and int(value) <= OLDEST_DAYS


is_flag = one_of("true", "false", "1", "0")
_word = re.compile(r"\S+").fullmatch

PROPS: Table = {
    "AUTO_KV_JSON": is_flag,
    "CHARSET": one_of("utf-8"),
    "EVAL-*": any_text,
    "EVENT_BREAKER": _breaker,
    "EVENT_BREAKER_ENABLE": is_flag,
    "EXTRACT-*": any_text,
    "FIELDALIAS-*": any_text,
    "KV_MODE": one_of("none", "auto", "json"),
    "LINE_BREAKER": _breaker,
    "LOOKUP-*": any_text,
    "MAX_DAYS_AGO": _days,
    "MAX_DAYS_HENCE": _days,
    "MAX_TIMESTAMP_LOOKAHEAD": integer,
    "REPORT-*": any_text,
    "SHOULD_LINEMERGE": one_of("false", "0"),
    "TIME_FORMAT": _time_format,
    "TIME_PREFIX": _pattern,
    "TRUNCATE": integer,
    "TZ": one_of("utc"),
    "category": any_text,
    "description": any_text,
    "pulldown_type": is_flag,
    "sourcetype": lambda value: bool(_word(value)),
}
TRANSFORMS: Table = {
    "CLEAN_KEYS": is_flag,
    "FORMAT": any_text,
    "KEEP_EMPTY_VALS": is_flag,
    "MV_ADD": is_flag,
    "REGEX": _pattern,
    "SOURCE_KEY": lambda value: bool(_word(value)),
    "case_sensitive_match": is_flag,
    "default_match": any_text,
    "filename": lambda value: re.fullmatch(r"[\w.-]+\.csv", value) is not None,
    "max_matches": integer,
    "min_matches": integer,
}
EVENTTYPES: Table = {
    "color": any_text,
    "description": any_text,
    "disabled": is_flag,
    "priority": integer,
    "search": any_text,
}
TAGS: Table = {"*": one_of("enabled", "disabled")}
MACROS: Table = {"args": any_text, "definition": any_text, "description": any_text, "iseval": is_flag}
SAVEDSEARCHES: Table = {
    "cron_schedule": any_text,
    "description": any_text,
    "disabled": is_flag,
    "dispatch.earliest_time": any_text,
    "dispatch.latest_time": any_text,
    "display.*": any_text,
    "enableSched": is_flag,
    "is_visible": is_flag,
    "request.ui_dispatch_app": any_text,
    "request.ui_dispatch_view": any_text,
    "search": any_text,
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
