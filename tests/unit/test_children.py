"""Pages converted by processes of their own: as if this one did it, and by this one where those fail."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Optional

import pytest

from qualys_ta.errors import AuthError, ConfigError, Ended, Refused, TaError, TryLater
from qualys_ta.model import knows_nothing
from qualys_ta.populator.knowledge_tables import KEPT
from qualys_ta.records import Unread
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from qualys_ta.spool import Asked, Spooled, batches, spool_path
from qualys_ta.work import children as work
from qualys_ta.work.child import told_task
from qualys_ta.work.children import DOOR, Children
from qualys_ta.work.conversion import Converter, Recipe, knowledge_of
from qualys_ta.xmlpage import Noted
from support.core import PACKAGE, answer, detection, events, host, inspected
from support.pulls import ListLog, fleet, recipe, unrendered
from support.vulns import row

DOOR_PATH = PACKAGE / "bin" / DOOR
GOLDEN = Path(__file__).parents[1] / "golden" / "host_detection"
ROOM = 1 << 30
DEADLINE_S = 60.0


def page(folder: Path, body: bytes, name: str = "page.xml") -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


def children(ours: Optional[Recipe] = None, door: Path = DOOR_PATH, count: int = 2, large: int = 0) -> Children:
    ours = ours or recipe()
    return Children(ours, Converter(ours, knows_nothing), door, count, ListLog(), large)


def lines(parent: Children) -> list[str]:
    assert isinstance(parent.log, ListLog)
    return parent.log.lines


DOOR_HEAD = """
import json, os, sys
task = json.loads(sys.stdin.readline())
answer = json.dumps({"told": {}, "bad": 0, "first_bad": "", "size": 1})
"""


def door(folder: Path, script: str) -> Path:
    """A process of another kind in the place of ours; `task` is what it was told, `answer` what one of ours may say."""
    path = folder / "door.py"
    path.write_text(f"{DOOR_HEAD}\n{script}\n", encoding="utf-8")
    return path


@pytest.fixture
def only_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process converts nothing."""

    def fails(*_: object) -> Spooled:
        raise AssertionError("this process converted the page")

    monkeypatch.setattr(Converter, "convert", fails)


def by_hand(path: Path, ours: Recipe, noted: Optional[Noted] = None) -> tuple[Spooled, bytes]:
    """What this process makes of the page."""
    with knowledge_of(ours.store, ListLog()) as knowledge:
        spooled = Converter(ours, knowledge).convert(path, noted, ROOM)
    data = spool_path(path).read_bytes()
    spool_path(path).unlink()
    return spooled, data


@pytest.mark.parametrize("case", ["all_fields", "dirt", "enriched", "hostile_text", "summary_qids"])
def test_a_child_makes_the_same_of_a_page(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = GOLDEN / f"{case}.settings.json"
    chosen = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    ours = recipe(**chosen)
    if case == "enriched":
        ours = Recipe(ours.metric, ours.settings, ours.since, ours.form, str(store(tmp_path)))
    body = (GOLDEN / f"{case}.xml").read_bytes()
    path, noted = page(tmp_path, body), inspected(body).noted
    expected = by_hand(path, ours, noted)
    assert expected[1]
    parent = children(ours)
    monkeypatch.setattr(Converter, "convert", None)
    assert (parent.convert(path, noted, ROOM), spool_path(path).read_bytes()) == expected
    if case == "enriched":
        assert b"Acme Server" in expected[1]


def store(folder: Path) -> Path:
    known = json.loads((GOLDEN / "enriched.knowledge.json").read_text(encoding="utf-8"))
    path = folder / "kb.db"
    with closing(KnowledgeStore(path, KEPT)) as kept:
        kept.put([row(qid, **columns) for qid, columns in known.items()])
        kept.commit()
    return path


@pytest.mark.usefixtures("only_children")
def test_what_is_said_around_the_records_and_what_was_left_out_come_over(tmp_path: Path) -> None:
    body = answer(host("x"), host(2, NETBIOS="é"), host(""))
    spooled = children().convert(page(tmp_path, body), None, ROOM)
    assert spooled.told == inspected(body).told
    assert (spooled.bad, spooled.first_bad) == (2, "a HOST whose ID is 'x', not a number")
    assert spooled.size == (tmp_path / "page.xml.events").stat().st_size


@pytest.mark.parametrize(("count", "large"), [(1, 0), (0, 0), (2, 1 << 20)])
def test_small_pages_and_a_single_worker_need_no_process(tmp_path: Path, count: int, large: int) -> None:
    parent = children(door=tmp_path / "none", count=count, large=large)
    assert parent.convert(page(tmp_path, answer(host(1))), None, ROOM).size
    assert lines(parent) == []


FAILING = {
    "nothing said": "sys.exit(3)",
    "an exception": "raise MemoryError",
    "killed": "os.kill(os.getpid(), 9)",
    "garbage": "sys.stderr.write('Fatal Python error: x\\n\\xff')",
    "a number": "sys.stderr.write('\\n5')",
    "half of it": "sys.stderr.write('\\n{\"told\": {}}')",
    "no text": "sys.stderr.write('\\nnull')",
    "an error nobody knows": 'sys.stderr.write(\'\\n{"error": "Nonsense", "message": "x", "setting": ""}\')',
    "a cut line": 'sys.stderr.write(\'\\n{"told": {"root"\')',
    "part of a spool": "open(task['page'] + '.events', 'w').write('1 - 5\\nxx'); sys.exit(1)",
    "an answer, and no good end": "sys.stderr.write('\\n' + answer); sys.exit(1)",
    "its task not read": "sys.stdin.close(); sys.exit(1)",
}


@pytest.mark.parametrize("kind", FAILING)
def test_where_a_child_fails_this_process_does_it_and_says_so_once(tmp_path: Path, kind: str) -> None:
    started = tmp_path / "started"
    script = f"open({str(started)!r}, 'a').write('x')\n{FAILING[kind]}"
    parent = children(door=door(tmp_path, script))
    path = page(tmp_path, answer(*fleet(5).values()))
    expected = by_hand(path, recipe())
    for _ in range(2):
        assert (parent.convert(path, None, ROOM), spool_path(path).read_bytes()) == expected
    (line,) = lines(parent)
    assert line.startswith("WARNING A process that converts pages ended with code ")
    assert line.endswith("This process converts all pages from now on.")
    assert started.read_text(encoding="utf-8") == "x", "no other one is tried"


@pytest.mark.parametrize("what", ["python", "door"])
def test_where_no_child_can_be_started_this_process_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    parent = children(door=tmp_path / "none" if what == "door" else DOOR_PATH)
    if what == "python":
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    body = answer(*fleet(5).values())
    path = page(tmp_path, body)
    for _ in range(2):
        parent.convert(path, None, ROOM)
    with open(spool_path(path), "rb") as file:
        assert [event for batch in batches(file) for event in unrendered(batch.data)] == events(body)
    (line,) = lines(parent)
    assert ("cannot be started: No such file" if what == "python" else "ended with code 2") in line


def said(kind: str, message: str = "what happened", setting: str = "") -> str:
    told = json.dumps({"error": kind, "message": message, "setting": setting})
    return f"sys.stderr.write('a warning of a library\\n' + {told!r})"


@pytest.mark.usefixtures("only_children")
@pytest.mark.parametrize("kind", [TryLater, Refused, ConfigError, AuthError, Unread])
def test_errors_come_over_as_what_they_are(tmp_path: Path, kind: type[Exception]) -> None:
    parent = children(door=door(tmp_path, said(kind.__name__, setting="temp_quota_mb")))
    with pytest.raises(kind, match=r"^what happened$") as caught:
        parent.convert(page(tmp_path, answer(host(1))), None, ROOM)
    assert type(caught.value) is kind
    if isinstance(caught.value, ConfigError):
        assert caught.value.setting == "temp_quota_mb"
    assert lines(parent) == []


@pytest.mark.usefixtures("only_children")
def test_a_real_child_tells_its_errors(tmp_path: Path) -> None:
    parent, body = children(), answer(*fleet(3).values())
    with pytest.raises(Unread):
        parent.convert(page(tmp_path, body[:-9]), None, ROOM)
    with pytest.raises(ConfigError, match="do not fit") as caught:
        parent.convert(page(tmp_path, body), None, 10)
    assert caught.value.setting == "temp_quota_mb"
    with pytest.raises(TryLater, match="changed after"):
        parent.convert(page(tmp_path, body[:-9]), Noted(), ROOM)
    assert not spool_path(tmp_path / "page.xml").exists()
    assert parent.convert(page(tmp_path, body), None, ROOM).size
    assert lines(parent) == []


def test_a_knowledge_base_that_a_child_cannot_read_is_left_to_this_process(tmp_path: Path) -> None:
    """It was there when the pull began; this process reads on, or says that it cannot."""
    usual = recipe(enrich_detections="1")
    ours = Recipe(usual.metric, usual.settings, usual.since, usual.form, str(tmp_path / "gone.db"))
    parent = children(ours)
    assert parent.convert(page(tmp_path, answer(host(1, detections=[detection()]))), None, ROOM).size
    (line,) = lines(parent)
    assert "There is no knowledge base of this account" in line


class Stuck:
    """A page that never ends: a pipe that a child waits at."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._ends: list[int] = []

    def reached(self) -> None:
        """Returns once somebody reads it."""
        opening = threading.Thread(target=lambda: self._ends.append(os.open(self.path, os.O_WRONLY)), daemon=True)
        opening.start()
        opening.join(DEADLINE_S)
        assert self._ends, "nobody opened the page"

    def close(self) -> None:
        for end in self._ends:
            os.close(end)


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Stuck]:
    with closing(Stuck(tmp_path / "stuck.xml")) as made:
        yield made


def test_a_child_ends_when_its_parent_has_gone(stuck: Stuck) -> None:
    """Its standard input closes, however the parent ended; nothing else tells it."""
    task = told_task(recipe(), stuck.path, None, ROOM, Asked())
    with subprocess.Popen(
        [sys.executable, str(DOOR_PATH)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin
        assert child.stderr
        child.stdin.write(json.dumps(task).encode() + b"\n")
        child.stdin.flush()
        stuck.reached()
        assert child.poll() is None
        child.stdin.close()
        try:
            assert child.wait(DEADLINE_S) == 1
        finally:
            child.kill()
        assert child.stderr.read() == b""


PARENT = """
import sys
from pathlib import Path
from support.pulls import recipe, ListLog
from qualys_ta.model import knows_nothing
from qualys_ta.work.children import Children
from qualys_ta.work.conversion import Converter
ours = recipe()
door, page = map(Path, sys.argv[1:])
Children(ours, Converter(ours, knows_nothing), door, 2, ListLog(), 0).convert(page, None, 1 << 30)
"""


def test_a_parent_that_is_killed_takes_its_child_along(stuck: Stuck, tmp_path: Path) -> None:
    """A pipe that only the child holds closes when the child ends."""
    holds = tmp_path / "door.py"
    holds.write_text(
        f"import os, runpy, sys\nsys.path.insert(0, {str(PACKAGE / 'bin')!r})\n"
        f"os.open({str(tmp_path / 'alive')!r}, os.O_WRONLY)\nrunpy.run_path({str(DOOR_PATH)!r}, run_name='__main__')\n",
        encoding="utf-8",
    )
    os.mkfifo(tmp_path / "alive")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", PARENT, str(holds), str(stuck.path)], env=environ) as parent:
        ended: list[bytes] = []
        alive = threading.Thread(target=lambda: ended.append((tmp_path / "alive").read_bytes()), daemon=True)
        alive.start()
        stuck.reached()
        assert not ended
        parent.kill()
    alive.join(DEADLINE_S)
    assert ended == [b""], "the child lives on"


def test_close_ends_the_children_that_still_work(stuck: Stuck) -> None:
    parent, met = children(), []

    def convert() -> None:
        try:
            parent.convert(stuck.path, None, ROOM)
        except TaError as error:
            met.append(error)

    waiting = threading.Thread(target=convert, daemon=True)
    waiting.start()
    stuck.reached()
    parent.close()
    waiting.join(DEADLINE_S)
    assert [type(error) for error in met] == [Ended]
    assert lines(parent) == [], "that it ended is what was wanted"
    assert not spool_path(stuck.path).exists()


class FakeChild:
    """A process that ends when another one is at work beside it."""

    at_work, most = 0, 0
    lock = threading.Lock()
    meeting = threading.Barrier(3)

    def __init__(self, *_: object, **__: object) -> None:
        with self.lock:
            FakeChild.at_work += 1
            FakeChild.most = max(self.most, self.at_work)
        self.stdin, self.stderr = io.BytesIO(), self

    def read(self) -> bytes:
        self.meeting.wait(DEADLINE_S)
        return b'\n{"told": {}, "bad": 0, "first_bad": "", "size": 1}'

    def kill(self) -> None:
        with self.lock:
            FakeChild.at_work -= 1

    def wait(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.usefixtures("only_children")
def test_so_many_pages_at_a_time_as_there_are_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work.subprocess, "Popen", FakeChild)
    parent, path = children(count=3), page(tmp_path, answer(host(1)))
    found: list[Spooled] = []

    def convert() -> None:
        found.append(parent.convert(path, None, ROOM))

    lanes = [threading.Thread(target=convert, daemon=True) for _ in range(9)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join(DEADLINE_S)
    assert len(found) == 9
    assert (FakeChild.most, FakeChild.at_work) == (3, 0)


def test_a_child_is_told_a_page_and_a_recipe_and_nothing_else(tmp_path: Path) -> None:
    """Its arguments, its environment but for ours, and its standard input: no account, no key, no address."""
    told = tmp_path / "told"
    script = f"json.dump([sys.argv, dict(os.environ), task, sys.stdin.isatty()], open({str(told)!r}, 'w'))\nsys.exit(1)"
    parent = children(door=door(tmp_path, script))
    parent.convert(page(tmp_path, answer(host(1))), Noted(False, frozenset("ba")), 99_999)
    arguments, environ, task, _ = json.loads(told.read_text(encoding="utf-8"))
    assert arguments == [str(tmp_path / "door.py")]
    assert {name for name in environ if environ[name] != os.environ.get(name)} <= {"LC_CTYPE", "COLUMNS", "LINES"}
    assert task.keys() == {"recipe", "page", "room", "noted", "asked"}
    assert task["recipe"].keys() == {"metric", "settings", "since", "form", "store", "start", "whole"}
    assert (task["page"], task["room"], task["noted"]) == (str(tmp_path / "page.xml"), 99_999, [False, ["a", "b"]])


LOADED = """
import sys
import qualys_ta.work.child
sys.stdout.write(" ".join(sys.modules))
"""


def test_a_child_loads_nothing_that_could_call_anybody() -> None:
    """It starts for every page; and what converts needs no credentials and no network."""
    environ = {"PYTHONPATH": str(PACKAGE / "bin"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environ, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "qualys_ta.work.conversion" in loaded
    assert loaded.isdisjoint({"requests", "qualys_ta.job", "qualys_ta.api", "qualys_ta.account"})
