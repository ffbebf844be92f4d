"""Eval expressions: precedence, nulls, numbers, every function, and what is refused."""

from __future__ import annotations

import pytest

from standins.splunk.search.errors import KnowledgeError, Place
from standins.splunk.search.expression import parse_assignments, parse_expression
from standins.splunk.search.functions import FUNCTIONS, Scope

FIELDS = {"a": "5", "b": "10", "text": "Hello", "many": ["x", "y"], "date": "2018-09-19T02:47:26Z", "dotted.name": "d"}
SCOPE = Scope(FIELDS, now=1_000_000.0)
PLACE = Place("props.conf", "stanza", "EVAL-x")

VALUES = {
    '"QID " . a': "QID 5",
    "a + b": "15",
    'a + "x"': "5x",
    "a - b * 2": "-15",
    "-(a) + 0.5": "-4.5",
    "b / 4": "2.5",
    "b % 4": "2",
    "b / 0": None,
    "missing . a": None,
    "missing + 1": None,
    "'dotted.name'": "d",
    r'"say \"hi\" \d"': r'say "hi" \d',
    'if(a < b, "number", "text")': "number",
    'if("abc" < "abd", 1, 2)': "1",
    'if(a == 5 AND NOT b == 5 OR missing == 1, "yes", "no")': "yes",
    'if(NOT missing == 1, "yes", "no")': "no",
    'if(missing != "1", "yes", "no")': "no",
    'if(a != "6", "yes", "no")': "yes",
    'if(a <= 5 AND a >= 5 AND b > a, "yes", "no")': "yes",
    'if(many == "y", "any", "none")': "any",
    'if(true() AND (false() OR true()), "yes", "no")': "yes",
    'case(a == 1, "one", a == 5, "five", true(), "other")': "five",
    'case(a == 1, "one")': None,
    'coalesce(missing, text, "z")': "Hello",
    'if(isnull(missing), "null", "set")': "null",
    'if(isnotnull(missing), "set", "null")': "null",
    'nullif(text, "Hello")': None,
    'nullif(text, "other")': "Hello",
    "null()": None,
    'if(isnum(a) AND NOT isnum(text) AND NOT isnum(missing), "yes", "no")': "yes",
    "max(a, b, missing, 7.5)": "10",
    "max(missing)": None,
    "mvappend(many, missing, a)": ["x", "y", "5"],
    "mvappend(missing)": None,
    'relative_time(now(), "-1d@d")': "864000",
    'relative_time(1537325246, "@mon")': "1535760000",
    'relative_time(1537325246, "+1mon@d")': "1539907200",
    'relative_time(1537325246, "-1y")': "1505789246",
    'relative_time(1537325246, "-w@h")': "1536717600",
    'relative_time(missing, "-1d")': None,
    "lower(text)": "hello",
    "upper(text)": "HELLO",
    "lower(missing)": None,
    "len(text)": "5",
    'if(match(text, "^H.l+o$"), "yes", "no")': "yes",
    'if(like(text, "H_l%"), "yes", "no")': "yes",
    r'replace(date, "^(\d+)-(\d+).*", "\2/\1")': "09/2018",
    'split("a;b", ";")': ["a", "b"],
    "mvindex(many, 1)": "y",
    "mvindex(many, -2)": "x",
    "mvindex(many, 2)": None,
    "mvcount(many)": "2",
    "mvcount(missing)": None,
    'mvjoin(many, "+")': "x+y",
    "round(2.456, 2)": "2.46",
    "round(2.6)": "3",
    "tonumber(a) + 1": "6",
    "tonumber(text)": None,
    "tostring(a)": "5",
    "tostring(missing)": None,
    'split("a", ";") . "b"': "ab",
    "tostring(1 == 1)": "True",
    'tostring(1234567, "commas")': "1,234,567",
    'tostring(90061, "duration")': "1+01:01:01",
    'tostring(59, "duration")': "00:00:59",
    "now()": "1000000",
    'strptime(date, "%Y-%m-%dT%H:%M:%SZ")': "1537325246",
    'strptime("2018-09-19 02:47:26 +0200", "%F %T %z")': "1537318046",
    'strptime("17.123", "%s.%3N")': "17",
    'strptime("soon", "%Y")': None,
    'strptime("2018-13-41", "%F")': None,
    'strftime(1537325246, "%Y-%m-%d %H:%M:%S")': "2018-09-19 02:47:26",
}

REFUSED = {
    "unheard_of(a)": "unknown function unheard_of",
    "if(a == 1, 2)": "does not take 2 arguments",
    'case(a == 1, "x", "y")': "pairs",
    "a ==": "expected",
    "(a": "expected ')'",
    "a b": "did not expect 'b'",
    "a # b": "cannot read '#'",
    "a == 1": "assigns a condition",
    'if(a, "x", "y")': "where a condition belongs",
    'a LIKE "x%"': "did not expect 'LIKE'",
    "IN + 1": "cannot use 'IN'",
    "lower(many)": "where one value belongs",
    'tostring(5, "hex")': "does not know the style",
    "max(text, 1)": "numbers only",
    'relative_time(1, "yesterday")': "unknown time modifier 'yesterday'",
    'relative_time(1, "-1q")': "unknown time unit q",
    'relative_time(1, "@w0")': "unknown time modifier '@w0'",
    'relative_time(1, "@fortnight")': "unknown time unit @fortnight",
    'relative_time(1582934400, "-1y")': "29 February moved by -1y is no day",
    'strptime(date, "%Q")': "unknown time directive %Q",
    'strftime(1, "%3N")': "milliseconds",
    'match(text, "(")': "not a PCRE pattern",
}


@pytest.mark.parametrize("source", VALUES)
def test_an_expression_has_splunks_value(source: str) -> None:
    assert parse_expression(source, PLACE).value(SCOPE) == VALUES[source]


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_not_known_is_refused(source: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_expression(source, PLACE).value(SCOPE)
    assert REFUSED[source] in str(caught.value)


def test_a_refused_syntax_names_file_stanza_and_attribute() -> None:
    with pytest.raises(KnowledgeError, match=r"^props\.conf: \[stanza\]: EVAL-x: unknown function"):
        parse_expression("unheard_of(a)", PLACE)


def test_every_function_is_tried_here() -> None:
    tried = " ".join(VALUES)
    assert [name for name in FUNCTIONS if f"{name}(" not in tried] == []


def test_an_expression_knows_the_fields_it_reads() -> None:
    expression = parse_expression("coalesce(DNS, lower('odd name')) . \"IP\"", PLACE)
    assert expression.names == {"DNS", "odd name"}


def test_assignments_are_separated_by_commas() -> None:
    assignments = parse_assignments('x = if(a, b, c), "two words" = 1', PLACE)
    assert [name for name, _ in assignments] == ["x", "two words"]


def test_a_time_without_a_zone_is_local_to_the_reader() -> None:
    local = parse_expression('strptime(date, "%Y-%m-%dT%H:%M:%SZ")', PLACE)
    certain = parse_expression('strptime(replace(date, "Z", "+0000"), "%Y-%m-%dT%H:%M:%S%z")', PLACE)
    elsewhere = Scope(FIELDS, utc_offset_s=7200)
    assert local.value(elsewhere) == "1537318046"
    assert certain.value(elsewhere) == "1537325246"


def test_a_day_begins_at_the_readers_midnight() -> None:
    midnight = parse_expression('relative_time(1537325246, "@d")', PLACE)
    assert midnight.value(Scope({}, utc_offset_s=7200)) == str(1537315200 - 7200)
