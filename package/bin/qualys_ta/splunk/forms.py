"""Where events go to, by name: plain data that can be told to a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ..model import Form
from .seed_form import SeedForm
from .stream import StreamForm

STREAM, SEED = "stream", "seed"
_FORMS: Mapping[str, Callable[..., Form]] = {STREAM: StreamForm, SEED: SeedForm}


def stream_form(stanza: str, sourcetype: str, index: str, host: str) -> dict[str, str]:
    return {"name": STREAM, "stanza": stanza, "sourcetype": sourcetype, "index": index, "host": host}


def form_of(told: Mapping[str, str]) -> Form:
    """The form that ``{"name": …, …}`` describes."""
    params = dict(told)
    return _FORMS[params.pop("name")](**params)
