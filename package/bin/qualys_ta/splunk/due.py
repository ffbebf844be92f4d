"""Whether an input is due: from its parameters and its state file alone, without any network."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from . import schedule, state
from .invocation import Invocation, Stanza
from .revision import revision


def is_due(known: state.State, invocation: Invocation, stanza: Stanza, app_home: Path, now: float) -> bool:
    """Raises ConfigError for a schedule that cannot be read."""
    if state.asked(invocation.checkpoint_dir, stanza.name):
        return True
    when = schedule.parse(stanza.params.get("duration"))
    saved = revision(app_home, stanza.app) if known.outcome == state.HELD else ""
    return known.is_due(when, now, saved, datetime.fromtimestamp)
