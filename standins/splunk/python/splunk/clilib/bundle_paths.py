"""splunk.clilib.bundle_paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def make_splunkhome_path(parts: Sequence[str]) -> str:
    """The path below SPLUNK_HOME; ValueError if it leads out of it."""
    home = Path(os.environ["SPLUNK_HOME"]).resolve()
    path = home.joinpath(*parts).resolve()
    if home not in (path, *path.parents):
        raise ValueError(f"illegal escape from SPLUNK_HOME: {path}")
    return str(path)
