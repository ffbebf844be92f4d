"""Splunk's .conf files: read, layered and written as splunkd does it.

Syntax and precedence are those of the "About configuration files" and "Configuration file precedence" pages of
Splunk's Admin Manual: case-sensitive keys, `\\` before the end of a line continues the value on the next line, settings
above the first stanza and in `[default]` hold for all stanzas, and an input stanza `[kind://name]` inherits `[kind]`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from standins.splunk.errors import StandinError

Stanzas = dict[str, dict[str, str]]
DEFAULT = "default"
SYSTEM = "system"
ANY_APP = "-"
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_STANZA_NAME = re.compile(r"[^\r\n]+")
_KEY = re.compile(r"[^\s=\[#;][^\r\n=]*")


def parse(text: str) -> Stanzas:
    """The stanzas of one file, nothing inherited; an empty stanza is kept, a repeated one is merged."""
    stanzas: Stanzas = {}
    current = stanzas.setdefault(DEFAULT, {})
    for line in _logical_lines(text):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            current = stanzas.setdefault(stripped[1:-1], {})
        elif "=" in stripped:
            key, _, value = stripped.partition("=")
            current[key.strip()] = value.strip()
    if not stanzas[DEFAULT]:
        del stanzas[DEFAULT]
    return stanzas


def _logical_lines(text: str) -> Iterator[str]:
    pending = ""
    for line in text.lstrip("\ufeff").split("\n"):
        if not pending and line.lstrip().startswith(("#", ";")):
            continue
        if line.endswith("\\"):
            pending += line[:-1] + "\n"
            continue
        yield pending + line
        pending = ""
    if pending:
        yield pending.rstrip("\n")


def render(stanzas: Mapping[str, Mapping[str, str]]) -> str:
    """The text that `parse` reads back to the same stanzas."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_escaped(value)}\n" for key, value in settings.items())
        for name, settings in stanzas.items()
    )


def _escaped(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # A space behind a final backslash keeps it from swallowing the line end; it is stripped again on reading.
    return "\\\n".join(lines) + (" " if lines[-1].endswith("\\") else "")


def is_true(value: object) -> bool:
    """Splunk's idea of a true boolean setting."""
    return str(value).strip().lower() in {"1", "true", "t", "yes", "y", "on"}


@dataclass(frozen=True)
class Stanza:
    """One stanza as an app sees it: everything inherited, and where it may be changed."""

    name: str
    settings: dict[str, str]
    app: str
    shipped: bool
    """It stands in a default/ folder, so it can be disabled but not deleted."""

    @property
    def disabled(self) -> bool:
        return is_true(self.settings.get("disabled", "0"))

    @property
    def content(self) -> dict[str, str]:
        """The settings as REST shows them: `disabled` is always there, and always 0 or 1."""
        return {**self.settings, "disabled": "1" if self.disabled else "0"}


class ConfFiles:
    """All conf files of a Splunk home; every read sees the disk, every write goes to a local/ folder."""

    def __init__(self, etc: Path) -> None:
        self._etc = etc
        self._lock = threading.RLock()

    def stanzas(self, conf: str, app: str) -> dict[str, Stanza]:
        """What `app` sees of `<conf>.conf`, inheritance applied; `-` for the view from no app in particular."""
        with self._lock:
            layers = [(owner, layer, parse(path.read_text("utf-8"))) for owner, layer, path in self._layers(conf, app)]
        merged: Stanzas = {}
        owners: dict[str, str] = {}
        shipped: set[str] = set()
        for owner, layer, content in layers:
            for name, settings in content.items():
                merged.setdefault(name, {}).update(settings)
                owners[name] = owner
                shipped.update({name} if layer == "default" else ())
        return {name: Stanza(name, _inherited(merged, name), owners[name], shipped=name in shipped) for name in merged}

    def stanza(self, conf: str, app: str, name: str) -> Stanza:
        """One stanza; StandinError 404 if no layer has it."""
        found = self.stanzas(conf, app).get(name)
        if found is None:
            raise StandinError(404, f"Could not find object id={name}")
        return found

    def value(self, conf: str, stanza: str, key: str, default: str = "") -> str:
        """One setting seen from no app in particular, or `default`."""
        found = self.stanzas(conf, ANY_APP).get(stanza)
        return default if found is None else found.settings.get(key, default)

    def exists(self, conf: str, app: str) -> bool:
        """Some layer has a file of this name, even an empty one."""
        return bool(self._layers(conf, app))

    def names(self, app: str) -> list[str]:
        """The conf files `app` sees, without `.conf`."""
        return sorted({path.stem for _, _, folder in self._folders(app) for path in folder.glob("*.conf")})

    def write(self, conf: str, app: str, name: str, settings: Mapping[str, str]) -> None:
        """Settings join stanza `name` of the app's local/<conf>.conf; the others there stay."""
        if not _STANZA_NAME.fullmatch(name) or not all(map(_KEY.fullmatch, settings)):
            raise StandinError(400, f"Bad stanza or key name in {conf}: {name!r} {sorted(settings)}")
        with self._lock:
            local, stanzas = self._local(conf, app)
            stanzas.setdefault(name, {}).update(settings)
            _replace(local, stanzas)

    def create_file(self, conf: str, app: str) -> None:
        """An empty local/<conf>.conf exists afterwards."""
        with self._lock:
            _replace(*self._local(conf, app))

    def remove(self, conf: str, app: str, name: str) -> None:
        """Stanza `name` leaves local/; StandinError 404 if it is nowhere, 403 if it is shipped in default/."""
        with self._lock:
            stanza = self.stanza(conf, app, name)
            if stanza.shipped:
                raise StandinError(403, f"Object id={name} cannot be deleted in config={conf}: it is in default/.")
            local, stanzas = self._local(conf, stanza.app)
            stanzas.pop(name, None)
            _replace(local, stanzas)

    def _local(self, conf: str, app: str) -> tuple[Path, Stanzas]:
        folder = self._app_folder(SYSTEM if app == ANY_APP else app) / "local"
        path = folder / _file_name(conf)
        return path, parse(path.read_text("utf-8")) if path.exists() else {}

    def _layers(self, conf: str, app: str) -> list[tuple[str, str, Path]]:
        candidates = [(owner, layer, folder / _file_name(conf)) for owner, layer, folder in self._folders(app)]
        return [candidate for candidate in candidates if candidate[2].is_file()]

    def _folders(self, app: str) -> Iterator[tuple[str, str, Path]]:
        """(app, default or local, folder), weakest first: the app asked for wins."""
        others = sorted(path.name for path in (self._etc / "apps").iterdir() if path.name != app)
        for owner in [SYSTEM, *others, *([] if app in {ANY_APP, SYSTEM} else [app])]:
            for layer in ("default", "local"):
                yield owner, layer, self._app_folder(owner) / layer

    def _app_folder(self, app: str) -> Path:
        folder = self._etc / SYSTEM if app == SYSTEM else self._etc / "apps" / app
        if not _FILE_NAME.fullmatch(app) or not folder.is_dir():
            raise StandinError(404, f"Application does not exist: {app}")
        return folder


def _file_name(conf: str) -> str:
    if not _FILE_NAME.fullmatch(conf):
        raise StandinError(400, f"Bad conf name: {conf!r}")
    return f"{conf}.conf"


def _inherited(merged: Stanzas, name: str) -> dict[str, str]:
    kind, separator, _ = name.partition("://")
    parents = [DEFAULT, kind] if separator else [DEFAULT]
    settings: dict[str, str] = {}
    for parent in parents:
        settings.update(merged.get(parent, {}))
    settings.update(merged[name])
    return settings


def _replace(path: Path, stanzas: Stanzas) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(render(stanzas), "utf-8")
    fresh.replace(path)
