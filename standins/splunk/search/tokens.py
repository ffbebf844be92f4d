"""A cursor over the words of one line of conf or search language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.errors import KnowledgeError, Place


@dataclass(frozen=True)
class Token:
    """One word: `kind` is the name of the pattern's group that matched, `text` is without its quotes."""

    kind: str
    text: str


class Tokens:
    """Reads left to right; the pattern's named groups are the kinds of token, anything between is refused."""

    def __init__(self, pattern: re.Pattern[str], source: str, place: Place) -> None:
        self.place = place
        self.source = source
        self._position = 0
        self._tokens: list[Token] = []
        end = 0
        for match in pattern.finditer(source):
            self._refuse_gap(source[end : match.start()])
            kind = str(match.lastgroup)
            self._tokens.append(Token(kind, unquoted(match.group()) if kind in ("string", "field") else match.group()))
            end = match.end()
        self._refuse_gap(source[end:])

    def _refuse_gap(self, gap: str) -> None:
        if gap.strip():
            raise self.place.error(f"cannot read {gap.strip()!r} in {self.source!r}")

    @property
    def done(self) -> bool:
        return self._position >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        position = self._position + ahead
        return self._tokens[position] if position < len(self._tokens) else Token("end", "")

    def take(self, *kinds: str) -> Token:
        """The next token; refused when it is not of one of the kinds."""
        token = self.peek()
        if token.kind == "end" or (kinds and token.kind not in kinds):
            raise self.error(f"expected {' or '.join(kinds) or 'more'}, found {token.text or 'the end'!r}")
        self._position += 1
        return token

    def accept(self, *texts: str) -> Optional[Token]:
        """Take the next token if it is one of these bare words, in any letter case."""
        token = self.peek()
        if token.kind in ("string", "field", "end") or token.text.upper() not in texts:
            return None
        return self.take()

    def expect(self, text: str) -> None:
        if self.accept(text) is None:
            raise self.error(f"expected {text!r}, found {self.peek().text or 'the end'!r}")

    def finish(self) -> None:
        if not self.done:
            raise self.error(f"did not expect {self.peek().text!r}")

    def error(self, message: str) -> KnowledgeError:
        return self.place.error(f"{message} in {self.source!r}")


def unquoted(source: str) -> str:
    """The text between the quotes; only `\\"`, `\\'` and `\\\\` are escapes, so that regular expressions survive."""
    return re.sub(r"""\\(["'\\])""", r"\1", source[1:-1])
