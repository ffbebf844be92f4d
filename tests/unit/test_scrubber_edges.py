"""The first and the last of each range of characters that XML 1.0 allows, named by a reference."""

from __future__ import annotations

import pytest

from qualys_ta.scrubber import Scrubber

ALLOWED = (0x9, 0xA, 0xD, 0x20, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF)
FORBIDDEN = (0x0, 0x8, 0xB, 0xC, 0xE, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x110000)


@pytest.mark.parametrize("code", ALLOWED)
@pytest.mark.parametrize("form", ["&#{};", "&#x{:x};", "&#x{:X};"])
def test_an_allowed_character_may_be_named(code: int, form: str) -> None:
    scrubber = Scrubber()
    assert scrubber.text(form.format(code).encode(), final=True) == form.format(code)
    assert scrubber.is_clean


@pytest.mark.parametrize("code", FORBIDDEN)
@pytest.mark.parametrize("form", ["&#{};", "&#x{:x};", "&#x{:X};"])
def test_a_forbidden_one_is_dropped_and_counted(code: int, form: str) -> None:
    scrubber = Scrubber()
    assert scrubber.text(f"a{form.format(code)}b".encode(), final=True) == "ab"
    assert scrubber.dropped == 1
