"""The tab of file integrity: what a person can set for its three metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..populator import fim_query
from .field import LINES, Field, number_field
from .metric_fields import not_allowed


def _of(metric: str, label: str, what: str, example: str, forbidden: Mapping[str, str]) -> tuple[Field, ...]:
    """The settings of one metric; their names are those of the vendor's add-on."""
    return (
        Field(
            f"{metric}_extra_params",
            f"Extra query: {label}",
            f"In the query language of Qualys, for example {example}. Only {what} that it matches too are pulled. Not "
            "allowed:" + not_allowed(forbidden),
            LINES,
            check=partial(fim_query.parse_query, forbidden=forbidden),
            empty={},
        ),
        number_field(
            f"{metric}_page_size", f"Per page: {label}", f"How many {what} one answer holds.", "1000", 1, 1000
        ),
    )


FIM_FIELDS = (
    *_of("fim_events", "events", "events", "severity: 5 AND action: Delete", fim_query.EVENTS),
    *_of("fim_ignored_events", "ignored events", "ignored events", "platform: WINDOWS", fim_query.EVENTS),
    *_of("fim_incidents", "incidents", "incidents", "changeType: MANUAL", fim_query.INCIDENTS),
)
