"""What the stand-in answers when it refuses."""

from __future__ import annotations


class StandinError(Exception):
    """A refusal with the HTTP status splunkd would send and the line it would say."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status
        self.message = message
