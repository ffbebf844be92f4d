"""Eval expressions, as in `EVAL-x`, `| eval` and `| where`: parsed once, evaluated per event."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional

from standins.splunk.search.errors import KnowledgeError, Place
from standins.splunk.search.functions import FUNCTIONS, Scope, many, truth
from standins.splunk.search.tokens import Token, Tokens
from standins.splunk.search.values import Operand, Value, number, single, text

Evaluate = Callable[[Scope], Operand]

_PATTERN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<field>'(?:[^'\\]|\\.)*')"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>==|!=|<=|>=|[=<>+\-*/%.(),])",
    re.DOTALL,
)
_RESERVED = frozenset({"AND", "OR", "NOT", "XOR", "LIKE", "IN"})
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


@dataclass(frozen=True)
class Expression:
    """A compiled expression and the names of the fields it reads."""

    source: str
    names: frozenset[str]
    evaluate: Evaluate
    place: Place

    def value(self, scope: Scope) -> Optional[Value]:
        """The outcome as a field's value; None is null. A bare condition is refused, as Splunk refuses it."""
        with self._placed():
            outcome = self.evaluate(scope)
            if isinstance(outcome, bool):
                raise KnowledgeError("assigns a condition to a field; wrap it in if()")
            return text(outcome) if isinstance(outcome, float) else outcome

    def holds(self, scope: Scope) -> bool:
        with self._placed():
            return truth(self.evaluate(scope)) is True

    @contextmanager
    def _placed(self) -> Iterator[None]:
        try:
            yield
        except KnowledgeError as error:
            raise self.place.error(f"{error} in {self.source!r}") from error


def parse_expression(source: str, place: Place) -> Expression:
    """Raises KnowledgeError, naming the place, for an unknown function, a wrong argument count or bad syntax."""
    parser = _Parser(Tokens(_PATTERN, source, place))
    expression = parser.expression()
    parser.tokens.finish()
    return expression


def parse_assignments(source: str, place: Place) -> list[tuple[str, Expression]]:
    """`name = expression, "other name" = expression …` of the eval command, in order."""
    tokens = Tokens(_PATTERN, source, place)
    assignments = []
    while True:
        name = tokens.take("name", "string", "field").text
        tokens.expect("=")
        assignments.append((name, _Parser(tokens).expression()))
        if tokens.accept(",") is None:
            tokens.finish()
            return assignments


class _Parser:
    """Recursive descent, weakest operator first: OR, AND, NOT, comparison, sum, product, sign."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._names: set[str] = set()

    def expression(self) -> Expression:
        evaluate = self._either()
        return Expression(self.tokens.source, frozenset(self._names), evaluate, self.tokens.place)

    def _either(self) -> Evaluate:
        left = self._both()
        while self.tokens.accept("OR"):
            left = _disjunction(left, self._both())
        return left

    def _both(self) -> Evaluate:
        left = self._negation()
        while self.tokens.accept("AND"):
            left = _conjunction(left, self._negation())
        return left

    def _negation(self) -> Evaluate:
        if not self.tokens.accept("NOT"):
            return self._comparison()
        return _negate(self._negation())

    def _comparison(self) -> Evaluate:
        left = self._sum()
        symbol = self.tokens.accept(*_COMPARISONS)
        return left if symbol is None else _compared(symbol.text, left, self._sum())

    def _sum(self) -> Evaluate:
        left = self._product()
        while symbol := self.tokens.accept("+", "-", "."):
            left = _combined(symbol.text, left, self._product())
        return left

    def _product(self) -> Evaluate:
        left = self._sign()
        while symbol := self.tokens.accept("*", "/", "%"):
            left = _combined(symbol.text, left, self._sign())
        return left

    def _sign(self) -> Evaluate:
        if not self.tokens.accept("-"):
            return self._primary()
        return _combined("-", lambda _scope: 0.0, self._sign())

    def _primary(self) -> Evaluate:
        if self.tokens.accept("("):
            inner = self._either()
            self.tokens.expect(")")
            return inner
        token = self.tokens.take("string", "field", "number", "name")
        if token.kind == "name" and self.tokens.accept("("):
            return self._call(token)
        if token.kind == "name" and token.text.upper() in _RESERVED:
            raise self.tokens.error(f"cannot use {token.text!r} here")
        return self._leaf(token)

    def _leaf(self, token: Token) -> Evaluate:
        if token.kind == "string":
            return lambda _scope: token.text
        if token.kind == "number":
            size = float(token.text)
            return lambda _scope: size
        self._names.add(token.text)
        return lambda scope: scope.fields.get(token.text)

    def _call(self, token: Token) -> Evaluate:
        function = FUNCTIONS.get(token.text)
        if function is None:
            raise self.tokens.error(f"unknown function {token.text}()")
        arguments = self._arguments()
        if not function.fewest <= len(arguments) <= function.most:
            raise self.tokens.error(f"{token.text}() does not take {len(arguments)} arguments")
        return lambda scope: function.call([argument(scope) for argument in arguments], scope)

    def _arguments(self) -> list[Evaluate]:
        arguments: list[Evaluate] = []
        while not self.tokens.accept(")"):
            if arguments:
                self.tokens.expect(",")
            arguments.append(self._either())
        return arguments


def _disjunction(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Operand:
        outcomes = (truth(left(scope)), truth(right(scope)))
        return True if True in outcomes else None if None in outcomes else False

    return evaluate


def _conjunction(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Operand:
        outcomes = (truth(left(scope)), truth(right(scope)))
        return False if False in outcomes else None if None in outcomes else True

    return evaluate


def _negate(inner: Evaluate) -> Evaluate:
    def evaluate(scope: Scope) -> Operand:
        outcome = truth(inner(scope))
        return None if outcome is None else not outcome

    return evaluate


def _compared(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """Numbers compare as numbers, else texts by letter; with null it is null; of a list, any value may hold."""
    holds = _COMPARISONS[symbol]

    def pair(one: str, other: str) -> bool:
        sizes = (number(one), number(other))
        return holds(one, other) if None in sizes else holds(*sizes)

    def evaluate(scope: Scope) -> Operand:
        ones, others = many(left(scope)), many(right(scope))
        return any(pair(one, other) for one in ones for other in others) if ones and others else None

    return evaluate


def _combined(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """`.` joins texts, `+` adds numbers and joins anything else, the others need two numbers; otherwise null."""

    def evaluate(scope: Scope) -> Operand:
        one, other = left(scope), right(scope)
        sizes = (number(one), number(other))
        if symbol == "." or (symbol == "+" and None in sizes):
            texts = (single(one), single(other))
            return None if None in texts else "".join(map(str, texts))
        if sizes[0] is None or sizes[1] is None or (symbol in "/%" and not sizes[1]):
            return None
        return sizes[0] + sizes[1] if symbol == "+" else _ARITHMETIC[symbol](sizes[0], sizes[1])

    return evaluate
