"""What the platform says when it says no: design §3.8 and §3.9, row by row."""

from __future__ import annotations

import pytest

from qualys_ta.api.codes import Answer, error_for
from qualys_ta.errors import AuthError, ConfigError, Refused, TaError, TryLater

PATH = "/api/5.0/fo/asset/host/vm/detection/"


def error(answer: Answer, **params: str) -> TaError:
    return error_for(answer, PATH, "host_detection_api_version", params, "detection_params")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(401, "SIMPLE_RETURN", "2000", "Bad Login/Password"), AuthError),
        (Answer(200, "SIMPLE_RETURN", "2000", "Bad Login/Password"), AuthError),
        (Answer(401), AuthError),
        (Answer(403, "html"), TryLater),
        (Answer(403, "SIMPLE_RETURN", "", "You may not"), AuthError),
        (Answer(200, "SIMPLE_RETURN", "2001", "This account has expired."), AuthError),
        (Answer(200, "SIMPLE_RETURN", "2002", "Account inactive"), AuthError),
        (Answer(409, "SIMPLE_RETURN", "2003", "Registration must be completed"), AuthError),
        (Answer(409, "SIMPLE_RETURN", "2011", "SecureID authentication required", 30.0), AuthError),
        (Answer(400, "SIMPLE_RETURN", "2012", "User is not allowed"), AuthError),
        (Answer(409, "SIMPLE_RETURN", "1959", "Blocked"), TryLater),
        (Answer(409, "SIMPLE_RETURN", "1960", "Cannot be run until 1 running instance has finished"), TryLater),
        (Answer(409, "SIMPLE_RETURN", "1965", "Cannot be run again for another 5 minutes", 300.0), TryLater),
        (Answer(400, "SIMPLE_RETURN", "1965", "Conflict", 300.0), TryLater),
        (Answer(409, "SIMPLE_RETURN", "1966", "Blocked"), TryLater),
        (Answer(200, "GENERIC_RETURN", "1960", "Busy"), TryLater),
        (Answer(409, "html", asked_s=5.0), TryLater),
        (Answer(409, "html"), Refused),
        (Answer(409, "SIMPLE_RETURN", "1920", "Conflict"), Refused),
        (Answer(429), TryLater),
        (Answer(202), TryLater),
        (Answer(408), TryLater),
        (Answer(500), TryLater),
        (Answer(502, "html"), TryLater),
        (Answer(503), TryLater),
        (Answer(504), TryLater),
        (Answer(520), TryLater),
        (Answer(200, "GENERIC_RETURN", "999", "Internal error. Please contact customer support."), TryLater),
        (Answer(301, "html"), ConfigError),
        (Answer(404, "html"), ConfigError),
        (Answer(410), ConfigError),
        (Answer(400, "SIMPLE_RETURN", "1905", "This API version has reached End-of-Support"), ConfigError),
        (Answer(400, "SIMPLE_RETURN", "1903", "Missing required parameter(s): action"), Refused),
        (Answer(400, "SIMPLE_RETURN", "1908", "Request method (PUT) is incompatible"), Refused),
        (Answer(200, "POSTURE_INFO_LIST_OUTPUT"), Refused),
        (Answer(200, ""), Refused),
    ],
)
def test_row(answer: Answer, kind: type[TaError]) -> None:
    found = error(answer)
    assert type(found) is kind
    assert PATH in str(found)
    assert answer.code in str(found)
    assert answer.text in str(found)
    assert "\n" not in str(found)


def test_wait_that_was_asked_is_handed_on() -> None:
    found = error(Answer(409, "SIMPLE_RETURN", "1965", "Wait", 93.0))
    assert isinstance(found, TryLater)
    assert found.wait_s == 93.0


@pytest.mark.parametrize("answer", [Answer(404), Answer(400, code="1905", text="API version 2.0 is deprecated")])
def test_version_that_is_gone_names_the_setting(answer: Answer) -> None:
    found = error(answer)
    assert isinstance(found, ConfigError)
    assert found.setting == "host_detection_api_version"
    assert "host_detection_api_version" in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "parameter os_pattern has invalid value: ( (not a regular expression)",
        "Unrecognized parameter(s): foo, os_pattern",
        "The parameter os_pattern is no longer supported.",
        "parameter os_pattern has invalid value: x (not supported)",
    ],
)
def test_wrong_parameter_of_the_user_names_its_setting(text: str) -> None:
    found = error(Answer(400, "SIMPLE_RETURN", "1905", text), os_pattern="(", ips="10.0.0.1")
    assert isinstance(found, ConfigError)
    assert found.setting == "detection_params"
    assert "Correct os_pattern in" in str(found)


def test_wrong_parameter_with_a_setting_of_its_own_names_that_one() -> None:
    said = "parameter ag_titles has invalid value: x (asset group not found)"
    answer = Answer(400, "SIMPLE_RETURN", "1905", said)
    found = error_for(answer, PATH, "", {"ips": "10.0.0.1"}, "detection_params", ("severities", "ag_titles"))
    assert isinstance(found, ConfigError)
    assert found.setting == "ag_titles"
    assert str(found).endswith("Correct the setting ag_titles.")


def test_wrong_parameter_of_ours_is_not_the_users_fault() -> None:
    found = error(Answer(400, "SIMPLE_RETURN", "1905", "parameter id_min has invalid value: x"), ips="10.0.0.1")
    assert isinstance(found, Refused)
