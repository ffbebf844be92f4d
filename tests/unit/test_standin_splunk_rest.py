"""The management API, asked by its real client: splunk-sdk."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from splunklib import binding, client

from standins.splunk import SplunkStandin, StandinError
from support.fake_addon import ENDPOINT, NAME, fake_splunk

SECRET = 'p:ä"\\s =`]\n€'


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    folder = tmp_path_factory.mktemp("rest")
    info = {"instance_type": "cloud", "version": "10.0.1"}
    with fake_splunk(folder, roles=("search_head", "shc_captain"), info=info) as splunk:
        yield splunk


@pytest.fixture
def service(splunk: SplunkStandin) -> client.Service:
    return _connect(splunk, token=splunk.session_key)


def _connect(splunk: SplunkStandin, **credentials: str) -> client.Service:
    address = urlsplit(splunk.management_url)
    context = ssl.create_default_context(cafile=splunk.ca)
    return client.connect(
        host=address.hostname,
        port=address.port,
        app=NAME,
        owner="nobody",
        context=context,
        verify=True,
        **credentials,
    )


def test_inputs_are_created_listed_enabled_disabled_and_deleted(service: client.Service) -> None:
    created = service.inputs.create("a/b c", "qualys", mode="echo", remark="x=y;z")
    assert created.content["remark"] == "x=y;z"
    assert created.content["disabled"] == "1"
    assert [(item.name, item.kind) for item in service.inputs.list()] == [("a/b c", "qualys")]
    assert created.enable().refresh().content["disabled"] == "0"
    created.update(remark="new").refresh()
    assert (created.content["remark"], created.content["mode"]) == ("new", "echo")
    assert created.disable().refresh().content["disabled"] == "1"
    with pytest.raises(binding.HTTPError, match="already exists"):
        service.inputs.create("a/b c", "qualys", mode="echo")
    with pytest.raises(binding.HTTPError, match="no mode wrong"):
        created.update(mode="wrong")
    service.inputs.delete("a/b c", "qualys")
    assert service.inputs.list("qualys") == []


def test_the_scheme_is_shown(service: client.Service) -> None:
    kind = service.modular_input_kinds["qualys"]
    assert kind.arguments["mode"]["required_on_create"] == "1"


def test_secrets_are_stored_and_never_clear_on_disk(splunk: SplunkStandin, service: client.Service) -> None:
    stored = service.storage_passwords.create(SECRET, "user:1", "realm/x")
    assert (stored.clear_password, stored.username, stored.realm) == (SECRET, "user:1", "realm/x")
    service.storage_passwords.create("second", "u")
    assert [p.username for p in service.storage_passwords.list(search="realm=realm/x", count=-1)] == ["user:1"]
    (found,) = service.storage_passwords.list(search="realm=realm/x")
    found.update(password="changed" + SECRET)
    assert service.storage_passwords.list(search="realm=realm/x")[0].clear_password == "changed" + SECRET
    on_disk = (splunk.app_home / "local/passwords.conf").read_text("utf-8")
    assert "p:ä" not in on_disk
    assert "second" not in on_disk
    with pytest.raises(binding.HTTPError, match="409"):
        service.storage_passwords.create("again", "u")
    found.delete()
    service.storage_passwords.delete("u", "")
    assert service.storage_passwords.list() == []


def test_confs_are_written_where_the_url_says(splunk: SplunkStandin, service: client.Service) -> None:
    conf = service.confs.create("ta_fake_settings")
    stanza = conf.create("vm").submit({"Key": "a\nb", "search": "x"}).refresh()
    assert stanza.content["Key"] == "a\nb"
    assert (splunk.app_home / "local/ta_fake_settings.conf").read_text("utf-8") == "[vm]\nKey = a\\\nb\nsearch = x\n"
    assert [found.name for found in service.confs["ta_fake_settings"].list()] == ["vm"]
    conf.delete("vm")
    assert service.confs["ta_fake_settings"].list() == []
    with pytest.raises(KeyError):
        service.confs["no_such_conf"]


def test_a_list_is_thirty_long_unless_more_is_asked_for(service: client.Service) -> None:
    conf = service.confs.create("many")
    for number in range(31):
        conf.create(f"s{number:02}", k=str(number))
    assert len(conf.get(count=-1).body.read().split(b"<entry>")) == 32
    assert len(conf.get().body.read().split(b"<entry>")) == 31
    assert [found.name for found in conf.list(count=2, offset=29)] == ["s29", "s30"]
    assert [found.name for found in conf.list(search="k=7")] == ["s07"]


def test_server_facts(service: client.Service) -> None:
    assert service.info["server_roles"] == ["search_head", "shc_captain"]
    assert service.info["isFree"] == "0"
    assert (service.splunk_version, service.splunk_instance) == ((10, 0, 1), "cloud")
    assert "edit_modinput_qualys" in service.capabilities
    assert service.apps[NAME].content["configured"] == "0"
    service.apps[NAME].update(configured="1")
    assert service.apps[NAME].content["configured"] == "1"


def test_indexes(service: client.Service) -> None:
    service.indexes.create("vulns")
    assert {"main", "_internal", "vulns"} <= {index.name for index in service.indexes}
    assert service.indexes["vulns"].content["totalEventCount"] == "0"


def test_kv_store(service: client.Service) -> None:
    service.kvstore.create("made")
    data = service.kvstore["made"].data
    key = data.insert({"a": 1})["_key"]
    data.batch_save({"_key": "k", "a": 2}, {"a": 2})
    assert len(data.query(query={"a": 2})) == 2
    data.update("k", {"a": 3})
    assert data.query_by_id("k")["a"] == 3
    data.delete_by_id(key)
    data.delete(query=json.dumps({"a": 2}))
    assert [document["a"] for document in data.query()] == [3]
    with pytest.raises(binding.HTTPError, match="404"):
        data.query_by_id(key)
    with pytest.raises(binding.HTTPError, match="400"):
        data.delete(query="{'a': 1}")


def test_only_who_is_known_gets_in(splunk: SplunkStandin) -> None:
    assert _connect(splunk, username="admin", password="stand-in").info["version"] == "10.0.1"
    with pytest.raises(binding.AuthenticationError):
        _connect(splunk, username="admin", password="guess")
    for headers in ({}, {"Authorization": "Splunk wrong"}, {"Authorization": f"Basic {splunk.session_key}"}):
        with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
            _open(splunk, "/services/server/info", headers)
        refusal.value.close()
    assert b"server_roles" in _open(splunk, "/services/server/info", {"Authorization": f"Bearer {splunk.session_key}"})


def _open(splunk: SplunkStandin, path: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(splunk.management_url + path, headers=headers)
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=splunk.ca)) as response:
        body: bytes = response.read()
        return body


def test_an_unknown_authority_is_an_unknown_authority(splunk: SplunkStandin) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(splunk.management_url, context=ssl.create_default_context())


@pytest.mark.parametrize(
    "path", ["/", "/services/no/such", "/servicesNS/nobody", "/servicesNS/nobody/x/configs/conf-a"]
)
def test_what_there_is_not_is_404(splunk: SplunkStandin, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refusal:
        _open(splunk, path, {"Authorization": f"Splunk {splunk.session_key}"})
    refusal.value.close()


def test_the_add_ons_own_endpoint(splunk: SplunkStandin) -> None:
    answer: dict[str, Any] = splunk.post(ENDPOINT, name="n 1", color="red")
    (entry,) = answer["entry"]
    assert (entry["name"], entry["content"]["color"], entry["content"]["version"]) == ("n 1", "red", "10.0.1")
    assert answer["messages"] == [{"type": "WARN", "text": "saved, but look at it"}]
    assert splunk.get(f"{ENDPOINT}/n 1")["entry"][0]["content"]["app"] == NAME


@pytest.mark.parametrize(
    ("method", "path", "form", "refusal"),
    [
        ("get", f"{ENDPOINT}/gone", {}, "HTTP 404: nothing here"),
        ("get", ENDPOINT, {"color": "red"}, 'HTTP 400: Argument "color" is not supported by this handler.'),
        ("post", ENDPOINT, {"name": "n"}, "HTTP 400: The following required arguments are missing: color."),
        ("post", f"{ENDPOINT}/n", {"color": "red"}, "HTTP 405"),
        (
            "get",
            f"{ENDPOINT}/boom",
            {},
            "HTTP 500: Unexpected error \"<class 'ValueError'>\" from python handler: "
            '"REST Error [418]: Teapot -- short and stout". See splunkd.log/python.log for more details.',
        ),
    ],
)
def test_how_a_handler_refuses(
    splunk: SplunkStandin, method: str, path: str, form: dict[str, str], refusal: str
) -> None:
    with pytest.raises(StandinError) as raised:
        getattr(splunk, method)(path, **form)
    assert str(raised.value).startswith(refusal)
