"""What splunkd says on stdin when it starts a modular input. Source: Splunk's modular input documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from ..errors import ConfigError


@dataclass(frozen=True)
class Stanza:
    """One enabled input: its full name (``qualys://host_detection``), the app that holds it, its parameters."""

    full_name: str
    app: str
    params: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.full_name.partition("://")[2] or self.full_name

    @property
    def index(self) -> str:
        """The index that a person chose; "" leaves it to splunkd."""
        return _chosen(self.params.get("index", ""))

    @property
    def host(self) -> str:
        return _chosen(self.params.get("host", ""))


def _chosen(value: str) -> str:
    """splunkd hands its own marks for "not set" to scripts, but does not take them back in events."""
    return "" if value in ("default", "$decideOnStartup") else value


@dataclass(frozen=True)
class Invocation:
    """What splunkd says on stdin."""

    server_host: str
    server_uri: str
    session_key: str
    checkpoint_dir: Path
    stanzas: tuple[Stanza, ...]


def read_invocation(file: BinaryIO) -> Invocation:
    """Raises ConfigError for a text that is not splunkd's."""
    texts: dict[str, str] = {}
    stanzas: list[Stanza] = []
    parts: list[str] = []
    open_params: dict[str, str] = {}
    names: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        parts.clear()
        if tag in ("stanza", "item"):
            open_params.clear()
            stanzas.append(Stanza(attributes.get("name", ""), attributes.get("app", ""), {}))
        elif tag == "param":
            names.append(attributes.get("name", ""))

    def end(tag: str) -> None:
        text = "".join(parts)
        if tag == "param":
            open_params[names.pop()] = text
        elif tag in ("stanza", "item"):
            stanzas[-1] = Stanza(stanzas[-1].full_name, stanzas[-1].app, dict(open_params))
        else:
            texts[tag] = text
        parts.clear()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = parts.append
    try:
        parser.ParseFile(file)
    except expat.ExpatError as error:
        raise ConfigError(f"splunkd's input cannot be read: {error}.") from None
    told = ("server_host", "server_uri", "session_key", "checkpoint_dir")
    host, uri, key, folder = (texts.get(name, "") for name in told)
    return Invocation(host, uri, key, Path(folder), tuple(stanzas))
