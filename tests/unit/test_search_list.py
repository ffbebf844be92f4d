"""What a person may say to bin/search_list.py, and what is asked and told then."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.errors import AuthError, ConfigError, Refused, TryLater
from qualys_ta.populator import search_list
from qualys_ta.splunk import search_list_console, search_list_options
from qualys_ta.splunk.search_list_options import ACTIONS, params, parser
from standins.qualys.search_lists.criteria import CHANGE
from support.doc_pages import text

OPTIONS = ("--title", "Tickets", "--global", "--comments", "JIRA")
WHITEPAPER = ("create", *OPTIONS, "--confirmed-severities", "4,5", "--patch-available", "1")
SENT = {
    "title": "Tickets",
    "global": "1",
    "comments": "JIRA",
    "confirmed_severities": "4,5",
    "patch_available": "1",
}


def asked(*argv: str) -> dict[str, str]:
    return params(parser().parse_args(argv))


def test_the_list_of_the_whitepaper() -> None:
    assert asked(*WHITEPAPER) == SENT


def test_each_action_and_its_parameters() -> None:
    assert asked("list") == {}
    assert asked("list", "--ids", "7, 9", "--qids") == {"ids": "7,9", "show_qids": "1"}
    assert asked("update", "--id", "7", "--title", "x") == {"id": "7", "title": "x"}
    assert asked("update", "--id", "7", "--cvss3-base", "7.5", "--cvss3-base-operand", "1") == {
        "id": "7",
        "cvss3_base": "7.5",
        "cvss3_base_operand": "1",
    }
    assert asked("delete", "--id", "7", "--yes") == asked("delete", "--id", "7", "--dry-run") == {"id": "7"}
    more = asked(
        "create", "--title", "x", "--criterion", "published_date_within_last_days=30", "--criterion", "cpe=a=b"
    )
    assert more == {"title": "x", "published_date_within_last_days": "30", "cpe": "a=b"}


def test_every_criterion_is_an_option_that_the_platform_knows() -> None:
    assert search_list.CRITERIA.keys() <= CHANGE.keys()
    values = {name: value for name in search_list.CRITERIA for value in ("1", "5", "x") if _fits(name, value)}
    for name, value in values.items():
        told = asked("update", "--id", "7", "--title", "x", *_options(name, value))
        assert told[name] == value


def _fits(name: str, value: str) -> bool:
    try:
        return bool(search_list.CRITERIA[name].check(value))
    except ConfigError:
        return False


def _options(name: str, value: str) -> Iterator[str]:
    """A score and its operand go together."""
    pair = {name: value}
    if name in search_list.SCORES:
        pair[f"{name}_operand"] = "1"
    elif name.endswith("_operand"):
        pair[name.removesuffix("_operand")] = "5"
    for each, told in pair.items():
        yield from (f"--{each.replace('_', '-')}", told)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "Say what to do: create, list, update, delete"),
        (("make",), "Say what to do"),
        (("create", "--patch-available", "1"), "A new list needs a --title"),
        (("create", "--title", "x"), "needs a criterion, such as --confirmed-severities 4,5"),
        (("create", "--title", "x", "--cve-ids-filter", "1"), "needs a criterion"),
        (("create", "--title", "ü", "--patch-available", "1"), "256 ASCII characters"),
        (("create", "--title", "x" * 257, "--patch-available", "1"), "256 ASCII characters"),
        (("create", "--title", "x", "--confirmed-severities", "6"), "confirmed_severities: '6' does not look like"),
        (("create", "--title", "x", "--patch-available", "yes"), "patch_available: 'yes' is none of 0, 1"),
        (("create", "--title", "x", "--cvss-base", "7"), "cvss_base and cvss_base_operand go together"),
        (("create", "--title", "x", "--cvss-base", "11", "--cvss-base-operand", "1"), "no score from 0 to 10"),
        (("create", "--title", "x", "--vuln-title", " "), "vuln_title: ' ' is empty"),
        (("create", "--title", "x", "--criterion", "id=7"), "looks like NAME=VALUE"),
        (("create", "--title", "x", "--cpe", "a", "--criterion", "cpe=b"), "cpe is given twice"),
        (("create", "--title", "x", "--cpe", "a", "--id", "7"), "--id means nothing to create"),
        (("update", "--title", "x"), "Which one? Say its --id"),
        (("update", "--id", "7"), "nothing to change"),
        (("update", "--id", "seven", "--title", "x"), "'seven' is no id"),
        (("delete", "--id", "7"), "Deleting cannot be undone: say --yes"),
        (("delete", "--id", "7", "--yes", "--title", "x"), "--title means nothing to delete"),
        (("list", "--dry-run"), "--dry-run means nothing to list"),
        (("list", "--ids", "7-9"), "'7-9' is no id"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_asked(
    argv: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = run(*argv)
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert words in said.err
    assert said.err.count("\n") == 1


class Fake:
    """Lists of nobody; notes what is asked of it."""

    def __init__(self, found: tuple[dict[str, Any], ...] = (), error: Optional[Exception] = None) -> None:
        self.settings = SimpleNamespace(secrets=lambda: ["s3cret"])
        self.found = found
        self.error = error
        self.calls: list[tuple[str, dict[str, str]]] = []

    def listed(self, params: Mapping[str, str], *, static: bool) -> tuple[dict[str, Any], ...]:
        self.calls.append(("static" if static else "list", dict(params)))
        return self.found

    def change(self, action: str, params: Mapping[str, str]) -> SimpleNamespace:
        self.calls.append((action, dict(params)))
        if self.error:
            raise self.error
        return SimpleNamespace(text="It is done", id="381204" if action == "create" else "")


def run(*argv: str, lists: Optional[Fake] = None, token: str = "token", home: str = "") -> tuple[int, Fake]:
    fake = lists or Fake()
    environ = {"SPLUNK_HOME": home} if home else {}
    before = sys.stdin
    sys.stdin = io.StringIO(f"{token}\n")
    try:
        return search_list_console.main(list(argv), environ, lambda *_: fake), fake  # type: ignore[arg-type, return-value]
    finally:
        sys.stdin = before


@pytest.fixture
def home(tmp_path: Path) -> str:
    (tmp_path / "var/log/splunk").mkdir(parents=True)
    return str(tmp_path)


def test_what_a_person_reads(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, fake = run(*WHITEPAPER, home=home)
    assert (code, fake.calls) == (0, [("create", SENT)])
    assert capsys.readouterr().out == (
        'Created 381204 "Tickets" (global=1, comments=JIRA, confirmed_severities=4,5, patch_available=1).\n'
        "To pull its findings only, enter its id on the tab VM: Search lists to include.\n"
    )
    assert run("update", "--id", "7", "--potential-severities", "5", home=home)[0] == 0
    assert capsys.readouterr().out == "Changed 7 (potential_severities=5).\n"
    assert run("delete", "--id", "7", "--yes", home=home)[0] == 0
    assert capsys.readouterr().out == "Deleted 7.\n"
    log = Path(home, "var/log/splunk/ta_QualysCloudPlatform.log").read_text(encoding="utf-8")
    assert re.findall(r"INFO: (\w+) in Qualys by \S+: search list (\S+)", log) == [
        ("Created", "381204"),
        ("Changed", "7"),
        ("Deleted", "7."),
    ]


def test_a_dry_run_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    code, fake = run(*WHITEPAPER, "--dry-run")
    assert (code, fake.calls) == (0, [])
    assert capsys.readouterr().out == (
        'Would create a dynamic search list "Tickets" (global=1, comments=JIRA, confirmed_severities=4,5, '
        "patch_available=1).\n"
    )
    run("delete", "--id", "7", "--dry-run")
    assert capsys.readouterr().out == "Would delete the list 7.\n"
    run("update", "--id", "7", "--title", "x", "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["action"], told["dry_run"], told["params"]) == ("update", True, {"id": "7", "title": "x"})


LISTED = fromstring(
    "<DYNAMIC_LIST><ID>7</ID><TITLE>Urgent\x9b</TITLE><GLOBAL>Yes</GLOBAL><OWNER>Ann (acme_ab1)</OWNER>"
    "<CREATED>2024-01-01T00:00:00Z</CREATED><MODIFIED>2024-01-02T00:00:00Z</MODIFIED><QIDS><QID>6</QID><QID>11</QID>"
    "</QIDS><CRITERIA><CONFIRMED_SEVERITY>4,5</CONFIRMED_SEVERITY></CRITERIA></DYNAMIC_LIST>"
)


def test_lists_as_a_table_and_as_json(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = (search_list.told(LISTED),)
    assert run("list", "--qids", home=home, lists=Fake(found))[0] == 0
    head, row, qids = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "Title", "Global", "Modified", "Owner", "Criteria"]
    assert row.split() == ["7", "Urgent", "yes", "2024-01-02T00:00:00Z", "Ann", "(acme_ab1)", "confirmed_severity=4,5"]
    assert qids == "  2 QIDs: 6, 11"
    run("list", "--static", "--json", home=home, lists=Fake(found))
    (told,) = json.loads(capsys.readouterr().out)["lists"]
    assert (told["id"], told["global"], told["criteria"]) == ("7", True, {"confirmed_severity": "4,5"})
    assert run("list", "--static", home=home)[1].calls == [("static", {})]
    assert capsys.readouterr().out == "There are no static search lists that this user sees.\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("x answered: 1905 parameter title has invalid value."), "1905 parameter title has invalid value."),
        (AuthError("The user name s3cret is wrong."), "The user name ****** is wrong."),
        (TryLater("No answer."), "No answer. Whether Qualys did it all the same, the action list tells."),
    ],
    ids=["refused", "login", "no answer"],
)
def test_what_fails_is_one_line(home: str, error: Exception, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, fake = run(*WHITEPAPER, home=home, lists=Fake(error=error))
    said = capsys.readouterr()
    assert (code, said.out, len(fake.calls)) == (1, "", 1)
    assert said.err.endswith(f"{words}\n")


def test_no_token_and_a_token_among_the_arguments(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", home=home, token="")[0] == 2
    assert run("list", "s3ssion", home=home)[0] == 2
    assert run("s3ssion", home=home)[0] == 2
    assert run("list")[0] == 2
    said = capsys.readouterr()
    assert "s3ssion" not in said.out + said.err


def test_the_page_names_every_action_and_every_option() -> None:
    page = text("search_list.md")
    source = Path(search_list_options.__file__).read_text(encoding="utf-8")
    options = [*re.findall(r'"(--[a-z-]+)"', source), *(f"--{name.replace('_', '-')}" for name in search_list.CRITERIA)]
    assert [name for name in (*ACTIONS, *options) if f"`{name}" not in page] == []
