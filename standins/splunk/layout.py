"""The folders of a Splunk home, made ready for one add-on."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from standins.splunk import conf

SEARCH_APP = "search"
_NOT_COPIED = ("local", "__pycache__", "tmp")

_EXPOSED = {
    "data/inputs/*": "GET, POST",
    "data/inputs/*/*": "GET, POST, DELETE",
    "search/jobs": "GET, POST",
    "search/jobs/*": "GET, POST, DELETE",
    "search/jobs/*/*": "GET, POST",
    "search/v2/jobs/*/*": "GET, POST",
    "server/info": "GET",
    "server/info/*": "GET",
}
"""What Splunk Web passes on to splunkd without any app asking for it."""

_SYSTEM_DEFAULTS: dict[str, conf.Stanzas] = {
    "inputs": {"default": {"index": "default", "host": "stand-in"}},
    "server": {"general": {"serverName": "stand-in"}, "sslConfig": {"enableSplunkdSSL": "true"}},
    "web": {
        "settings": {"mgmtHostPort": "127.0.0.1:8089", "enableSplunkWebSSL": "0"},
        **{f"expose:{path}": {"pattern": path, "methods": methods} for path, methods in _EXPOSED.items()},
    },
    "indexes": {name: {"homePath": f"$SPLUNK_DB/{name}/db"} for name in ("main", "summary", "_internal", "_audit")},
}


@dataclass(frozen=True)
class Layout:
    """Where things lie below SPLUNK_HOME."""

    home: Path
    app_name: str

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def app(self) -> Path:
        return self.etc / "apps" / self.app_name

    @property
    def logs(self) -> Path:
        return self.home / "var" / "log" / "splunk"

    @property
    def database(self) -> Path:
        """SPLUNK_DB."""
        return self.home / "var" / "lib" / "splunk"

    @property
    def secret_path(self) -> Path:
        return self.etc / "auth" / "splunk.secret"

    def checkpoints(self, kind: str) -> Path:
        """checkpoint_dir of a modular input kind; splunkd creates it before it starts the script."""
        folder = self.database / "modinputs" / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def unpack(app: Path, layout: Layout) -> None:
    """The add-on over what was there: files of the package replace, others stay, local/ above all."""
    shutil.copytree(app, layout.app, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_NOT_COPIED))


def install(home: Path, app: Path) -> Layout:
    """A home with the add-on unpacked in it."""
    layout = Layout(home.resolve(), app.name)
    for folder in (layout.logs, layout.database, layout.secret_path.parent, layout.etc / "apps" / SEARCH_APP):
        folder.mkdir(parents=True, exist_ok=True)
    unpack(app, layout)
    if not layout.secret_path.exists():
        layout.secret_path.write_text(secrets.token_urlsafe(32), "ascii")
        layout.secret_path.chmod(0o600)
    system = layout.etc / "system" / "default"
    system.mkdir(parents=True, exist_ok=True)
    for name, stanzas in _SYSTEM_DEFAULTS.items():
        (system / f"{name}.conf").write_text(conf.render(stanzas), "utf-8")
    return layout
