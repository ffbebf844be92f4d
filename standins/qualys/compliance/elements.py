"""The elements of POLICY and INFO as tables, in the order of what is known of their DTD (facts: policy list, posture
info).

No public sample or DTD of either is known. Assumed: what `details` brings, where the dates and EXCEPTION stand, how
details=All of the policy list names groups and controls.
"""

from __future__ import annotations

from typing import Optional

from ..clock import DAY_S, stamp
from ..nodes import Node, Row
from .catalog import HARMFUL
from .draw import KINDS, dice
from .evidence import cause_of_failure, evidence
from .model import Control, Policy, Posture

ALL = "details_all"
DATES = "details_dates"
EXCEPTIONS = "details_exceptions"
EVIDENCE = "details_evidence"


def by_and_date(name: str, at: int, by: str) -> Node:
    """``CREATED(DATETIME, BY)`` and its likes."""
    return Node(name, children=(Node("DATETIME", stamp(at)), Node("BY", by, True)))


def criticality(control: Control) -> Node:
    """``CRITICALITY(LABEL, VALUE)``."""
    label, value = control.criticality
    return Node("CRITICALITY", children=(Node("LABEL", label, True), Node("VALUE", str(value))))


def _date(moment_s: Optional[int]) -> Optional[str]:
    return None if moment_s is None else stamp(moment_s)


def _last_evaluated(policy: Policy) -> Optional[Node]:
    """Of a policy that was never evaluated: nothing, an empty element, or one with an empty date."""
    if policy.evaluated_at is not None:
        return Node("LAST_EVALUATED", children=(Node("DATETIME", stamp(policy.evaluated_at)),))
    forms = (None, Node("LAST_EVALUATED"), Node("LAST_EVALUATED", children=(Node("DATETIME"),)))
    return forms[policy.number // len(KINDS) % len(forms)]


def _controls(policy: Policy) -> Node:
    listed = (
        Node(
            "CONTROL",
            children=(
                Node("ID", str(rule.control.id)),
                Node("STATEMENT", rule.control.statement, True),
                criticality(rule.control),
            ),
        )
        for rule in policy.rules
    )
    return Node("CONTROL_LIST", children=tuple(listed))


def _exception(posture: Posture) -> Optional[Node]:
    if not posture.is_excepted:
        return None
    assignee = posture.policy.modified_by
    asked_at = posture.standing.changed_at
    comment = (
        Node("DATETIME", stamp(asked_at)),
        Node("BY", assignee, True),
        Node("TEXT", HARMFUL[dice(posture.id) // 4 % len(HARMFUL)], True),
    )
    return Node(
        "EXCEPTION",
        children=(
            Node("ASSIGNEE", assignee, True),
            Node("STATUS", ("Approved", "Pending", "Rejected", "Expired")[dice(posture.id) % 4]),
            Node("END_DATETIME", stamp(asked_at + 90 * DAY_S)),
            by_and_date("CREATED", asked_at, assignee),
            by_and_date("LAST_MODIFIED", asked_at, assignee),
            Node("COMMENT_LIST", children=(Node("COMMENT", children=comment),)),
        ),
    )


POLICY: tuple[Row[Policy], ...] = (
    Row("ID", lambda policy: policy.id),
    Row("TITLE", lambda policy: policy.title, cdata=True),
    Row("CREATED", lambda policy: by_and_date("CREATED", policy.created_at, policy.created_by)),
    Row("LAST_MODIFIED", lambda policy: by_and_date("LAST_MODIFIED", policy.modified_at, policy.modified_by)),
    Row("LAST_EVALUATED", _last_evaluated),
    Row("STATUS", lambda policy: "active" if policy.is_active else "inactive", cdata=True),
    Row("IS_LOCKED", lambda policy: int(policy.is_locked)),
    Row("ASSET_GROUP_IDS", lambda policy: ",".join(map(str, policy.asset_groups)) or None, asks=ALL),
    Row("CONTROL_LIST", _controls, asks=ALL),
)

INFO: tuple[Row[Posture], ...] = (
    Row("ID", lambda posture: posture.id),
    Row("HOST_ID", lambda posture: posture.host.id),
    Row("CONTROL_ID", lambda posture: posture.control.id),
    Row("TECHNOLOGY_ID", lambda posture: posture.technology.id),
    Row("INSTANCE", lambda posture: posture.instance, cdata=True),
    Row("STATUS", lambda posture: posture.status),
    Row("REMEDIATION", lambda posture: posture.remediation, cdata=True, asks="show_remediation_info"),
    Row("POSTURE_MODIFIED_DATE", lambda posture: stamp(posture.standing.changed_at), asks=DATES),
    Row("EVALUATION_DATE", lambda posture: stamp(posture.standing.evaluated_at), asks=DATES),
    Row("PREVIOUS_STATUS", lambda posture: posture.standing.previous or None, asks=DATES),
    Row("FIRST_FAIL_DATE", lambda posture: _date(posture.standing.first_fail_at), asks=DATES),
    Row("LAST_FAIL_DATE", lambda posture: _date(posture.standing.last_fail_at), asks=DATES),
    Row("FIRST_PASS_DATE", lambda posture: _date(posture.standing.first_pass_at), asks=DATES),
    Row("LAST_PASS_DATE", lambda posture: _date(posture.standing.last_pass_at), asks=DATES),
    Row("EXCEPTION", _exception, asks=EXCEPTIONS),
    Row("CAUSE_OF_FAILURE", cause_of_failure, asks="cause_of_failure"),
    Row("EVIDENCE", lambda posture: evidence(posture, extended=False), asks=EVIDENCE),
    Row("EVIDENCE", lambda posture: evidence(posture, extended=True), asks="extended_evidence"),
)
