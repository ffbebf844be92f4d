"""Where Qualys subscriptions live: the API server of each shared platform and its gateway.

Source: the platform table of the vendor's integration guide, and the vendor's page "Identify your Qualys platform".
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Platform:
    label: str
    api_server: str
    gateway_server: str


PLATFORMS = (
    Platform("Qualys US Platform 1", "https://qualysapi.qualys.com", "https://gateway.qg1.apps.qualys.com"),
    Platform("Qualys US Platform 2", "https://qualysapi.qg2.apps.qualys.com", "https://gateway.qg2.apps.qualys.com"),
    Platform("Qualys US Platform 3", "https://qualysapi.qg3.apps.qualys.com", "https://gateway.qg3.apps.qualys.com"),
    Platform("Qualys EU Platform 1", "https://qualysapi.qualys.eu", "https://gateway.qg1.apps.qualys.eu"),
    Platform("Qualys EU Platform 2", "https://qualysapi.qg2.apps.qualys.eu", "https://gateway.qg2.apps.qualys.eu"),
    Platform("Qualys India Platform 1", "https://qualysapi.qg1.apps.qualys.in", "https://gateway.qg1.apps.qualys.in"),
)

_GATEWAYS = {platform.api_server: platform.gateway_server for platform in PLATFORMS}


def gateway_for(api_server: str) -> str:
    """The gateway that belongs to an API server; "" where the name follows no known rule (enter it by hand).

    The two oldest platforms break the rule ``qualysapi.<pod> -> gateway.<pod>``, so the table comes first.
    """
    known = _GATEWAYS.get(api_server)
    if known is not None:
        return known
    host = urlsplit(api_server).netloc
    return "https://gateway." + host[len("qualysapi.") :] if host.startswith("qualysapi.") else ""
