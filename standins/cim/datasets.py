"""Whether an event is in a dataset of the CIM, and what it lacks there, by the models' own lists (see `NOTICE.txt`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standins.cim import value_faults
from standins.splunk.search.conditions import Condition, parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.values import Fields, values_of

MODELS = ("Change", "Compute_Inventory", "Endpoint", "Ticket_Management", "Vulnerabilities")
TAG = "tag"


@dataclass(frozen=True)
class Dataset:
    """With the fields and the constraints of those that it is part of."""

    name: str
    fields: tuple[Mapping[str, Any], ...]
    constraints: tuple[Condition, ...]

    def holds(self, event: Fields) -> bool:
        """`event` has its fields, its eventtypes and its tags."""
        return all(condition.holds(event) for condition in self.constraints)

    def faults(self, event: Fields) -> Iterator[str]:
        """Required fields that are missing, those that a value of the event requires, and values that may not be."""
        for field in self.fields:
            if field["name"] == TAG:
                continue
            values = values_of(event, field["name"])
            if values:
                yield from value_faults(field, [*values], "".join(values_of(event, TAG)[:1]))
            elif field["type"] == "required" or _is_asked_for(field, event):
                yield f"{field['name']} is missing"


def dataset(model: str, name: str) -> Dataset:
    """One of the datasets of one of `MODELS`."""
    objects = json.loads(Path(__file__).with_name(f"{model}.json").read_text("utf-8"))["objects"]
    return next(found for found in _below(objects, (), ()) if found.name == name)


def _below(
    objects: list[dict[str, Any]], fields: tuple[Mapping[str, Any], ...], constraints: tuple[Condition, ...]
) -> Iterator[Dataset]:
    for told in objects:
        own = Dataset(
            told["name"],
            (*fields, *told["fields"]),
            (*constraints, parse_condition(_search(told), Place("cim", told["name"]))),
        )
        yield own
        yield from _below(told["child_dataset"], own.fields, own.constraints)


def _search(told: Mapping[str, Any]) -> str:
    """What follows a pipe only makes fields."""
    return str(told["search_constraints"]).partition("|")[0].strip()


def _is_asked_for(field: Mapping[str, Any], event: Fields) -> bool:
    condition = str(field.get("condition", "")).strip().replace(" or ", " OR ")
    return field["type"] == "conditional" and parse_condition(condition, Place("cim", field["name"])).holds(event)
