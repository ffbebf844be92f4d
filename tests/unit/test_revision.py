"""The stamp changes whenever people save, and only then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qualys_ta.splunk.revision import FILES, revision


@pytest.mark.parametrize("name", FILES)
def test_every_save_changes_it(tmp_path: Path, name: str) -> None:
    app = tmp_path / "TA-QualysCloudPlatform"
    (app / "local").mkdir(parents=True)
    stamps = [revision(app, app.name)]
    for saved_ns in (1_000_000_000, 1_000_000_001):
        (app / "local" / name).write_text("[x]\n", encoding="utf-8")
        os.utime(app / "local" / name, ns=(saved_ns, saved_ns))
        stamps.append(revision(app, app.name))
    assert len(set(stamps)) == 3
    assert revision(app, app.name) == stamps[-1]


def test_input_that_another_app_holds(tmp_path: Path) -> None:
    app, search = tmp_path / "TA-QualysCloudPlatform", tmp_path / "search" / "local"
    search.mkdir(parents=True)
    before = revision(app, "search")
    (search / "inputs.conf").write_text("[x]\n", encoding="utf-8")
    assert revision(app, "search") != before
    assert revision(app, "") == revision(app, app.name)
