"""What an input remembers: due rules, atomic files, damaged files, and what a person asked."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import ConfigError
from qualys_ta.model import Request, Window
from qualys_ta.splunk import state
from qualys_ta.splunk.checkpoint import Checkpoint
from qualys_ta.splunk.described import describe
from qualys_ta.splunk.due import must_mend
from qualys_ta.splunk.schedule import parse
from qualys_ta.splunk.state import State
from support.core import PACKAGE

NAME = "host_detection"
NOW = 1_714_557_600.0
HOURLY = parse("1h")


def utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None)


def due(known: State, now: float, revision: str = "1") -> bool:
    return known.is_due(HOURLY, now, revision, utc)


def full_state() -> State:
    window = Window(
        "2024-01-01T00:00:00Z", "abc", until="2024-05-01T09:50:00Z", next=Request("/p", {"id_min": "7"}), pages=3
    )
    known = State(first_seen=NOW - 60).started(NOW).later("busy", NOW, 120)
    return known.with_checkpoint("acme 1/1", Checkpoint("2024-01-01T00:00:00Z", window))


def test_killed_run_is_due_at_the_next_tick() -> None:
    assert due(State().started(NOW), NOW + 1)


def test_closed_run_is_due_by_its_schedule() -> None:
    closed = State().started(NOW).closed()
    assert not due(closed, NOW + 3599)
    assert due(closed, NOW + 3600)


def test_failed_run_backs_off_and_success_forgets() -> None:
    known, waits = State(), []
    for _ in range(8):
        known = known.started(NOW).later("busy", NOW, None)
        waits.append((known.retry_at - NOW) / 60)
        assert not due(known, known.retry_at - 1)
        assert due(known, known.retry_at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (known.closed().later("busy", NOW, None).retry_at - NOW) / 60 == 1


def test_wait_that_the_platform_named_is_kept_up_to_a_day() -> None:
    assert State().later("rate", NOW, 7200).retry_at == NOW + 7200
    assert State().later("rate", NOW, 1e9).retry_at == NOW + 86_400
    assert State().later("rate", NOW, float("inf")).retry_at == NOW + 86_400


def test_back_off_does_not_outlive_a_clock_that_went_back() -> None:
    assert due(State().started(NOW).later("busy", NOW, 86_400), NOW - 10_000)


def test_held_run_waits_for_a_person() -> None:
    held = State().started(NOW).held("wrong password", "1")
    assert not due(held, NOW + 365 * 86_400)
    assert due(held, NOW + 1, revision="2")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    known = full_state()
    state.save(tmp_path, NAME, known)
    assert state.load(tmp_path, NAME, NOW) == (known, "")
    assert state.state_path(tmp_path, NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.json"]


def test_which_lookups_were_filled_from_which_store_is_kept(tmp_path: Path) -> None:
    known = replace(full_state(), lookups={"qualys_kb.csv": "knowledge_base.acme.db"})
    state.save(tmp_path, NAME, known, backup=True)
    assert state.load(tmp_path, NAME, NOW)[0].lookups == known.started(NOW).closed().lookups == known.lookups


def test_a_state_of_a_version_without_lookups_is_read(tmp_path: Path) -> None:
    path = state.state_path(tmp_path, NAME)
    path.write_text(json.dumps({name: value for name, value in SAVED.items() if name != "lookups"}), encoding="utf-8")
    assert state.load(tmp_path, NAME, NOW) == (full_state(), "")


def test_a_store_is_looked_for_in_the_checkpoint_folder_only(tmp_path: Path) -> None:
    path = state.state_path(tmp_path, NAME)
    path.write_text(json.dumps({**SAVED, "lookups": {"a.csv": "../../etc/passwd"}}), encoding="utf-8")
    assert state.load(tmp_path, NAME, NOW)[0].lookups == {"a.csv": "passwd"}


def test_first_load_remembers_when(tmp_path: Path) -> None:
    assert state.load(tmp_path, NAME, NOW) == (State(first_seen=NOW), "")


DAMAGE = {
    "empty": "",
    "cut": '{"v": 1, "first_se',
    "no object": "[]",
    "null": "null",
    "newer": json.dumps({"v": 2}),
    "binary": "\x00\x01",
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_file_is_set_aside_and_the_backup_used(tmp_path: Path, text: str) -> None:
    closed = full_state().closed()
    state.save(tmp_path, NAME, closed, backup=True)
    state.state_path(tmp_path, NAME).write_text(text, encoding="utf-8")
    found, warning = state.load(tmp_path, NAME, NOW)
    assert found == closed
    assert "the copy of the last closed window is used" in warning
    assert (tmp_path / f"{NAME}.json.unreadable-{int(NOW)}").read_text(encoding="utf-8") == text


def test_a_file_that_somebody_deleted_is_missed_once(tmp_path: Path) -> None:
    """Whoever deletes it wants everything again; nobody shall wonder why it comes."""
    state.save(tmp_path, NAME, full_state().closed(), backup=True)
    state.state_path(tmp_path, NAME).unlink()
    found, warning = state.load(tmp_path, NAME, NOW)
    assert found == State(first_seen=NOW)
    assert warning.startswith(f"The checkpoint {tmp_path / NAME}.json is gone, although the input has run before")
    state.save(tmp_path, NAME, found)
    assert state.load(tmp_path, NAME, NOW) == (found, "")


def test_damaged_file_without_backup_starts_anew(tmp_path: Path) -> None:
    state.state_path(tmp_path, NAME).write_bytes(b"\xff\xfe")
    state.backup_path(tmp_path, NAME).write_text("{}", encoding="utf-8")
    found, warning = state.load(tmp_path, NAME, NOW)
    assert found == State(first_seen=NOW)
    assert "starts again from the start date" in warning


WRONG: dict[str, Any] = {
    "first_seen": "x",
    "last_start": [],
    "retry_at": float("nan"),
    "outcome": "unheard of",
    "attempts": None,
    "checkpoints": {"a": {"since": "yesterday", "open": None}},
    "lookups": ["qualys_kb.csv"],
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_value_counts_as_damage(tmp_path: Path, name: str) -> None:
    state.save(tmp_path, NAME, full_state())
    path = state.state_path(tmp_path, NAME)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), name: WRONG[name]}), encoding="utf-8")
    found, warning = state.load(tmp_path, NAME, NOW)
    assert found == State(first_seen=NOW)
    assert "cannot be read" in warning


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SAVED: dict[str, Any] = json.loads(json.dumps({"v": 1, **state.asdict(full_state())}))


@given(st.dictionaries(st.sampled_from(sorted(SAVED)), JSON, max_size=4), JSON)
def test_no_content_stops_the_input(tmp_path: Path, changed: dict[str, Any], window: Any) -> None:
    checkpoints = {"a": {"since": "", "open": window}}
    text = json.dumps({**SAVED, "checkpoints": checkpoints, **changed})
    state.state_path(tmp_path, NAME).write_text(text, encoding="utf-8")
    assert isinstance(describe(tmp_path, NAME), dict)
    found, _ = state.load(tmp_path, NAME, NOW)
    assert due(found, NOW) in (True, False)
    assert found.later("again", NOW, None).retry_at > NOW


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from qualys_ta.errors import ConfigError
from qualys_ta.splunk import state
from qualys_ta.splunk.checkpoint import Checkpoint
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([]), os.setegid(65534), os.seteuid(65534)
try:
    state.save(Path(), "x", state.State())
except PermissionError:
    print("refused")
try:
    state.ask(Path(), "x", "run_now")
except ConfigError as error:
    print(error)
"""


def test_unwritable_folder(tmp_path: Path) -> None:
    """As an unprivileged user: root, which CI is, may write everywhere."""
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE / "bin"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    tmp_path.chmod(0o755)
    assert done.stdout == "refused\nCannot write to the checkpoint folder .: Permission denied.\n"
    assert list(tmp_path.iterdir()) == []


def test_vendor_checkpoint_is_honored(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"last_run_datetime": "2023-03-04T05:06:07Z"}', encoding="utf-8")
    assert state.vendor_since(tmp_path, NAME) == "2023-03-04T05:06:07Z"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"last_run_datetime": 5}', '{"last_run_datetime": "2023-3-4T5:6:7Z"}']
)
def test_vendor_checkpoint_that_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    assert state.vendor_since(tmp_path, NAME) == ""
    assert state.vendor_since(tmp_path, "another") == ""


def test_wish_waits_until_it_is_answered(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    state.ask(folder, NAME, state.START_AGAIN, "2024-01-01T00:00:00Z")
    assert state.asked(folder, NAME) == state.Ask(state.START_AGAIN, "2024-01-01T00:00:00Z")
    assert state.asked(folder, "another") is None
    wish = state.Ask(state.START_AGAIN, "2024-01-01T00:00:00Z")
    state.answered(folder, NAME, wish)
    state.answered(folder, NAME, wish)
    assert state.asked(folder, NAME) is None


def test_run_now_does_not_take_the_place_of_start_again(tmp_path: Path) -> None:
    state.ask(tmp_path, NAME, state.START_AGAIN, "2024-01-01T00:00:00Z")
    state.ask(tmp_path, NAME, state.RUN_NOW)
    assert state.asked(tmp_path, NAME) == state.Ask(state.START_AGAIN, "2024-01-01T00:00:00Z")


def test_a_wish_that_comes_while_another_is_answered_stays(tmp_path: Path) -> None:
    state.ask(tmp_path, NAME, state.RUN_NOW)
    read = state.asked(tmp_path, NAME)
    assert read is not None
    state.ask(tmp_path, NAME, state.START_AGAIN, "2024-01-01T00:00:00Z")
    state.answered(tmp_path, NAME, read)
    assert state.asked(tmp_path, NAME) == state.Ask(state.START_AGAIN, "2024-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("action", "since"),
    [
        ("erase", ""),
        ("start_again", ""),
        ("start_again", "2024-1-1T00:00:00Z"),
        ("start_again", "2999-01-01T00:00:00Z"),
    ],
)
def test_wish_that_makes_no_sense(tmp_path: Path, action: str, since: str) -> None:
    with pytest.raises(ConfigError):
        state.ask(tmp_path, NAME, action, since)
    assert list(tmp_path.iterdir()) == []


def test_damaged_wish_is_no_wish(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.ask").write_text("{", encoding="utf-8")
    assert state.asked(tmp_path, NAME) is None


def test_checkpoint_folder_follows_splunk(tmp_path: Path) -> None:
    assert state.checkpoint_folder({"SPLUNK_DB": "/db"}) == Path("/db/modinputs/qualys")
    assert state.checkpoint_folder({"SPLUNK_HOME": "/s"}) == Path("/s/var/lib/splunk/modinputs/qualys")


def test_description_for_people(tmp_path: Path) -> None:
    state.save(tmp_path, NAME, full_state())
    state.ask(tmp_path, NAME, state.RUN_NOW)
    shown = describe(tmp_path, NAME)
    assert shown["outcome"] == "later"
    assert shown["asked"] == "run_now"
    assert shown["last_start"] == "2024-05-01T10:00:00Z"
    assert "3 pages written" in shown["checkpoint"]
    assert describe(tmp_path, "unknown")["outcome"] == "never"


def test_lost_lookups_are_mended_at_once_and_after_a_failure_every_ten_minutes(tmp_path: Path) -> None:
    known = state.State(lookups={"qualys_kb.csv": "knowledge_base.acme.db"})
    assert must_mend(known, tmp_path, NOW)
    failed = replace(known, mend_at=NOW + state.MEND_AGAIN_S)
    assert [must_mend(failed, tmp_path, NOW + later) for later in (1, 599, 600)] == [False, False, True]
    assert must_mend(failed, tmp_path, NOW - 3600), "a clock that was set back does not put it off"
    assert not must_mend(state.State(), tmp_path, NOW)
