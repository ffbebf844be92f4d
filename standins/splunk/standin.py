"""The stand-in as tests and the demo hold it: a Splunk with one add-on, started and stopped as a context manager."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

from standins.splunk.errors import StandinError
from standins.splunk.layout import install, unpack
from standins.splunk.management import Management
from standins.splunk.run import Run
from standins.splunk.scripts import Scheme
from standins.splunk.servers import serving
from standins.splunk.sessions import ADMIN
from standins.splunk.splunkd import Identity, Splunkd
from standins.splunk.store import EventRow
from standins.splunk.web import web_application
from standins.tls import Authority

REQUEST_WAIT_S = 120.0


class SplunkStandin:
    """A Splunk home below `home` with the built add-on of folder `app` installed.

    Inside its `with` block the management API answers at `management_url` (TLS, certificate of `ca`) and Splunk Web at
    `web_url`. `kind` is the add-on's modular input; `tick`, `start` and `validate` take the names of its inputs.
    """

    def __init__(
        self, home: Path, app: Path, *, port: int = 0, web_port: int = 0, kind: str = "qualys", **identity: Any
    ) -> None:
        self._layout = install(home, app)
        self._ports = (port, web_port)
        self._kind = kind
        self._open = ExitStack()
        self.splunkd = Splunkd(self._layout, Identity(**identity))
        self.session_key = self.splunkd.sessions.issue(ADMIN)
        self.home = self._layout.home
        self.app_home = self._layout.app
        self.management_url = ""
        self.web_url = ""
        self.ca = ""

    def __enter__(self) -> SplunkStandin:
        splunkd = self.splunkd
        authority = Authority.create(self._layout.etc / "auth" / "ca")
        management = Management(splunkd.sessions, splunkd.resource, self._note_refusal)
        context = authority.server_context()
        self.ca = authority.ca_path
        self.management_url = self._open.enter_context(serving(management, self._ports[0], context))
        self.web_url = self._open.enter_context(serving(web_application(splunkd, management), self._ports[1]))
        self._open.callback(splunkd.close)
        splunkd.listening(self.management_url, self.ca)
        splunkd.introspect()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._open.close()

    def upgrade(self, app: Path) -> None:
        """Another package of the same add-on over the installed one, and what splunkd does when it starts again."""
        if app.name != self._layout.app_name:
            raise ValueError(f"{app.name} is another add-on than {self._layout.app_name}")
        unpack(app, self._layout)
        self.splunkd.introspect()

    # The management API, as an administrator calls it.

    def get(self, path: str, /, **query: str) -> Any:
        """The parsed JSON answer; `path` may be whole or start behind `/servicesNS/nobody/<app>/`."""
        return self._request("GET", path, query)

    def post(self, path: str, /, **form: str) -> Any:
        return self._request("POST", path, form)

    def delete(self, path: str, /) -> Any:
        return self._request("DELETE", path, {})

    # Inputs.

    def tick(
        self,
        name: str,
        python: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        wait: bool = True,
    ) -> Run:
        """Starts the input once, exactly as splunkd does, and waits until its stream is indexed."""
        run = self.splunkd.start(f"{self._kind}://{name}", python, env)
        return run.wait() if wait else run

    def start(self, name: str, python: Optional[str] = None, env: Optional[Mapping[str, str]] = None) -> Run:
        """Like `tick` without waiting, for those who kill."""
        return self.tick(name, python, env, wait=False)

    def schedule(self, period_s: float = 60.0) -> None:
        """Starts every enabled input each `period_s` from now on, never twice at once."""
        self.splunkd.schedule(period_s)

    def scheme(self) -> Scheme:
        return self.splunkd.scripts.scheme(self._kind)

    def validate(self, name: str, **params: str) -> str:
        """Why `--validate-arguments` refuses these parameters, or ""."""
        return self.splunkd.scripts.refusal(self._kind, name, params, self.splunkd.session())

    # What came of it.

    def events(self, sourcetype: Optional[str] = None, limit: Optional[int] = None) -> list[EventRow]:
        """The indexed events in the order they came: time, index, host, source, sourcetype, stanza, raw, indexed_at."""
        return self.splunkd.store.events(sourcetype, limit=limit)

    def internal_events(self) -> list[EventRow]:
        """The add-on's own log as the index _internal holds it, one row a line; rows like those of `events`."""
        return self.splunkd.internal_events()

    def clean(self) -> None:
        """Empties the indexes, as `splunk clean eventdata` does."""
        self.splunkd.store.clean()

    def log(self, name: str = "ta_QualysCloudPlatform.log") -> str:
        """A file of var/log/splunk, by default the add-on's own; empty while there is none."""
        path = self._layout.logs / name
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _note_refusal(self, request: str, refusal: str) -> None:
        self.splunkd.log.write("WARN", "Rest", f"{request}: {refusal}")

    def _request(self, method: str, path: str, args: Mapping[str, str]) -> Any:
        query = urllib.parse.urlencode({"output_mode": "json", **({} if method == "POST" else args)})
        body = urllib.parse.urlencode(args).encode() if method == "POST" else None
        url = f"{self.management_url}{self._whole(path)}?{query}"
        request = urllib.request.Request(url, body, {"Authorization": f"Splunk {self.session_key}"}, method=method)
        context = ssl.create_default_context(cafile=self.ca)
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_WAIT_S, context=context) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise StandinError(error.code, _message(error.read())) from None

    def _whole(self, path: str) -> str:
        bare = urllib.parse.quote(path.strip("/"), safe="/%:")
        return f"/{bare}" if bare.startswith("services") else f"/servicesNS/nobody/{self._layout.app_name}/{bare}"


def _message(body: bytes) -> str:
    try:
        document: dict[str, Any] = json.loads(body)
        return "; ".join(message["text"] for message in document["messages"])
    except (ValueError, KeyError):
        return body.decode("utf-8", "replace")
