"""Who we are to the platform, and the way there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """One Qualys subscription's user. Paths may be empty; secrets never show in a repr."""

    name: str
    api_server: str
    gateway_server: str
    username: str
    password: str = field(repr=False)
    ca_bundle: str = ""
    client_cert: str = ""
    client_key: str = ""
    client_key_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy that all requests to the platform go through."""

    server: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
