"""The tab Proxy decides how the platform is reached, and nothing else does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from standins.qualys import QualysStandin
from support.e2e import NAME, REST, Site
from support.files import holding, spellings
from support.page import account_form, choose, closed_port, names, refusal
from support.proxy import ConnectProxy

USER, PASSWORD = "prøxy user", 'pä:ss "€" @/%+\\'
PROXY = f"{REST.format('settings')}/proxy"


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with ConnectProxy(USER, PASSWORD) as running:
        yield running


def use(site: Site, port: int, **changed: str) -> None:
    """Save the tab."""
    usual = {"use_proxy": "1", "proxy_server": "127.0.0.1", "proxy_port": str(port)}
    login = {"proxy_username": USER, "proxy_password": PASSWORD}
    site.splunk.post(PROXY, **{**usual, **login, **changed})


def test_all_goes_through_the_proxy_and_its_password_nowhere_else(
    site: Site, proxy: ConnectProxy, tmp_path: Path
) -> None:
    use(site, proxy.port)
    choose(site, "logging", loglevel="DEBUG")
    site.splunk.post(REST.format("account"), **account_form(site.qualys))
    site.splunk.delete(f"{REST.format('account')}/acme")
    run = site.splunk.tick(NAME, env={"TMPDIR": str(tmp_path)})
    site.assert_complete()
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    line = f"CONNECT {urlsplit(site.qualys.url).netloc} HTTP/1.0"
    assert {(asked.line.replace("HTTP/1.1", "HTTP/1.0"), asked.authorization) for asked in proxy.requests} == {
        (line, f"Basic {token}")
    }
    assert len(proxy.requests) in (2, 3), "one connection for the test, one or two for the run's calls at once"
    assert not [call for call in site.qualys.requests if "proxy-authorization" in call.headers]
    told = spellings(PASSWORD, USER)
    assert holding(site.splunk.home, *told) == holding(tmp_path, *told) == []
    assert [text for text in told if text in run.stderr + "".join(site.raw)] == []


def test_a_proxy_without_a_login(site: Site) -> None:
    with ConnectProxy() as proxy:
        use(site, proxy.port, proxy_username="", proxy_password="")
        assert site.tick().returncode == 0
    assert {asked.authorization for asked in proxy.requests} == {""}
    site.assert_complete()


REFUSED = "The proxy refused its user or password: check the tab Proxy."
LED_ASTRAY = "The proxy did not lead to {host}: {why}. Check the tab Proxy."


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"proxy_password": "wrong"}, ""),
        ({"proxy_username": "", "proxy_password": ""}, ""),
        ({"proxy_port": "{closed}"}, "it cannot be reached, or is no HTTP proxy"),
        ({"proxy_server": "proxy.invalid"}, "its host name cannot be resolved"),
        ({"proxy_port": "{web}"}, "it answered 404 NOT FOUND"),
    ],
    ids=["wrong password", "no login", "nobody listens", "no such host", "a web server"],
)
def test_a_proxy_that_does_not_work_is_said(site: Site, proxy: ConnectProxy, changed: dict[str, str], why: str) -> None:
    ports = {"closed": closed_port(), "web": urlsplit(site.splunk.web_url).port}
    use(site, proxy.port, **{name: text.format(**ports) for name, text in changed.items()})
    choose(site, "api", max_retries="0")
    said = LED_ASTRAY.format(host=urlsplit(site.qualys.url).netloc, why=why) if why else REFUSED
    before = len(site.qualys.requests)
    assert refusal(site.splunk, account_form(site.qualys)) == said
    assert names(site.splunk) == ["demo"]
    assert site.tick().returncode == 1
    assert site.error() == said
    assert site.state["outcome"] == ("later" if why else "held"), "a refused login waits for a person"
    assert len(site.qualys.requests) == before


@pytest.mark.parametrize("certificate", ["unknown_ca", "wrong_name", "expired"])
def test_a_proxy_is_no_excuse_for_an_untrusted_server(
    site: Site, proxy: ConnectProxy, tmp_path: Path, certificate: str
) -> None:
    use(site, proxy.port)
    with QualysStandin(tmp_path, hosts=1, certificate=certificate) as platform:
        said = refusal(site.splunk, account_form(platform))
    assert said.startswith(f"No TLS connection to {urlsplit(platform.url).netloc}: its certificate ")
    assert platform.requests == []


def test_proxies_and_logins_of_the_environment_do_not_count(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login intruder password intruder\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with ConnectProxy() as proxy:
        site.save_account()
        site.ask("run_now")
        variables = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
        run = site.splunk.tick(NAME, env=dict.fromkeys(variables, proxy.url))
    assert (run.returncode, run.stderr) == (0, "")
    assert proxy.requests == [], "neither the platform nor splunkd is asked through it"
    site.assert_complete()
