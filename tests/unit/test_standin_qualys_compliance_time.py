"""Policy compliance of the Qualys stand-in as time goes by, and what a pull must bring then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.qualys import QualysStandin
from standins.qualys.compliance import ExpectedPolicy, PolicyState, Pull, what_a_pull_brings
from support.compliance import ids, judged, listed, pages, policy_ids
from support.qualys import Client

AT = "2026-02-01T10:00:00Z"
LATER = "2026-02-02T10:00:00Z"
NEVER = 2


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=20) as running:
        running.clock.set(AT)
        yield running


def postures(client: Client, policy: int, **params: str) -> list[int]:
    return [ident for root in pages(client, policy_id=str(policy), **params) for ident in ids(root)]


def due(standin: QualysStandin, since: str = AT) -> dict[int, ExpectedPolicy]:
    return standin.compliance_ledger.expected(since)


@pytest.mark.parametrize(
    ("modified_at", "evaluated_at", "since_s", "expected"),
    [
        (5, None, None, [Pull(7, True)]),
        (5, None, 5, [Pull(7, True)]),
        (5, None, 6, []),
        (5, 9, 6, [Pull(7, False)]),
        (5, 9, 9, [Pull(7, False)]),
        (5, 9, 10, []),
        (9, 5, 6, [Pull(7, True)]),
    ],
)
def test_a_pull_brings_what_was_changed_or_evaluated(
    modified_at: int, evaluated_at: Any, since_s: Any, expected: list[Pull]
) -> None:
    assert list(what_a_pull_brings([PolicyState(7, modified_at, evaluated_at)], since_s)) == expected


def test_an_evaluation_changes_some_posture(standin: QualysStandin) -> None:
    before, policy = standin.compliance_ledger.statuses(), standin.compliance.ids[0]
    assert due(standin) == {}
    assert standin.evaluate_policies([policy]) == (policy,)
    after = standin.compliance_ledger.statuses()
    changed = {ident for ident, status in after.items() if status != before[ident]}
    (found,) = due(standin).values()
    assert (found.id, found.is_whole, found.postures.keys()) == (policy, False, changed)
    assert found.elements["LAST_EVALUATED/DATETIME"] == AT
    of_policy = standin.compliance_ledger.expected()[policy].postures
    assert 0.2 < len(changed) / len(of_policy) < 0.6
    assert Counter(after[ident] for ident in of_policy) == +Counter(found.statuses)
    for ident, posture in found.postures.items():
        assert posture.elements["PREVIOUS_STATUS"] == before[ident]
        assert posture.elements["POSTURE_MODIFIED_DATE"] == posture.elements["EVALUATION_DATE"] == AT
        assert "LAST_FAIL_DATE" in posture.elements or after[ident] != "Failed"
    with Client(standin) as client:
        assert postures(client, policy, status_changes_since=AT, truncation_limit="7") == sorted(changed)


def test_an_evaluation_may_find_nothing_new(standin: QualysStandin) -> None:
    before = standin.compliance_ledger.statuses()
    evaluated = standin.evaluate_policies(changes=False)
    assert len(evaluated) == 4
    assert standin.compliance_ledger.statuses() == before
    assert due(standin).keys() == set(evaluated)
    assert not any(policy.postures for policy in due(standin).values())


def test_statuses_go_on_changing(standin: QualysStandin) -> None:
    seen = []
    for _ in range(6):
        standin.clock.advance(86_400)
        standin.evaluate_policies()
        seen.append(standin.compliance_ledger.statuses())
    assert all(seen[place] != seen[place + 1] for place in range(5))
    posture = next(iter(standin.compliance_ledger.expected().values())).postures
    whole = [each.elements for each in posture.values() if "FIRST_FAIL_DATE" in each.elements]
    assert any(each["FIRST_FAIL_DATE"] < each["LAST_FAIL_DATE"] for each in whole)


def test_a_policy_gets_its_first_posture_when_it_is_first_evaluated(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[NEVER]
    with Client(standin) as client:
        assert postures(client, policy) == []
        standin.evaluate_policies([policy])
        found = postures(client, policy, status_changes_since=AT)
    assert found == sorted(due(standin)[policy].postures) != []


def test_hosts_and_controls_leave_a_policy_that_is_changed(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[0]
    before = standin.compliance_ledger.expected()[policy]
    assert standin.modify_policies([policy], hosts=2, controls=1) == (policy,)
    (after,) = due(standin).values()
    assert (after.id, after.is_whole, after.controls) == (policy, True, before.controls - 1)
    assert after.elements["LAST_MODIFIED/DATETIME"] == AT
    assert after.postures.keys() < before.postures.keys()
    hosts = [{posture.elements["HOST_ID"] for posture in each.postures.values()} for each in (before, after)]
    assert hosts[0] - hosts[1] == set(sorted(hosts[0])[:2])
    with Client(standin) as client:
        assert postures(client, policy, status_changes_since=AT) == []
        assert postures(client, policy) == sorted(after.postures)
        assert policy_ids(listed(client, updated_after_datetime=AT).xml) == [policy]
    standin.compliance.restore()
    assert standin.compliance_ledger.expected()[policy] == before


def test_changed_and_evaluated_again_is_whole(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[0]
    standin.modify_policies([policy])
    standin.clock.set(LATER)
    standin.evaluate_policies([policy])
    assert due(standin)[policy].is_whole
    assert not due(standin, LATER)[policy].is_whole


def test_new_hosts_have_posture_after_the_next_evaluation(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[0]
    added = set(map(str, standin.add_hosts(10)))
    assert not {posture.elements["HOST_ID"] for posture in _all(standin, policy)} & added
    standin.clock.set(LATER)
    standin.evaluate_policies([policy], changes=False)
    new = due(standin)[policy].postures.values()
    assert {posture.elements["HOST_ID"] for posture in new} < added
    assert {posture.elements["POSTURE_MODIFIED_DATE"] for posture in new} == {LATER}


def test_purged_hosts_take_their_posture_along(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[0]
    host = next(iter(_all(standin, policy))).elements["HOST_ID"]
    standin.remove_hosts([int(host)])
    assert host not in {posture.elements["HOST_ID"] for posture in _all(standin, policy)}


def test_policies_come_and_go(standin: QualysStandin) -> None:
    held = standin.compliance.ids
    added = standin.add_policies(3)
    assert min(added) > max(held)
    standin.remove_policies([held[0], 4])
    assert standin.compliance.ids == (*held[1:], *added)
    assert due(standin).keys() == set(added)
    assert all(policy.is_whole and policy.elements["CREATED/DATETIME"] == AT for policy in due(standin).values())
    with Client(standin) as client:
        assert ids(judged(client, policy_id=str(held[0])).xml) == []
        assert policy_ids(judged(client, policy_ids=f"{held[0]},{held[1]}").xml) == [held[1]]


def test_policies_there_never_were_cannot_be_changed(standin: QualysStandin) -> None:
    for change in (standin.evaluate_policies, standin.modify_policies):
        with pytest.raises(KeyError, match="no policies"):
            change([4])


def test_identities_are_one_for_each_event(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[0]
    standin.evaluate_policies([policy])
    expected = due(standin)[policy]
    told = list(standin.compliance_ledger.identities(AT))
    assert Counter(kind for kind, *_ in told) == {
        "POLICY_INFO": 1,
        "POSTURE_INFO": len(expected.postures),
        "POLICY_SUMMARY": 1,
    }
    assert told[0] == ("POLICY_INFO", str(policy))
    counted = expected.statuses
    assert told[-1] == (
        "POLICY_SUMMARY",
        str(policy),
        "8",
        f"Error={counted['Error']}",
        f"Failed={counted['Failed']}",
        f"Passed={counted['Passed']}",
    )
    assert {ident for _, _, ident, *_ in told[1:-1]} == set(map(str, expected.postures))


def test_parameters_of_the_client_count(standin: QualysStandin) -> None:
    policy = standin.compliance.ids[1]
    asked = {"policy_ids": str(policy), "status": "Failed", "details": "Basic"}
    (found,) = standin.compliance_ledger.expected(None, asked).values()
    assert found.id == policy
    assert found.statuses == {"Passed": 0, "Failed": len(found.postures), "Error": 0}
    told = Counter(kind for kind, *_ in standin.compliance_ledger.identities(None, asked))
    assert told == {"POLICY_INFO": 1, "POSTURE_INFO": len(found.postures)}
    assert all(posture.technology == {} and posture.host for posture in found.postures.values())


def test_another_process_can_change_and_read_it(standin: QualysStandin) -> None:
    with Client(standin) as client:

        def post(**body: Any) -> Any:
            reply = client.call("/_standin/policies", headers={"Authorization": ""}, body=json.dumps(body))
            return json.loads(reply.body)

        def get(**params: str) -> Any:
            return json.loads(client.call("/_standin/policies", params, method="GET").body)

        first, second = standin.compliance.ids[:2]
        told = post(evaluate=[first], changes=True, modify=[second], hosts=1, add=1, remove=[standin.compliance.ids[5]])
        assert (told["evaluated"], told["modified"], len(told["added"])) == ([first], [second], 1)
        judged(client, policy_id=str(first), truncation_limit="5")
        found = get(postures="1", since=AT, details="Basic")
        assert (found["policies"], found["served_postures"]) == (6, 5)
        assert {policy["id"]: policy["is_whole"] for policy in found["expected"]} == {
            first: False,
            second: True,
            told["added"][0]: True,
        }
        assert len(found["states"]) == 6
        assert "expected" not in get()
        assert "error" in post(evaluate=[1])


def _all(standin: QualysStandin, policy: int) -> Any:
    return standin.compliance_ledger.expected()[policy].postures.values()
