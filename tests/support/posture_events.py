"""Events of `policy_posture_info` as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

from typing import Any

from support.knowledge import epoch, event_row, pairs

POLICY = "qualys:pc:policyInfo"
POSTURE = "qualys:pc:postureInfo"
EVALUATED = "2018-09-19T02:47:26Z"
MODIFIED = "2018-09-18T01:00:00Z"
POLICY_INFO = {
    "POLICY_ID": "7",
    "POLICY_TITLE": "Linux baseline",
    "LAST_EVALUATED_DATETIME": EVALUATED,
    "LAST_MODIFIED_DATETIME": MODIFIED,
    "LAST_MODIFIED_BY": "acme_ab1",
    "CREATED_DATETIME": "2017-01-01T00:00:00Z",
    "CREATED_BY": "acme_ab1",
    "STATUS": "active",
    "IS_LOCKED": "0",
}
POSTURE_INFO = {
    "POLICY_ID": "7",
    "HOST_ID": "190339320",
    "HOST_IP": "172.16.5.4",
    "HOST_DNS": "wordpress.example.com",
    "CONTROL_ID": "1071",
    "CONTROL_STATEMENT": "Status of the 'Minimum Password Length' setting",
    "CONTROL_REFERENCE": "CIS 5.3",
    "CRITICALITY_LABEL": "SERIOUS",
    "CRITICALITY_VALUE": "3",
    "TECHNOLOGY_ID": "80",
    "TECHNOLOGY_NAME": "Red Hat Enterprise Linux 8.x",
    "STATUS": "Failed",
    "POSTURE_MODIFIED_DATE": MODIFIED,
    "POSTURE_ID": "4711",
    "INSTANCE": "os",
    "EVALUATION_DATE": EVALUATED,
    "PREVIOUS_STATUS": "Passed",
    "HOST_NETBIOS": "WORDPRESS",
}


def policy(**changes: Any) -> str:
    """A POLICY_INFO; a change to None leaves the field out."""
    return "POLICY_INFO: " + _given(POLICY_INFO, changes)


def posture(**changes: Any) -> str:
    return "POSTURE_INFO: " + _given(POSTURE_INFO, changes)


def policy_summary(policy_id: int, controls: int, passed: int, failed: int, errors: int = 0) -> str:
    counts = {"NUMBER_OF_CONTROLS": controls, "Passed": passed, "Failed": failed, "Error": errors}
    return "POLICY_SUMMARY: " + pairs({name: str(value) for name, value in {"POLICY_ID": policy_id, **counts}.items()})


def _given(usual: dict[str, str], changes: dict[str, Any]) -> str:
    return pairs({name: value for name, value in {**usual, **changes}.items() if value is not None})


def policy_row(raw: str, **metadata: Any) -> dict[str, Any]:
    return event_row(raw, sourcetype=POLICY, **metadata)


def posture_row(raw: str, **metadata: Any) -> dict[str, Any]:
    return event_row(raw, sourcetype=POSTURE, **metadata)


def checked(policy_id: int, host: int, control: int, on: int, **changes: Any) -> dict[str, Any]:
    """A POSTURE_INFO that changed on a day of September 2018."""
    changed = f"2018-09-{on:02}T12:00:00Z"
    told = {"POLICY_ID": str(policy_id), "HOST_ID": str(host), "CONTROL_ID": str(control), "HOST_IP": f"10.0.0.{host}"}
    names = {"HOST_DNS": None, "HOST_NETBIOS": None, "POSTURE_MODIFIED_DATE": changed, "POSTURE_ID": None}
    return posture_row(posture(**{**told, **names, **changes}), index="anywhere", time=epoch(changed))
