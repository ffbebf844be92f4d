"""What is asked of the host detection API, and what people may add to it."""

from __future__ import annotations

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.populator.host_detection import FEED
from qualys_ta.populator.host_detection_api import FORBIDDEN, HOST_FIELDS, SWITCHES, parse_params
from support.core import SINCE, answer, detection, extracted, host, tag, texts, vm_settings


def test_default_request() -> None:
    assert FEED.params(vm_settings()) == {
        "action": "list",
        "show_igs": "1",
        "include_ignored": "1",
        "include_disabled": "1",
        "status": "New,Active,Fixed,Re-Opened",
        "show_results": "0",
        "truncation_limit": "1000",
        "show_asset_id": "1",
        "show_tags": "1",
    }
    assert FEED.since_params(SINCE) == {"vm_processed_after": SINCE}
    assert FEED.since_params(None) == {}


@pytest.mark.parametrize("field", sorted(SWITCHES))
def test_chosen_field_is_asked_for(field: str) -> None:
    setting = "host_fields_to_log" if field in HOST_FIELDS else "detection_fields_to_log"
    asked = FEED.params(vm_settings(**{setting: field}))
    assert asked.items() >= SWITCHES[field].items()


def test_extra_parameters_win_over_ours() -> None:
    asked = FEED.params(vm_settings(detection_params="status=New&show_tags=0&ips=10.0.0.0/8"))
    assert (asked["status"], asked["show_tags"], asked["ips"]) == ("New", "0", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("params", "markup", "pair"),
    [
        ("show_results=1", "", ("RESULTS", "r")),
        ("?show_qds=1", "", ("QDS", "85")),
        ('{"show_results": true}', "", ("RESULTS", "r")),
        (
            "host_metadata=ec2",
            tag("METADATA", tag("EC2", tag("ATTRIBUTE", tag("NAME", "a/b"), tag("VALUE", "v")))),
            ("b", "v"),
        ),
    ],
)
def test_what_extra_parameters_ask_for_is_written(params: str, markup: str, pair: tuple[str, str]) -> None:
    found = detection(tag("RESULTS", "r"), tag("QDS", "85", severity="HIGH"))
    (text,) = texts(answer(host(7, markup, detections=[found])), log_host_summary="0", detection_params=params)
    assert pair in extracted(text)


def test_results_asked_to_stay_away_are_not_written() -> None:
    (text,) = texts(answer(host(7, detections=[detection(tag("RESULTS", "r"))])), log_host_summary="0")
    assert "RESULTS" not in dict(extracted(text))


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_forbidden_parameter_is_refused_with_its_reason(name: str) -> None:
    for text in (f"{name}=1", f'{{"{name}": 1}}', f"os_pattern=x&{name}="):
        with pytest.raises(ConfigError, match=name) as caught:
            parse_params(text)
        assert FORBIDDEN[name] in str(caught.value)
        assert caught.value.setting == "detection_params"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "a=1&a=2",
        '{"a": 1, "a": 2}',
        '{"a": ',
        '{"a": [1]}',
        '{"a": {"b": 1}}',
        '{"a": null}',
        "a b=1",
        "=1",
        "<filters/>",
    ],
)
def test_parameters_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_params(text)


def test_parameters_in_both_forms() -> None:
    assert parse_params("") == parse_params("  ") == parse_params("{}") == {}
    assert parse_params("ips=10.0.0.1-10.0.0.9&os_pattern=%5EWin%20&x=") == parse_params(
        '{"ips": "10.0.0.1-10.0.0.9", "os_pattern": "^Win ", "x": ""}'
    )
    assert parse_params('{"show_tags": true, "n": 5}') == {"show_tags": "1", "n": "5"}
