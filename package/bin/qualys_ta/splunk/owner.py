"""Who owns the knowledge base: one input fills the lookups, and one input fills an account's store."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConfigError
from ..populator import KNOWLEDGE_BASE

Inputs = Mapping[str, Mapping[str, str]]
"""Inputs by name, with their parameters as they are stored."""


def refuse_second(name: str, params: Mapping[str, str], others: Inputs, lookups: bool) -> None:
    """Raises ConfigError where `name` would be a second owner beside one of the `others`.

    `lookups`: the knowledge base becomes lookups (the tab's setting), of which there is one set on a server.
    """
    if _metric(name, params) != KNOWLEDGE_BASE:
        return
    for other in owners(others):
        if other == name:
            continue
        if lookups:
            raise ConfigError(
                f"Metric: the input {other} pulls the knowledge base already, and the lookups have one owner. Use that "
                "input, or switch the lookups off on the tab Knowledge Base to keep one store per account.",
                "metric",
            )
        if _same_account(params, others[other]):
            raise ConfigError(
                f"Metric: the input {other} pulls the knowledge base of this account already; one is enough.", "metric"
            )


def owners(inputs: Inputs) -> list[str]:
    """The inputs that pull a knowledge base."""
    return [name for name, params in sorted(inputs.items()) if _metric(name, params) == KNOWLEDGE_BASE]


def refuse_lookups(inputs: Inputs) -> None:
    """Raises ConfigError where lookups cannot be switched on, because several inputs would own them."""
    found = owners(inputs)
    if len(found) > 1:
        raise ConfigError(
            f"Write lookups: several inputs pull a knowledge base ({', '.join(found)}), and the lookups have one "
            "owner. Delete all of them but one first.",
            "kb_lookups",
        )


def _metric(name: str, params: Mapping[str, str]) -> str:
    return params.get("metric") or name


def _same_account(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """An input without an account uses the only one there is."""
    accounts = {one.get("account") or "", other.get("account") or ""}
    return len(accounts) == 1 or "" in accounts
