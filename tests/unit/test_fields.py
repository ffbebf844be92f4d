"""The table of settings: what each accepts, and how it tells a person what it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import ConfigError
from qualys_ta.platforms import PLATFORMS
from qualys_ta.populator.host_detection_api import DEFAULT_HOST_FIELDS, FORBIDDEN
from qualys_ta.splunk import fields
from qualys_ta.splunk.field import SECRET
from qualys_ta.splunk.field_table import STANZAS

ACCOUNT = {"name": "prod", "username": "quays_ab1", "password": "s3cret"}
INPUT = {"name": "host_detection"}
REQUIRED = {"account": ACCOUNT, "input": INPUT}


@pytest.mark.parametrize("stanza", STANZAS)
def test_defaults_pass_their_own_checks(stanza: str) -> None:
    typed = fields.checked(stanza, REQUIRED.get(stanza, {}))
    assert list(typed) == [field.name for field in STANZAS[stanza]]
    assert all(isinstance(value, (bool, int, str, tuple, dict)) for value in typed.values())


@pytest.mark.parametrize("stanza", STANZAS)
def test_what_was_stored_is_read_back_the_same(stanza: str) -> None:
    values = REQUIRED.get(stanza, {})
    assert fields.checked(stanza, fields.texts(stanza, values)) == fields.checked(stanza, values)


def test_typed_values() -> None:
    vm = fields.checked(
        "vm", {"log_detections": "no", "num_threads": " 4 ", "detection_fields_to_log": "qid, RESULTS,qid"}
    )
    assert (vm["log_detections"], vm["num_threads"]) == (False, 4)
    assert vm["detection_fields_to_log"] == ("QID", "RESULTS")
    assert vm["host_fields_to_log"] == DEFAULT_HOST_FIELDS
    assert fields.checked("vm", {"host_fields_to_log": ""})["host_fields_to_log"] == ()
    assert fields.checked("input", {**INPUT, "shard": "2/4"})["shard"] == (2, 4)
    assert fields.checked("input", INPUT)["shard"] == (1, 1)


def test_an_empty_setting_is_its_default() -> None:
    assert fields.checked("api", {"api_timeout": "", "host_detection_api_version": " "}) == fields.checked("api", {})


def test_an_input_is_named_after_its_metric_unless_it_names_one() -> None:
    assert fields.checked("input", INPUT)["metric"] == "host_detection"
    assert fields.checked("input", {"name": "eu-prod.2", "metric": "host_detection"})["metric"] == "host_detection"
    with pytest.raises(ConfigError, match=r"no metric 'eu'; choose one of host_detection"):
        fields.checked("input", {"name": "eu"})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://qualysapi.qualys.com", "https://qualysapi.qualys.com"),
        ("https://qualysapi.qualys.com/", "https://qualysapi.qualys.com"),
        (" https://QualysAPI.My-Cloud-1.Example:8443/ ", "https://qualysapi.my-cloud-1.example:8443"),
        ("qualysapi.qg2.apps.qualys.eu", "https://qualysapi.qg2.apps.qualys.eu"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("https://[2001:db8::7]:443", "https://[2001:db8::7]:443"),
        ("https://scanner", "https://scanner"),
    ],
)
def test_servers_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert fields.texts("account", {**ACCOUNT, "api_server": typed})["api_server"] == stored


def test_the_first_platform_is_the_default() -> None:
    assert fields.texts("account", ACCOUNT)["api_server"] == PLATFORMS[0].api_server == "https://qualysapi.qualys.com"


REFUSED = [
    ("account", {"api_server": "http://qualysapi.qualys.com"}, "api_server", "plain http"),
    ("account", {"api_server": "ftp://qualysapi.qualys.com"}, "api_server", "not https"),
    ("account", {"api_server": "https://user:pw@qualysapi.qualys.com"}, "api_server", "more than a server"),
    ("account", {"api_server": "https://qualysapi.qualys.com/api/2.0"}, "api_server", "more than a server"),
    ("account", {"api_server": "https://qualysapi.<customer_base_url>"}, "api_server", "not a host"),
    ("account", {"api_server": "https://host:port"}, "api_server", "not a URL"),
    ("account", {"api_server": "https://"}, "api_server", "not a host"),
    ("account", {"name": "a.b"}, "name", "cannot name an account"),
    ("account", {"username": ""}, "username", "missing"),
    ("account", {"username": "a:b"}, "username", "no colon"),
    ("account", {"password": ""}, "password", "missing"),
    ("account", {"client_cert": "cert.pem"}, "client_cert", "absolute path"),
    ("account", {"client_key": "/k.pem"}, "client_cert", "needs its certificate"),
    ("proxy", {"use_proxy": "1", "proxy_port": "8080"}, "proxy_server", "Host is missing"),
    ("proxy", {"use_proxy": "1", "proxy_server": "proxy-1.corp.example"}, "proxy_port", "Port is missing"),
    ("proxy", {"proxy_server": "http://proxy:8080"}, "proxy_server", "without http://"),
    ("proxy", {"proxy_port": "65536"}, "proxy_port", "from 1 to 65535"),
    ("proxy", {"use_proxy": "perhaps"}, "use_proxy", "neither on"),
    ("api", {"api_timeout": "5m"}, "api_timeout", "whole number"),
    ("api", {"host_detection_api_version": "v5"}, "host_detection_api_version", "such as 5.0"),
    ("logging", {"loglevel": "INFOxyz"}, "loglevel", "choose one of DEBUG"),
    ("vm", {"num_threads": "0"}, "num_threads", "from 1 to 10"),
    ("vm", {"num_threads": "١"}, "num_threads", "whole number"),
    ("vm", {"detection_fields_to_log": "QID,COLOR"}, "detection_fields_to_log", "COLOR is no field"),
    ("vm", {"detection_params": "a"}, "detection_params", "a=1&b=2"),
    ("input", {"name": "../x"}, "name", "cannot name an input"),
    ("input", {"name": ".."}, "name", "cannot name an input"),
    ("input", {"name": "x" * 65}, "name", "1 to 64"),
    ("input", {"duration": "61 * * * *"}, "duration", "61 * * * *"),
    ("input", {"duration": "30"}, "duration", "shorter than a minute"),
    ("input", {"duration": "30x"}, "duration", "'30x' is neither a cron entry nor an interval: use five"),
    ("input", {"start_date": "2024-02-30T00:00:00Z"}, "start_date", "not a UTC time"),
    ("input", {"start_date": "2025-9-1T0:0:0Z"}, "start_date", "not a UTC time"),
    (
        "proxy",
        {"use_proxy": "1", "proxy_server": "ann:s3cret@proxy:3128"},
        "proxy_server",
        "'******@proxy:3128' is not",
    ),
    ("input", {"shard": "5/4"}, "shard", "second of four"),
    ("input", {"shard": "0/4"}, "shard", "second of four"),
    ("input", {"metric": "was_findings", "shard": "1/2"}, "shard", "no list of hosts"),
]


@pytest.mark.parametrize(("stanza", "values", "setting", "words"), REFUSED)
def test_refusals_say_what_is_wrong(stanza: str, values: dict[str, str], setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        fields.checked(stanza, {**REQUIRED.get(stanza, {}), **values})
    assert words in str(refused.value)
    assert refused.value.setting == setting
    assert "Traceback" not in str(refused.value)
    (label,) = (field.label for field in STANZAS[stanza] if field.name == setting)
    assert str(refused.value).startswith(label)
    assert label not in str(refused.value)[len(label) :], "once is enough"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_parameters_that_are_not_allowed_are_listed_and_refused_with_the_reason(name: str) -> None:
    (field,) = (field for field in STANZAS["vm"] if field.name == "detection_params")
    assert name in field.help
    assert FORBIDDEN[name] in field.help
    with pytest.raises(ConfigError, match=name) as refused:
        fields.checked("vm", {"detection_params": f"show_tags=1&{name}=1"})
    assert FORBIDDEN[name] in str(refused.value)


def test_secrets_are_taken_as_they_are() -> None:
    assert (
        fields.checked("account", {**ACCOUNT, "password": '  p\u00e4ss:word " '})["password"] == '  p\u00e4ss:word " '
    )


@given(st.sampled_from(sorted(STANZAS)), st.data())
def test_any_text_is_taken_or_refused_with_one_line(stanza: str, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(STANZAS[stanza]))
    text = data.draw(st.text(max_size=40))
    try:
        fields.checked(stanza, {**REQUIRED.get(stanza, {}), field.name: text})
    except ConfigError as error:
        assert error.setting  # noqa: PT017 - either outcome is fine; a refusal must name its setting
        assert "\n" not in str(error)  # noqa: PT017


def test_an_input_takes_the_account_it_names_or_the_only_one() -> None:
    assert fields.account_for("", ["prod"]) == "prod"
    assert fields.account_for("eu", ["prod", "eu"]) == "eu"
    for chosen, accounts, words in (
        ("", [], "none yet"),
        ("", ["a", "b"], "several"),
        ("c", ["b", "a"], "one of a, b"),
    ):
        with pytest.raises(ConfigError, match=words):
            fields.account_for(chosen, accounts)


def test_every_field_has_a_label_and_secrets_have_no_default() -> None:
    for stanza in STANZAS.values():
        assert all(field.label and (field.kind != SECRET or not field.default) for field in stanza)
        assert len({field.name for field in stanza}) == len(stanza)


def test_the_table_needs_neither_splunk_nor_requests() -> None:
    """A tick that is not due checks its stanza with it, and must stay cheap."""
    code = (
        "import sys, qualys_ta.splunk.fields;"
        "print([name for name in sys.modules if name.partition('.')[0] in ('splunk','splunklib','solnlib','requests')])"
    )
    environment = {"PYTHONPATH": str(Path(fields.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_start_date_ahead_is_refused_where_it_is_saved_and_not_where_it_is_run() -> None:
    """A server whose clock is wrong must go on pulling; nothing but schedules goes by the local clock."""
    values = {"name": "host_detection", "start_date": "2024-05-01T00:00:00Z"}
    year_2000, year_2025 = 946_684_800.0, 1_735_689_600.0
    assert fields.checked("input", values)["start_date"] == "2024-05-01T00:00:00Z"
    assert fields.saved_account(values, ["prod"], year_2025) == "prod"
    with pytest.raises(ConfigError, match="in the future") as refused:
        fields.saved_account(values, ["prod"], year_2000)
    assert refused.value.setting == "start_date"
