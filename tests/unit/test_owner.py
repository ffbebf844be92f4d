"""One input owns the lookups, and one an account's store: at the page, in inputs.conf, in the settings."""

from __future__ import annotations

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.splunk.owner import Inputs, owners, refuse_lookups, refuse_second

KB = {"metric": "knowledge_base", "account": "acme"}
HOSTS = {"metric": "host_detection", "account": "acme"}


def refusal(name: str, params: dict[str, str], others: Inputs, lookups: bool = True) -> str:
    try:
        refuse_second(name, params, others, lookups)
    except ConfigError as error:
        return f"{error.setting}: {error}"
    return ""


def test_owners_are_known_by_their_metric_or_by_their_name() -> None:
    inputs = {"knowledge_base": {}, "second": KB, "third": {"metric": ""}, "hosts": HOSTS, "x": {"metric": "was"}}
    assert owners(inputs) == ["knowledge_base", "second"]


@pytest.mark.parametrize(
    ("name", "params", "others"),
    [
        ("kb", KB, {}),
        ("kb", KB, {"hosts": HOSTS, "other": {}}),
        ("kb", KB, {"kb": KB}),
        ("hosts", HOSTS, {"kb": KB}),
        ("host_detection", {}, {"knowledge_base": {}}),
    ],
    ids=["the first", "beside other metrics", "edited", "another metric", "named after its metric"],
)
def test_the_first_owner_and_other_metrics_are_welcome(name: str, params: dict[str, str], others: Inputs) -> None:
    assert refusal(name, params, others) == refusal(name, params, others, lookups=False) == ""


@pytest.mark.parametrize(
    "others", [{"knowledge_base": {}}, {"kb": {**KB, "account": "eu"}}, {"kb": KB, "hosts": HOSTS}]
)
def test_a_second_owner_of_the_lookups_is_refused_whatever_its_account(others: Inputs) -> None:
    told = refusal("second", KB, others)
    assert told.startswith(f"metric: Metric: the input {owners(others)[0]} pulls the knowledge base already")
    assert "switch the lookups off" in told


@pytest.mark.parametrize(
    ("mine", "theirs", "refused"),
    [("acme", "acme", True), ("acme", "eu", False), ("", "acme", True), ("acme", "", True), ("", "", True)],
)
def test_without_lookups_there_is_one_owner_per_account(mine: str, theirs: str, refused: bool) -> None:
    """An input without an account uses the only one there is."""
    told = refusal("second", {**KB, "account": mine}, {"kb": {**KB, "account": theirs}}, lookups=False)
    assert bool(told) is refused
    assert "of this account already" in told or not refused


def test_lookups_cannot_be_switched_on_where_several_inputs_would_own_them() -> None:
    refuse_lookups({})
    refuse_lookups({"kb": KB, "hosts": HOSTS})
    with pytest.raises(ConfigError, match=r"several inputs pull a knowledge base \(kb, second\)") as refused:
        refuse_lookups({"second": KB, "hosts": HOSTS, "kb": KB})
    assert refused.value.setting == "kb_lookups"
