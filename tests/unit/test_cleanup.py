"""`cleanup.py`: deletes what was left behind in tmp, nothing else, and says what."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qualys_ta.api import pages
from qualys_ta.populator import CLEANUP_FLAGS, METRICS
from qualys_ta.splunk import cleaning, folder
from qualys_ta.splunk.cleanup import main, parser
from qualys_ta.splunk.cleanup_groups import AT_WORK_S, GROUPS, is_at_work
from qualys_ta.splunk.files import locked
from qualys_ta.spool import spool_path
from qualys_ta.work.conversion import GLOSSARY, WAITING
from support.core import PACKAGE
from support.e2e import environment

NAME = "host_detection"
INPUT = f"{NAME}/{NAME}"
STEM = "host_detection_2026-11-20-10-00-00_4711_batch_"
PAGE, SPOOL, ERRORED = f"{STEM}1.xml", f"{STEM}2.xml.events", f"{STEM}3.xml.errored"
OLD = {
    "hd": (
        "host_detection_2024-01-02-03-04-05_Thread-1_4_batch_1.xml",
        "host_ids_2024-01-02-03-04-05_MainThread_4.xml",
    ),
    "kb": ("kb_2024-01-02-03-04-05_MainThread_4_batch_1.xml.errored",),
    "was": ("was_detection_2024-01-02-03-04-05_Thread-2_4_batch_1.xml", "web_app_ids_2024-01-02-03-04-05_x_4.xml"),
    "pc": (
        "policy_2024-01-02-03-04-05_MainThread_4_batch_1.xml",
        "policy_posture_Process-4_Thread-1 (run)_PolicyId_77_batch_1.xml",
    ),
    "pcrs": ("Chunk_2024-01-02_Thread-1_4_.json.errored",),
    "cs": (
        "cs_image_list_2024-01-02-03-04-05_x_4_page_1.json",
        "cs_container_vulns_2024-01-02-03-04-05_x_4_container_ab.json",
    ),
    "edr": ("edr_events_2024-01-02-03-04-05_x_PID_4_Batch_1_page_1.json",),
    "fim": ("fim_incidents_events_list_2024-01-02-03-04-05_x_4.json",),
    "sem": ("sem_detection_2024-01-02-03-04-05_x_4_batch_1.xml",),
    "al": ("activity_log_2024-01-02-03-04-05_x_4_batch_1.xml",),
}
"""The vendor's file names, of a process that cannot be a script: no number but 4 is one of a process."""

FOREIGN = ("2026_11_20_TA-QualysCloudPlatform.seed", "policy.xml", "notes.txt", "host_detection.xml", "kb_1.csv")


class App:
    """An add-on's folder and splunkd's, and the command."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "app"
        self.tmp = self.home / "tmp"
        self.checkpoints = folder / "db" / "modinputs" / "qualys"
        self.checkpoints.mkdir(parents=True)
        self.tmp.mkdir(parents=True)
        self.environ = {"SPLUNK_DB": str(folder / "db"), "SPLUNK_HOME": str(folder)}

    def put(self, *names: str, size: int = 10) -> None:
        for name in names:
            path = self.tmp / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * size)

    def left(self) -> set[str]:
        return {path.relative_to(self.tmp).as_posix() for path in self.tmp.rglob("*") if not path.is_dir()}

    def clean(self, *options: str) -> int:
        return main(options, self.home, self.environ)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def test_every_metric_has_its_option_and_every_option_is_told() -> None:
    assert CLEANUP_FLAGS.keys() == METRICS.keys()
    assert set(CLEANUP_FLAGS.values()) <= {group.flag for group in GROUPS}
    assert (cleaning.PRESERVED_FOLDER, ".errored") == (pages.PRESERVED, pages.ERRORED)
    assert pages.ERRORED in cleaning.ENDINGS


def test_left_over_downloads_go_and_the_table_says_so(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.put(*(f"{INPUT}/{name}" for name in (PAGE, SPOOL, ERRORED)), size=700_000)
    app.put(f"{NAME}.pid", size=5)
    app.put("knowledge_base/kb/page_1.xml", f"{NAME}/other/{PAGE}", f"{INPUT}/keep.me", *FOREIGN)
    assert app.clean("--hd") == 0
    assert app.left() == {"knowledge_base/kb/page_1.xml", f"{INPUT}/keep.me", *FOREIGN}
    assert capsys.readouterr().out.splitlines() == [
        f"Deleted in {app.tmp}:",
        "Input           pages  errored  preserved  PID   MB",
        "host_detection      2        1          0    1  2.1",
        "other               1        0          0    0  0.0",
        "Total               3        1          0    1  2.1",
    ]


@pytest.mark.parametrize(("metric", "flag"), CLEANUP_FLAGS.items())
def test_each_option_cleans_all_that_is_made_of_a_page_of_its_metric(app: App, metric: str, flag: str) -> None:
    page = f"{metric}_2026-11-20-10-00-00_4711_batch_1.xml"
    made = (page, spool_path(Path(page)).name, page + WAITING, page + GLOSSARY, page + pages.ERRORED)
    others = {f"{other}/{other}/{page}" for other in METRICS if CLEANUP_FLAGS[other] != flag}
    app.put(*(f"{metric}/{metric}/{name}" for name in made), *others)
    assert app.clean(f"--{flag}") == 0
    assert app.left() == others


@pytest.mark.parametrize("options", [["--count", "--all"], ["--c"], ["--get-all-cnt", "--d"], ["--count", "--yes"]])
def test_counting_deletes_nothing_and_leaves_no_lock(
    app: App, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    app.put(f"{INPUT}/{PAGE}", f"{INPUT}/preserved/{PAGE}", f"{NAME}.pid", *OLD["was"])
    before = app.left()
    assert app.clean(*options) == 0
    assert app.left() == before
    assert list(app.checkpoints.iterdir()) == []
    told = capsys.readouterr().out
    assert told.splitlines()[-1].split() == ["Total", "3", "0", "1", "1", "0.0"]
    assert ("was_detection" in told) == ("--d" in options)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.flag)
def test_each_option_cleans_the_vendors_files_of_its_own_metric(app: App, group: object) -> None:
    flag, spellings = group.flag, group.spellings  # type: ignore[attr-defined]
    everything = {name for names in OLD.values() for name in names}
    for spelling in spellings:
        app.put(*everything, *FOREIGN)
        assert app.clean(spelling) == 0
        assert app.left() == {*everything - set(OLD.get(flag, ())), *FOREIGN}


def test_all_cleans_everything_but_what_is_not_ours(app: App) -> None:
    app.put(*(name for names in OLD.values() for name in names), *FOREIGN)
    app.put(f"{INPUT}/{PAGE}", "knowledge_base/second/page_2.xml.errored", "forgotten.pid", "unknown/input/page.xml")
    assert app.clean("--d-all") == 0
    assert app.left() == {*FOREIGN, "unknown/input/page.xml"}


def test_a_running_input_keeps_everything(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    files = {f"{INPUT}/{PAGE}", f"{INPUT}/preserved/{PAGE}", f"{NAME}.pid"}
    app.put(*files, f"{NAME}/idle/{PAGE}")
    with locked(app.checkpoints / f"{NAME}.lock") as held:
        assert held
        assert app.clean("--all", "--yes") == 0
    assert app.left() == files
    assert "  host_detection: it is running.\n" in capsys.readouterr().out
    assert app.clean("--all", "--yes") == 0
    assert app.left() == set()


def test_an_input_cannot_start_while_its_files_are_deleted(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.put(f"{INPUT}/{PAGE}")
    unlink, seen = os.unlink, []

    def watched(*args: object, **options: object) -> None:
        with locked(app.checkpoints / f"{NAME}.lock") as held:
            seen.append(held)
        unlink(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "unlink", watched)
    assert app.clean("--hd") == 0
    assert (seen, app.left()) == ([False], set())


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "SPLUNK_HOME is not set"),
        ({"SPLUNK_DB": "/no/such"}, "cannot be read: No such file"),
    ],
)
def test_where_locks_cannot_be_found_no_input_is_touched(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], told: str
) -> None:
    """Not even where the working directory has a folder of that name."""
    monkeypatch.chdir(app.home)
    Path("var/lib/splunk/modinputs/qualys").mkdir(parents=True)
    app.put(f"{INPUT}/{PAGE}", f"{NAME}.pid", *OLD["hd"])
    app.environ = environ
    assert app.clean("--all") == 1
    assert app.left() == {f"{INPUT}/{PAGE}", f"{NAME}.pid"}
    assert told in capsys.readouterr().out


def test_a_lock_that_is_a_link_is_not_believed(app: App, tmp_path: Path) -> None:
    app.put(f"{INPUT}/{PAGE}")
    (app.checkpoints / f"{NAME}.lock").symlink_to(tmp_path / "made_by_root")
    assert app.clean("--hd") == 1
    assert app.left() == {f"{INPUT}/{PAGE}"}
    assert not (tmp_path / "made_by_root").exists()


def test_a_lock_of_the_wrong_user_is_not_made(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input could not open a lock that root made."""
    app.put(f"{INPUT}/{PAGE}")
    monkeypatch.setattr(os, "geteuid", lambda: app.checkpoints.stat().st_uid + 1)
    assert app.clean("--hd") == 1
    assert (app.left(), list(app.checkpoints.iterdir())) == ({f"{INPUT}/{PAGE}"}, [])


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("options", "terminal", "answer", "deleted"),
    [
        (["--hd"], False, "y", False),
        (["--hd"], True, "y", True),
        (["--hd"], True, "", False),
        (["--hd"], True, "no", False),
        (["--hd", "--yes"], False, "", True),
    ],
)
def test_preserved_output_needs_a_yes(
    app: App, monkeypatch: pytest.MonkeyPatch, options: list[str], terminal: bool, answer: str, deleted: bool
) -> None:
    app.put(f"{INPUT}/{PAGE}", f"{INPUT}/preserved/{PAGE}")
    if terminal:
        monkeypatch.setattr(sys, "stdin", Terminal())
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return answer

    assert main(options, app.home, app.environ, ask) == 0
    assert app.left() == (set() if deleted else {f"{INPUT}/preserved/{PAGE}"})
    assert asked == (["Delete 1 preserved files, too? [y/N] "] if terminal else [])


def test_nobody_at_the_terminal_is_no(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_: str) -> str:
        raise EOFError

    app.put(f"{INPUT}/preserved/{PAGE}")
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["--all"], app.home, app.environ, ended) == 0
    assert app.left() == {f"{INPUT}/preserved/{PAGE}"}


@pytest.mark.parametrize("descriptors", [True, False], ids=["descriptors", "as on Windows"])
@pytest.mark.parametrize("place", [NAME, INPUT, f"{INPUT}/preserved", f"{INPUT}/{PAGE}", "kb_2024_1.xml", "x.pid"])
def test_a_symbolic_link_leads_nowhere(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, descriptors: bool
) -> None:
    """At any level, and the file it leads to has a name that would be deleted."""
    monkeypatch.setattr(folder, "_BY_DESCRIPTOR", descriptors)
    app.put("knowledge_base/kb/page.xml")
    outside = tmp_path / "outside"
    inside = outside / Path(NAME, NAME, "preserved")
    inside.mkdir(parents=True)
    files = {outside / PAGE, outside / NAME / PAGE, inside / PAGE, inside.parent / PAGE}
    for path in files:
        path.write_bytes(b"precious")
    link = app.tmp / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / PAGE if Path(place).suffix else outside)
    assert app.clean("--all", "--yes") == 0
    assert all(path.read_bytes() == b"precious" for path in files)
    assert link.is_symlink()
    assert not (app.tmp / "knowledge_base/kb/page.xml").exists()


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that was opened is the one that is cleaned."""
    app.put(f"{INPUT}/{PAGE}")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / PAGE).write_bytes(b"precious")
    unlink = os.unlink

    def swapped(*args: object, **options: object) -> None:
        (app.tmp / INPUT).rename(tmp_path / "moved")
        (app.tmp / INPUT).symlink_to(outside)
        unlink(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "unlink", swapped)
    assert app.clean("--hd") == 0
    assert (outside / PAGE).exists()
    assert list((tmp_path / "moved").iterdir()) == []


def test_tmp_that_is_a_link_is_refused_and_can_be_named(
    app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.put(f"{INPUT}/{PAGE}", *OLD["hd"], f"{NAME}.pid")
    disk = tmp_path / "disk"
    app.tmp.rename(disk)
    app.tmp.symlink_to(disk)
    assert app.clean("--all") == 1
    assert "name their folder with --folder" in capsys.readouterr().out
    assert (disk / INPUT / PAGE).exists()
    assert app.clean("--all", "--folder", str(app.tmp)) == 0
    assert sorted(path.name for path in disk.rglob("*") if path.is_file()) == sorted((*OLD["hd"], f"{NAME}.pid"))


def test_hostile_names_neither_mislead_nor_break_the_output(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    bad = "kb_1\n\x1b[2JDeleted everything_\udcff.xml"
    app.put(bad, f"{NAME}/a b\n/{PAGE}", f"{NAME}/_reserved/{PAGE}", "\x1b[31m.pid", f"{INPUT}/\n{PAGE}")
    assert app.clean("--all", "--debug") == 0
    assert app.left() == {f"{NAME}/a b\n/{PAGE}", f"{NAME}/_reserved/{PAGE}", "\x1b[31m.pid"}
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\nDeleted everything" not in told
    assert r"kb_1\n\x1b[2JDeleted everything_\udcff.xml" in told


def test_folders_pipes_and_devices_are_no_files(app: App) -> None:
    (app.tmp / INPUT / PAGE).mkdir(parents=True)
    os.mkfifo(app.tmp / "kb_2024-01-02_1_2_batch_1.xml")
    assert app.clean("--all") == 0
    assert app.left() == {"kb_2024-01-02_1_2_batch_1.xml"}


def test_a_file_that_cannot_be_deleted_is_told_and_the_others_go(app: App) -> None:
    """As a user who must obey permissions: root, which CI is, need not."""
    app.put(f"{INPUT}/{PAGE}", f"{NAME}/other/{PAGE}", f"{NAME}/secret/{PAGE}")
    (app.tmp / INPUT).chmod(0o500)
    (app.tmp / NAME / "secret").chmod(0)
    done = subprocess.run(
        [sys.executable, str(PACKAGE / "bin" / "cleanup.py"), "--help"],
        capture_output=True,
        check=True,
        env={},
        cwd="/",
    )
    assert b"--d-hd-xml" in done.stdout
    command = "import sys; from pathlib import Path; from qualys_ta.splunk.cleanup import main; import os; "
    command += "sys.exit(main(['--all'], Path(sys.argv[1]), os.environ))"
    puppet = environment({"humble": True})
    path = os.pathsep.join((puppet["PYTHONPATH"], str(PACKAGE / "bin")))
    run = subprocess.run(
        [sys.executable, "-B", "-c", command, str(app.home)],
        capture_output=True,
        text=True,
        check=False,
        env={**app.environ, **puppet, "PYTHONPATH": path},
    )
    for name in (INPUT, f"{NAME}/secret"):
        (app.tmp / name).chmod(0o700)
    assert (run.returncode, run.stderr) == (1, "")
    assert app.left() == {f"{INPUT}/{PAGE}", f"{NAME}/secret/{PAGE}"}
    assert f"'{PAGE}': Permission denied." in run.stdout
    assert f"'{NAME}/secret': Permission denied." in run.stdout


def test_nothing_there_is_no_error(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.clean("--all") == 0
    assert capsys.readouterr().out == f"Deleted nothing in {app.tmp}.\n"
    app.tmp.rmdir()
    assert app.clean("--all") == 0
    assert capsys.readouterr().out == "Nothing to clean: there is no folder tmp.\n"


@pytest.mark.parametrize("options", [[], ["--yes"], ["--everything"], ["--ho"], ["--hd", "was"]])
def test_wrong_options_are_told(app: App, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    app.put(f"{INPUT}/{PAGE}")
    with pytest.raises(SystemExit) as ended:
        app.clean(*options)
    assert ended.value.code == 2
    assert "usage: splunk cmd python bin/cleanup.py" in capsys.readouterr().err
    assert app.left() == {f"{INPUT}/{PAGE}"}


@pytest.mark.parametrize(
    ("words", "used"),
    [
        (b"python3\0/opt/splunk/etc/apps/TA-QualysCloudPlatform/bin/qualys.py\0", True),
        (b"python3\0./run.py\0-k\0", True),
        (b"python3\0/usr/bin/another.py\0", False),
        (b"", False),
    ],
)
def test_a_vendors_file_is_used_while_its_process_lives(tmp_path: Path, words: bytes, used: bool) -> None:
    for pid in ("self", "4711"):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "cmdline").write_bytes(words)
    for name in ("kb_2024-01-02-03-04-05_MainThread_4711_batch_1.xml", "policy_posture_Process-4711_Thread-1_x.xml"):
        assert is_at_work(name, 0.0, 0.0, tmp_path) is used
    assert not is_at_work("kb_2024-01-02-03-04-05_MainThread_4712_batch_1.xml", 0.0, 0.0, tmp_path)


def test_where_no_command_line_is_told_the_age_decides(tmp_path: Path) -> None:
    now = time.time()
    assert is_at_work("kb_1_batch_1.xml", now - AT_WORK_S / 2, now, tmp_path)
    assert not is_at_work("kb_1_batch_1.xml", now - AT_WORK_S * 2, now, tmp_path)


def test_the_page_for_people_names_every_option() -> None:
    page = (PACKAGE.parent / "docs" / "cleanup.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(--[a-z]+)` \| (?:`(--[a-z-]+)`)?(?:, `(--[a-z-]+)`)?", page, re.MULTILINE)
    known = [spelling for action in parser()._actions for spelling in action.option_strings if spelling != "-h"]
    assert sorted(filter(None, (spelling for row in told for spelling in row))) == sorted(known)
