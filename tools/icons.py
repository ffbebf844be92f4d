"""Draws the add-on's icons: a shield with a check mark, in the sizes Splunk asks for.

Run it as ``python tools/icons.py``. Each pixel is the average of 4 x 4 samples of the shapes below.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "package" / "static"
BLUE, WHITE = (22, 96, 160), (255, 255, 255)
CHECK = ((0.28, 0.50), (0.44, 0.66), (0.73, 0.33))
SAMPLES = 4
SIZES = {
    "appIcon.png": (36, 36),
    "appIcon_2x.png": (72, 72),
    "appIconAlt.png": (36, 36),
    "appIconAlt_2x.png": (72, 72),
    "appLogo.png": (160, 40),
    "appLogo_2x.png": (320, 80),
}


def in_shield(x: float, y: float) -> bool:
    """A square top that narrows to a point, within the unit square."""
    if not 0.06 <= y <= 0.96:
        return False
    half = 0.40 if y < 0.45 else 0.40 * (1 - ((y - 0.45) / 0.51) ** 2)
    return abs(x - 0.5) <= half


def in_check(x: float, y: float) -> bool:
    return any(_distance(x, y, *start, *end) <= 0.065 for start, end in zip(CHECK, CHECK[1:]))


def _distance(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    t = min(1.0, max(0.0, along))
    return float(((x - x1 - t * (x2 - x1)) ** 2 + (y - y1 - t * (y2 - y1)) ** 2) ** 0.5)


def pixel(column: int, row: int, height: int, offset: float) -> bytes:
    """RGBA of one pixel; the drawing is `height` wide and starts at `offset`."""
    points = [
        ((column + (i + 0.5) / SAMPLES - offset) / height, (row + (j + 0.5) / SAMPLES) / height)
        for i in range(SAMPLES)
        for j in range(SAMPLES)
    ]
    hits = [WHITE if in_check(x, y) else BLUE for x, y in points if in_shield(x, y)]
    if not hits:
        return bytes(4)
    color = [sum(channel) // len(hits) for channel in zip(*hits)]
    return bytes([*color, 255 * len(hits) // len(points)])


def png(width: int, height: int) -> bytes:
    offset = (width - height) / 2
    rows = [b"\0" + b"".join(pixel(x, y, height, offset) for x in range(width)) for y in range(height)]
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    STATIC.mkdir(exist_ok=True)
    for name, (width, height) in SIZES.items():
        (STATIC / name).write_bytes(png(width, height))
