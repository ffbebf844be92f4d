"""What a page shows of an input's state."""

from __future__ import annotations

from pathlib import Path

from ..times import utc
from . import state
from .checkpoint import Checkpoint


def describe(folder: Path, name: str) -> dict[str, str]:
    """What a page shows of an input: flat text, times in UTC, "" for what is not known."""
    try:
        known = state.read(state.state_path(folder, name))
    except FileNotFoundError:
        known = state.State()
    except (OSError, *state.DAMAGED) as error:
        known = state.State(message=f"The checkpoint cannot be read: {error}")
    shown = {
        "name": name,
        "outcome": known.outcome,
        "message": known.message,
        "last_start": utc(known.last_start),
        "retry_at": utc(known.retry_at) if known.outcome == state.LATER else "",
        "asked": getattr(state.asked(folder, name), "action", ""),
    }
    lines = [_describe_checkpoint(key, checkpoint) for key, checkpoint in sorted(known.checkpoints.items())]
    return {**shown, "checkpoint": "; ".join(lines)}


def _describe_checkpoint(key: str, checkpoint: Checkpoint) -> str:
    line = f"{key.removesuffix(' 1/1')}: pulled up to {checkpoint.since or 'nothing yet'}"
    window = checkpoint.open
    if window is None:
        return line
    kind = "full resync" if window.resync else "open"
    estimate = f" ({window.estimate})" if window.estimate else ""
    return f"{line}; {kind} since {window.since}, {window.pages} pages written{estimate}"
