"""Events of policy compliance and the ledger of the Qualys stand-in speak of the same things in the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.identities import POLICIES, POSTURES, SUMMARIES, held, indexed
from standins.qualys import QualysStandin
from standins.qualys.compliance import ExpectedPolicy


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=5) as running:
        yield running


def told(policy: ExpectedPolicy) -> Iterator[str]:
    """Its events, as the add-on promises them, but for what does not identify them."""
    yield f'POLICY_INFO: POLICY_ID="{policy.id}", POLICY_TITLE="a, b", STATUS="active"'
    for posture in policy.postures.values():
        yield (
            f'POSTURE_INFO: POLICY_ID="{policy.id}", HOST_ID="1", STATUS="{posture.elements["STATUS"]}", '
            f'POSTURE_MODIFIED_DATE="{posture.elements["POSTURE_MODIFIED_DATE"]}", EVIDENCE="x, STATUS=\'y\'", '
            f'POSTURE_ID="{posture.id}", PREVIOUS_STATUS="Passed", EXCEPTION_STATUS="Approved"'
        )
    counts = ", ".join(f'{status}="{count}"' for status, count in policy.statuses.items())
    yield f'POLICY_SUMMARY: POLICY_ID="{policy.id}", NUMBER_OF_CONTROLS="{policy.controls}", {counts}'


def test_what_is_told_is_what_is_held(standin: QualysStandin) -> None:
    texts = [text for policy in standin.compliance_ledger.expected().values() for text in told(policy)]
    found = Counter(indexed(texts))
    assert {kind for kind, _ in found} == {POLICIES, POSTURES, SUMMARIES}
    assert found == Counter(each for each in held(standin, ()) if each[0] in (POLICIES, POSTURES, SUMMARIES))


def test_another_status_is_another_thing(standin: QualysStandin) -> None:
    first = next(iter(standin.compliance_ledger.expected().values()))
    texts = list(told(first))
    assert set(indexed([texts[1].replace(' STATUS="', ' STATUS="Not', 1)])).isdisjoint(held(standin, ()))
    assert set(indexed([texts[-1].replace('Failed="', 'Failed="1', 1)])).isdisjoint(held(standin, ()))
    assert list(indexed(["another kind of event", "QID: 1"])) == []
