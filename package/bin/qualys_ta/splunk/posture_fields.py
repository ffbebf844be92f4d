"""The tab of policy compliance: what a person can set for it."""

from __future__ import annotations

from ..populator import posture_api
from . import field_checks as checks
from .field import LINES, Field, flag_field, number_field
from .metric_fields import not_allowed, resync_days

PC_FIELDS = (
    flag_field(
        "log_individual_compliance_events",
        "Log individual posture",
        "One POSTURE_INFO event for each control on each host. The PC feed does not pull the SCAP information.",
        "1",
    ),
    flag_field(
        "log_policy_summary",
        "Log policy summaries",
        "One POLICY_SUMMARY event for each policy that was pulled. None is written where extra parameters filter by "
        "status: the other statuses are then not known.",
        "1",
    ),
    flag_field(
        "pc_details",
        "Pull all details",
        "With the evidence: what was expected, and what was found. Off: basic details.",
    ),
    flag_field(
        "pc_extra_details",
        "Pull remediation, cause and names",
        "REMEDIATION, CAUSE_OF_FAILURE_… and the names of data points, with all details. Costs license volume.",
    ),
    number_field(
        "num_threads_for_pc",
        "Parallel downloads",
        "Of the posture of different policies, at most: never more than Qualys allows the subscription less what "
        "others run.",
        "2",
        1,
        10,
    ),
    number_field(
        "pc_num_count_for_pid",
        "Policies per call",
        "The posture of several policies comes in one answer that is not cut into pages: keep 1 for large policies.",
        "1",
        1,
        10,
    ),
    number_field(
        "pc_truncation_limit",
        "Records per page",
        "How many records of posture one answer holds where a call is for one policy; 0 is all.",
        "1000",
        0,
        1_000_000,
    ),
    Field(
        "extra_posture_params",
        "Extra API parameters",
        "Of the posture information, as a URL query, for example policy_ids=1001,1002&host_ids=7-9. policy_ids also "
        "limits the list of policies. Not allowed:" + not_allowed(posture_api.FORBIDDEN),
        LINES,
        check=checks.posture_params,
        empty={},
    ),
    resync_days(),
)
