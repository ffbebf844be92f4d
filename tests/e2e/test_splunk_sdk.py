"""Splunk's own client, splunk-sdk as it was published, does to the installed add-on what an operator's script would."""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from splunklib import binding, client

from support.e2e import BUILT, NAME, Site

PINNED = re.compile(r"^splunk-sdk==(\S+)$", re.MULTILINE)
SETTINGS = "ta_qualyscloudplatform_settings"


@pytest.fixture
def service(site: Site) -> Iterator[client.Service]:
    """Logged in with name and password, in the add-on's context."""
    address = urlsplit(site.splunk.management_url)
    service = client.connect(
        host=address.hostname,
        port=address.port,
        username="admin",
        password="stand-in",
        app=BUILT.name,
        owner="nobody",
        context=ssl.create_default_context(cafile=site.splunk.ca),
        verify=True,
    )
    yield service
    service.logout()


def test_the_client_is_the_pinned_one_and_unchanged() -> None:
    installed = distribution("splunk-sdk")
    pinned = PINNED.search((BUILT.parent / "requirements-dev.txt").read_text("utf-8"))
    assert pinned
    assert installed.version == pinned[1]
    hashed = [file for file in installed.files or () if file.hash and file.suffix == ".py"]
    assert len(hashed) > 20
    for file in hashed:
        digest = hashlib.sha256(Path(str(file.locate())).read_bytes()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == file.hash.value, file


def test_inputs_are_created_listed_edited_switched_and_deleted(site: Site, service: client.Service) -> None:
    assert [(item.name, item.kind, item.content["disabled"]) for item in service.inputs.list()] == [
        (NAME, "qualys", "1")
    ]
    nightly = service.inputs.create("nightly", "qualys", metric=NAME, account="demo", duration="0 2 * * *")
    assert nightly.content["disabled"] == "1", "a new input waits until it is switched on"
    assert {item.name for item in service.inputs.list("qualys")} == {NAME, "nightly"}
    assert nightly.enable().refresh().content["disabled"] == "0"
    nightly.update(duration="12h").refresh()
    assert (nightly.content["duration"], nightly.content["metric"]) == ("12h", NAME)
    assert nightly.disable().refresh().content["disabled"] == "1"
    with pytest.raises(binding.HTTPError, match="Cron entry or interval"):
        nightly.update(duration="sometimes")
    with pytest.raises(binding.HTTPError, match="already exists"):
        service.inputs.create("nightly", "qualys", duration="1h")
    service.inputs.delete("nightly", "qualys")
    assert [item.name for item in service.inputs] == [NAME]
    assert site.tick().returncode == 0
    assert int(service.indexes["main"].content["totalEventCount"]) == len(site.raw) > 0


def test_the_scheme_names_what_an_input_takes(service: client.Service) -> None:
    kind = service.modular_input_kinds["qualys"]
    assert {"account", "duration", "metric", "start_date"} <= kind.arguments.keys()


def test_secrets_are_stored_beside_the_accounts_own(service: client.Service, site: Site) -> None:
    before = service.storage_passwords.list(count=-1)
    assert any(found.username.startswith("demo") for found in before), "the account page stored it"
    stored = service.storage_passwords.create("s3cret é", "user", "realm")
    assert (stored.clear_password, stored.username, stored.realm) == ("s3cret é", "user", "realm")
    (found,) = service.storage_passwords.list(search="realm=realm", count=-1)
    found.update(password="another")
    assert service.storage_passwords.list(search="realm=realm")[0].clear_password == "another"
    service.storage_passwords.delete("user", "realm")
    assert len(service.storage_passwords.list(count=-1)) == len(before)
    assert site.tick().returncode == 0, "the account can still log in"


def test_confs_and_the_server_are_read(service: client.Service) -> None:
    vm = service.confs[SETTINGS]["vm"]
    assert vm.content["detection_truncation_limit"] == "3"
    assert vm.submit({"detection_truncation_limit": "5"}).refresh().content["detection_truncation_limit"] == "5"
    assert service.confs["inputs"][f"qualys://{NAME}"].content["duration"] == "1h"
    assert service.apps[BUILT.name].content["label"]
    assert (service.info["product_type"], service.info["isFree"]) == ("enterprise", "0")
    assert service.splunk_version >= (9,)
    assert "search_head" in service.info["server_roles"]
