"""The counters of a HOSTSUMMARY: order and rules of the vendor's guide."""

from __future__ import annotations

from support.core import answer, detection, host, tag, texts


def counters(*findings: str, extra: str = "1") -> str:
    body = answer(host(227520646, detections=findings))
    (text,) = texts(body, log_detections="0", log_extra_host_summary=extra)
    return text.partition('LAST_SCAN_DATETIME="2024-05-02T03:00:00Z", ')[2]


def info(severity: int = 1) -> str:
    return tag("DETECTION", tag("QID", "1"), tag("TYPE", "Info"), tag("SEVERITY", str(severity)))


GUIDE = (*[info() for _ in range(5)], *[detection(SEVERITY=2) for _ in range(3)])
"""The host of the guide's example: five information gathered, three active and confirmed of severity 2."""


def test_the_guides_example_without_breakdowns() -> None:
    assert counters(*GUIDE, extra="0") == (
        "SEVERITY_1=5, SEVERITY_2=3, INFO=5, CONFIRMED=3, POTENTIAL=0, NEW=0, ACTIVE=3, FIXED=0, RE-OPENED=0, "
        "TOTAL_VULNS=8"
    )


def test_the_guides_example_with_breakdowns() -> None:
    """In the guide's order; its ``_SEVERITY_1=5`` (an empty status) is not written."""
    found = counters(*GUIDE).split(", ")
    guide = (
        "SEVERITY_1=5, SEVERITY_2=3, INFO=5, CONFIRMED=3, POTENTIAL=0, NEW=0, ACTIVE=3, FIXED=0, RE-OPENED=0, "
        "ACTIVE_SEVERITY_2=3, INFO_SEVERITY_1=5, CONFIRMED_SEVERITY_2=3, TOTAL_VULNS=8"
    )
    assert ", ".join(pair for pair in found if f"{pair}, " in f"{guide}, ") == guide
    assert "CONFIRMED_ACTIVE=3" in found
    assert found[-1] == "TOTAL_VULNS=8"
    assert not any(pair.startswith(("_", "=")) for pair in found)


def test_what_was_never_seen_before_has_its_own_counter() -> None:
    found = counters(detection(TYPE="Zero Day", STATUS="Half-Open", SEVERITY="Urgent")).split(", ")
    for pair in ("ZERO_DAY=1", "HALF-OPEN=1", "SEVERITY_Urgent=1", "ZERO_DAY_HALF-OPEN=1", "CONFIRMED=0"):
        assert pair in found


def test_ignored_and_disabled_findings_are_counted() -> None:
    findings = [detection(IS_IGNORED=1), detection(IS_IGNORED=" 1 ", IS_DISABLED=1), detection(IS_IGNORED=0)]
    found = counters(*findings).split(", ")
    assert "IGNORED=2" in found
    assert "DISABLED=1" in found


def test_host_without_findings() -> None:
    assert counters(extra="0").endswith("RE-OPENED=0, TOTAL_VULNS=0")
    (text,) = texts(answer(tag("HOST", tag("ID", "5"))))
    assert text.startswith("HOSTSUMMARY: HOST_ID=5, INFO=0, ")


def test_unchanged_findings_are_counted_all_the_same() -> None:
    old = detection(LAST_UPDATE_DATETIME="2020-01-01T00:00:00Z")
    (summary,) = texts(answer(host(1, detections=[old])), since="2024-01-01T00:00:00Z")
    assert summary.endswith("TOTAL_VULNS=1")
