"""Packs the built add-on the same way every time: sorted, owned by nobody in particular, dated by nothing.

Usage: ``python tools/archive.py <folder> <archive.tar.gz>``
"""

from __future__ import annotations

import gzip
import sys
import tarfile
from pathlib import Path

EPOCH = 315532800
"""1980-01-01: the oldest date that every unpacker understands."""


def _same_every_time(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = EPOCH
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def pack(folder: Path, archive: Path) -> None:
    """Write `archive` holding `folder` under its own name."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    # __pycache__ is what a run of the built add-on in place leaves behind
    members = [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts]
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=EPOCH) as packed, _tar(packed) as tar:
        for path in [folder, *members]:
            tar.add(path, path.relative_to(folder.parent).as_posix(), recursive=False, filter=_same_every_time)


def _tar(packed: gzip.GzipFile) -> tarfile.TarFile:
    return tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
    print(sys.argv[2])
