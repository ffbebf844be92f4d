"""What ucc-gen calls at the end of a build: leaves only what must ship, the same bytes every time.

ucc-gen writes the time of the build into two files; here it becomes a number made of the content, so that two builds of
the same sources are identical and a browser still notices a new one.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

_BUILD_FILES = ("default/app.conf", "appserver/templates/base.html")
_BUILD = re.compile(rb"(?m)(^build = |/@)(\d+)")


def cleanup_output_files(output_path: str, ta_name: str) -> None:
    app = Path(output_path) / ta_name
    _keep_licenses(app)
    _remove_what_must_not_ship(app)
    _write_flags_as_numbers(app / "default" / "app.conf")
    _number_by_content(app)
    for path in app.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _keep_licenses(app: Path) -> None:
    """The license texts of the packages in lib/, one file each: their metadata goes, their terms stay."""
    for metadata in sorted(app.glob("lib/*.dist-info")):
        texts = sorted(path for path in metadata.rglob("*") if path.is_file() and _is_license(path))
        package = metadata.name[: -len(".dist-info")]
        joined = b"\n".join(path.read_bytes() for path in texts) or _named_license(metadata)
        (app / "LICENSES" / f"{package}.txt").write_bytes(joined)
        shutil.rmtree(metadata)


def _named_license(metadata: Path) -> bytes:
    """What a package that brings no license text says of its license."""
    lines = (metadata / "METADATA").read_bytes().splitlines(keepends=True)
    return b"".join(
        line for line in lines if line.startswith((b"Name:", b"Version:", b"License", b"Classifier: License"))
    )


def _is_license(path: Path) -> bool:
    return path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS"))


def _remove_what_must_not_ship(app: Path) -> None:
    for folder in [
        app / "lib" / "bin",
        app / "lib" / "certifi" / "tests",
        *app.rglob("__pycache__"),
        *app.glob("lib/*.egg-info"),
    ]:
        shutil.rmtree(folder, ignore_errors=True)
    for path in [*app.rglob("*.pyc"), *app.rglob("*.so"), *app.rglob(".*")]:
        path.unlink()


def _write_flags_as_numbers(conf: Path) -> None:
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text.replace("check_for_updates = false", "check_for_updates = 0"), encoding="utf-8")


def _number_by_content(app: Path) -> None:
    digest = hashlib.sha256()
    for path in sorted(app.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(app).as_posix().encode())
            digest.update(_BUILD.sub(rb"\1", path.read_bytes()) if _is_stamped(app, path) else path.read_bytes())
    number = str(int.from_bytes(digest.digest()[:4], "big")).encode()
    for name in _BUILD_FILES:
        path = app / name
        path.write_bytes(_BUILD.sub(rb"\g<1>" + number, path.read_bytes()))


def _is_stamped(app: Path, path: Path) -> bool:
    return path.relative_to(app).as_posix() in _BUILD_FILES
