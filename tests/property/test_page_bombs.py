"""Pages made to cost far more than their size: read or refused, within little memory and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.bombs import BOMBS, OTHER_BOMBS
from support.feed_bombs import ENTITIES, FEED_BOMBS, TOO_LONG, WITHOUT_BOTTOM

SUPPORT = Path(__file__).resolve().parents[1] / "support"
MEMORY_MB = 200
"""Above what Python and the add-on's modules have; the pages themselves, up to 16 MB, are part of it."""
MOST_S = 20.0
REFUSED = ("billion laughs", "one long entity, often", "parameter entities", "undeclared entities", *ENTITIES)


@pytest.fixture(scope="module")
def exploded() -> list[dict[str, Any]]:
    """All of them in one process, whose memory is limited: an allocation beyond it ends it with an error."""
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, str(SUPPORT / "bombs.py"), str(MEMORY_MB)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_bomb_is_survived_within_its_memory_and_time(exploded: list[dict[str, Any]]) -> None:
    assert [told["bomb"] for told in exploded] == [
        name for name in (*BOMBS, *OTHER_BOMBS, *FEED_BOMBS) for _ in range(2)
    ]
    assert [told for told in exploded if told["seconds"] > MOST_S] == []


def test_entities_are_refused_before_they_grow(exploded: list[dict[str, Any]]) -> None:
    said = {told["said"] for told in exploded if told["bomb"] in REFUSED}
    assert said == {"Refused", "unread"}


def test_a_record_that_is_too_deep_or_too_long_stops_no_page(exploded: list[dict[str, Any]]) -> None:
    assert {told["said"] for told in exploded if told["bomb"] in {**WITHOUT_BOTTOM, **TOO_LONG}} == {"read"}
