"""What the add-on's code imports from Splunk's own Python library, so that it runs outside of Splunk.

Only names that splunktaucclib 8.2.0, solnlib 7.0.0 and the add-on use; the behavior is that of Splunk's library as
those packages rely on it.
"""

from __future__ import annotations

import os
from typing import Optional

_defaults = {"sessionKey": ""}


class RESTException(Exception):
    """A refusal of splunkd."""

    def __init__(self, statusCode: int, msg: Optional[str] = None) -> None:  # noqa: N803
        super().__init__(f"[HTTP {statusCode}] {msg}")
        self.statusCode = statusCode
        self.msg = msg


class ResourceNotFound(RESTException):
    def __init__(self, msg: Optional[str] = None) -> None:
        super().__init__(404, msg)


class AuthenticationFailed(RESTException):
    def __init__(self, msg: Optional[str] = None) -> None:
        super().__init__(401, msg)


class SplunkdConnectionException(Exception):
    """splunkd does not answer."""


def getSessionKey() -> str:  # noqa: N802
    """The session of the handler that is running."""
    return _defaults["sessionKey"]


def setDefault(key: str, value: str) -> None:  # noqa: N802
    _defaults[key] = value


def getDefault(key: str) -> str:  # noqa: N802
    return _defaults[key]


def getLocalServerInfo() -> str:  # noqa: N802
    """The management address."""
    return os.environ["SPLUNKD_URI"]
