"""docs/diagnosis.md names every line and every option of the diagnosis, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

from qualys_ta.diagnosis import STAGES, Diagnosis
from qualys_ta.splunk import console

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")


def test_every_line_is_explained_in_its_order() -> None:
    diagnosis = Diagnosis(str, lambda: None, Path(), {})  # type: ignore[arg-type, return-value]
    nothing_works = ["session", "settings"]
    labels = [line.label for stage in ("login", "server") for line in diagnosis.run(stage, [*nothing_works, "tls"])]
    way = [line.label for line in diagnosis.run("way", ())]
    table = PAGE.partition("## What is looked at")[2].partition("\n## ")[0]
    assert re.findall(r"(?m)^\| ([^|]+?) \|", table)[1:] == [*way, *labels]
    assert list(STAGES) == ["way", "login", "server"]


def test_every_option_is_explained() -> None:
    options = re.findall(r'"(--[a-z-]+)"', Path(console.__file__).read_text(encoding="utf-8"))
    assert options
    assert [option for option in options if f"| `{option}" not in PAGE] == []
    assert set(re.findall(r"`(--[a-z-]+)", PAGE)) == set(options)


def test_what_it_names_is_there() -> None:
    assert "bin/diagnose.py" in PAGE
    assert (ROOT / "package" / "bin" / "diagnose.py").is_file()
    assert console.SPLUNKD in PAGE
