"""What lies on disk: which files hold a text, and who may read them."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus


def holding(folder: Path, *texts: str) -> list[Path]:
    """The files at any depth of `folder` that hold one of `texts`."""
    wanted = [text.encode() for text in texts]
    return [path for path in _files(folder) if any(text in path.read_bytes() for text in wanted)]


def spellings(secret: str, *users: str) -> set[str]:
    """A secret as it is, in a URL, in JSON, in XML, in a repr, and as Basic credentials of `users`."""
    basic = {base64.b64encode(f"{user}:{secret}".encode()).decode() for user in users}
    xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        xml,
        repr(secret)[1:-1],
        *basic,
    }


def open_to_others(paths: Iterable[Path]) -> list[str]:
    """Those of `paths` that anybody but their owner may read, write or enter, with their mode."""
    modes = ((path, stat.S_IMODE(path.stat().st_mode)) for path in paths)
    return [f"{path} {mode:o}" for path, mode in modes if mode & 0o077]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there but root; a puppet that is humble may not either."""
    folder.mkdir(exist_ok=True)
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    yield
    folder.chmod(mode)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
