"""Policy compliance: which policies there are, and how each host stands to each of their controls.

Policies that were changed or evaluated since the last pull give a POLICY_INFO each; their posture is then asked for,
all of it where the policy itself was changed and what changed otherwise: one POSTURE_INFO for each control on each
host, joined with the glossary of its answer. A POLICY_SUMMARY counts what is known of a policy's posture after the
pull. Source: policy and posture APIs 2.0 to 5.0; layout of the events: the vendor's add-on 1.10.8.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Optional

from ..feed import Feed, Resource
from ..model import Event
from . import posture_api as api
from .keyvalue import key
from .policy_list import NEEDS
from .policy_list import RESOURCE as POLICIES
from .posture_joiner import PostureJoiner

STATUSES = api.STATUSES
"""Counted always; any other status is counted under its own name."""

_PATH = "/api/{version}/fo/compliance/posture/info/"
_VERSION = "posture_info_api_version"
_ROOT = "POSTURE_INFO_LIST_OUTPUT"

POSTURE = Resource(
    name="posture_info",
    path=_PATH,
    version_setting=_VERSION,
    root=_ROOT,
    record=("RESPONSE", "INFO_LIST", "INFO"),
    params_setting=api.SETTING,
    glossary=("RESPONSE", "GLOSSARY"),
    needs=NEEDS,
    joiner=PostureJoiner,
)
"""What a call for one policy is answered with, page by page."""

POSTURES = Resource(
    name="postures_info",
    path=_PATH,
    version_setting=_VERSION,
    root=_ROOT,
    record=("RESPONSE", "POLICY", "INFO_LIST", "INFO"),
    params_setting=api.SETTING,
    owner=("RESPONSE", "POLICY"),
    glossary=("RESPONSE", "POLICY", "GLOSSARY"),
    needs=NEEDS,
    joiner=PostureJoiner,
)
"""What a call for several policies is answered with, all at once."""


def since_params(_since: Optional[str]) -> dict[str, str]:
    """All policies at every pull: which of them were evaluated since, the platform cannot be asked."""
    return {}


def summary(policy: int, counts: Mapping[str, int]) -> Event:
    """POLICY_SUMMARY of the tallies of a policy (``<control>|<status>``)."""
    controls = {category.partition("|")[0] for category in counts} - {""}
    statuses = Counter(dict.fromkeys(STATUSES, 0))
    for category, count in counts.items():
        statuses[key(category.partition("|")[2])] += count
    told = ", ".join(f'{status}="{count}"' for status, count in statuses.items() if status)
    return Event("", f'POLICY_SUMMARY: POLICY_ID="{policy}", NUMBER_OF_CONTROLS="{len(controls)}", {told}')


FEED = Feed(
    name="policy_posture_info",
    sourcetype="qualys:pc:postureInfo",
    settings="pc",
    resource=POLICIES,
    others=(POSTURE, POSTURES),
    params=api.policy_params,
    since_params=since_params,
    keeps_lines=lambda _settings: False,
    threads_setting="num_threads_for_pc",
    summary=summary,
    course="policies",
    made_of=lambda settings: json.dumps(api.posture_params(settings, (0,), None)),
)
