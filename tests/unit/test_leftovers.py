"""Files of the vendor's add-on are named, once, and never touched."""

from __future__ import annotations

from pathlib import Path

from qualys_ta.splunk.leftovers import NAMES, warning
from support.core import PACKAGE


def test_clean_app_says_nothing(tmp_path: Path) -> None:
    assert warning(tmp_path) == ""
    assert warning(PACKAGE) == "", "none of ours passes for one of theirs"


def test_every_leftover_is_named_in_one_line(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    line = warning(tmp_path)
    assert all(name in line for name in NAMES)
    assert "\n" not in line
    assert all((tmp_path / name).exists() for name in NAMES)
