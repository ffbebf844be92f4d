"""Small apps and indexed events for tests of Splunk's search-time knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SOURCETYPE = "qualys:hostDetection"


def write_app(folder: Path, lookups: Mapping[str, str] | None = None, **confs: str) -> Path:
    """An app folder whose default/<name>.conf hold the given texts."""
    for name, text in confs.items():
        path = folder / "default" / f"{name}.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, text in (lookups or {}).items():
        path = folder / "lookups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def event_row(raw: str, **metadata: Any) -> dict[str, Any]:
    """One row as the stand-in's index returns it."""
    row = {
        "time": 0.0,
        "index": "main",
        "host": "h",
        "source": "qualys",
        "sourcetype": SOURCETYPE,
        "stanza": "qualys://x",
    }
    return {**row, "raw": raw, **metadata}
