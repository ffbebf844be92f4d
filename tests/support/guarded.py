"""A way to the platform that wants every secret there is: password, encrypted client key, proxy with a login."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from standins.qualys import QualysStandin
from support.arrivals import Arrivals
from support.e2e import Site
from support.page import account_form, choose
from support.proxy import ConnectProxy

USER = "acme_ab1"
SECRETS = {"password": 'Acc0unt "€" %&<', "client_key_password": "Pässphrase +/%", "proxy_password": "Pröxy :@ %"}


@contextmanager
def guarded(site: Site, folder: Path, hosts: int = 6, findings: int = 20) -> Iterator[QualysStandin]:
    """The platform, its requests `Arrivals`; the site uses it through the proxy, and logs at level DEBUG."""
    users = {USER: SECRETS["password"]}
    with (
        QualysStandin(folder, hosts=hosts, findings=findings, users=users, require_client_cert=True) as platform,
        ConnectProxy(USER, SECRETS["proxy_password"]) as proxy,
    ):
        platform.requests = Arrivals()
        login = {"proxy_username": USER, "proxy_password": SECRETS["proxy_password"]}
        site.save("proxy", use_proxy="1", proxy_server="127.0.0.1", proxy_port=str(proxy.port), **login)
        use_platform(site, platform, passphrase=SECRETS["client_key_password"])
        choose(site, "logging", loglevel="DEBUG")
        yield platform


def use_platform(
    site: Site, platform: QualysStandin, host: str = "127.0.0.1", *, combined: bool = False, passphrase: str = ""
) -> Path:
    """Make the site's account use `platform`, untested, with a client certificate. Returns where its key lies."""
    issued = platform.authority.client_certificate("client", combined=combined, passphrase=passphrase)
    key = {"client_cert": issued.cert, "client_key_password": passphrase}
    key["client_key"] = "" if combined else issued.key
    url = platform.url.replace("127.0.0.1", host)
    site.save_account(**account_form(platform, api_server=url, gateway_server=url, skip_test="1", **key))
    return Path(issued.key)
