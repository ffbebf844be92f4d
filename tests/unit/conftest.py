"""A small platform and a client of it, for the tests of the Qualys stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from support.qualys import Client


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=3, findings=4) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected
