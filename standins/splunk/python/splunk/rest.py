"""splunk.rest.simpleRequest: one request to splunkd with the handler's session."""

# The names are Splunk's.
# ruff: noqa: N802, N803

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Optional

import splunk

SPLUNKD_CONNECTION_TIMEOUT = 30


class Response(dict[str, str]):
    """The headers, with the status as an attribute, as httplib2 gives them."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        super().__init__(headers)
        self.status = status


def simpleRequest(
    path: str,
    sessionKey: Optional[str] = None,
    getargs: Optional[dict[str, Any]] = None,
    postargs: Optional[dict[str, Any]] = None,
    method: str = "GET",
    raiseAllErrors: bool = False,
    jsonargs: Optional[Any] = None,
    timeout: float = SPLUNKD_CONNECTION_TIMEOUT,
    **_: Any,
) -> tuple[Response, bytes]:
    """(response, body); raises as Splunk does for 401, for 404, and, when asked, for every other refusal."""
    url = path if "://" in path else f"{splunk.getLocalServerInfo()}{path}"
    if getargs:
        url = f"{url}?{urllib.parse.urlencode(getargs, doseq=True)}"
    body = json.dumps(jsonargs) if jsonargs is not None else urllib.parse.urlencode(postargs or {}, doseq=True)
    posts = method == "POST" or bool(postargs) or jsonargs is not None
    request = urllib.request.Request(url, body.encode() if posts else None, method="POST" if posts else method)
    request.add_header("Authorization", f"Splunk {sessionKey or splunk.getSessionKey()}")
    status, headers, content = _send(request, timeout)
    if status == 401:
        raise splunk.AuthenticationFailed(content.decode("utf-8", "replace"))
    if status == 404:
        raise splunk.ResourceNotFound(content.decode("utf-8", "replace"))
    if status >= 400 and raiseAllErrors:
        raise splunk.RESTException(status, content.decode("utf-8", "replace"))
    return Response(status, headers), content


def _send(request: urllib.request.Request, timeout: float) -> tuple[int, dict[str, str], bytes]:
    context = ssl.create_default_context(cafile=os.environ["SPLUNK_STANDIN_CA"])
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()
    except urllib.error.URLError as error:
        raise splunk.SplunkdConnectionException(str(error)) from error


def getWebCertFile() -> Optional[str]:
    """splunkd on loopback asks for no client certificate."""
    return None


def getWebKeyFile() -> Optional[str]:
    return None


def is_cert_or_key_encrypted(path: str) -> bool:
    with open(path, encoding="ascii") as pem:
        return "ENCRYPTED" in pem.read()
