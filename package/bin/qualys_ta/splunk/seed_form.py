"""What a .seed file looks like: what Splunk would read in any log of the sourcetype."""

from __future__ import annotations

from ..model import SEPARATOR, Events


class SeedForm:
    """Events -> plain text, each after a line feed. `populator.keyvalue` sees to it that no value looks like an event.

    Between events and not after them: Splunk would keep the last one as part of an event.
    """

    start, end = b"", b""

    def rendered(self, events: Events) -> list[str]:
        return [f"\n{text}" for _, text in zip(events.times, events.text.split(SEPARATOR))]
