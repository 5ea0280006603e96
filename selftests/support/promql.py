"""As much of PromQL as the project's alarms are made of, at one moment: a vector is a list of labels and values.

The parsing is a library's; an operator that is not known here raises, so that no alarm is half understood.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import promql_parser as parser

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
NAME = "__name__"
ARITHMETIC: dict[str, Callable[[float, float], float]] = {"-": operator.sub, "*": operator.mul}


def sample(name: str, value: float, **labels: str) -> tuple[Labels, float]:
    """One sample of a metric."""
    return frozenset({NAME: name, **labels}.items()), value


@dataclass(frozen=True)
class Moment:
    """What Prometheus has scraped, and when (seconds since 1970); `gone` are series that ended within every range."""

    now: float
    samples: Vector
    gone: Vector = field(default_factory=dict)

    def evaluate(self, text: str) -> Vector:
        """The vector that an alarm's expression gives: it rings for each element."""
        found = self._of(parser.parse(text))
        assert isinstance(found, dict), "an alarm is a vector"
        return found

    def _of(self, node: parser.Expr) -> Vector | float:
        if isinstance(node, parser.ParenExpr):
            return self._of(node.expr)
        if isinstance(node, parser.NumberLiteral):
            return float(node.val)
        if isinstance(node, parser.VectorSelector):
            return {labels: value for labels, value in self.samples.items() if _selected(dict(labels), node)}
        if isinstance(node, parser.AggregateExpr):
            return self._aggregated(node)
        if isinstance(node, parser.BinaryExpr):
            return _combined(str(node.op), self._of(node.lhs), self._of(node.rhs), node.modifier)
        assert isinstance(node, parser.Call), node
        if node.func.name == "time":
            return self.now
        if node.func.name == "max_over_time":
            selector = node.args[0].vector_selector
            return {
                frozenset(pair for pair in labels if pair[0] != NAME): value
                for labels, value in (self.samples | self.gone).items()
                if _selected(dict(labels), selector)
            }
        assert node.func.name == "absent", node.func.name
        return {} if self._of(node.args[0]) else {frozenset(): 1.0}

    def _aggregated(self, node: parser.AggregateExpr) -> Vector:
        inner, kind = self._of(node.expr), str(node.op)
        assert isinstance(inner, dict)
        if kind == "topk":
            count = int(node.param.val)
            return dict(sorted(inner.items(), key=lambda element: element[1], reverse=True)[:count])
        assert kind == "max", kind
        groups: Vector = {}
        for labels, value in inner.items():
            key = frozenset(pair for pair in labels if pair[0] in node.modifier.labels)
            groups[key] = max(value, groups.get(key, value))
        return groups


def _selected(labels: dict[str, str], node: parser.VectorSelector) -> bool:
    return labels[NAME] == node.name and all(
        _matches(labels.get(matcher.name, ""), matcher) for matcher in node.matchers.matchers
    )


def _matches(value: str, matcher: parser.Matcher) -> bool:
    if matcher.op == parser.MatchOp.Equal:
        return value == matcher.value
    assert matcher.op == parser.MatchOp.Re, matcher.op
    return re.fullmatch(matcher.value, value) is not None


def _combined(kind: str, left: Vector | float, right: Vector | float, modifier: parser.BinModifier) -> Vector | float:
    if isinstance(left, dict) and isinstance(right, dict):
        on = modifier.matching.labels if modifier.matching else None
        there = {_key(labels, on) for labels in (right if kind == "and" else left)}
        if kind == "and":
            return {labels: value for labels, value in left.items() if _key(labels, on) in there}
        assert kind == "or", kind
        return left | {labels: value for labels, value in right.items() if _key(labels, on) not in there}
    if kind == ">":
        assert isinstance(left, dict)
        assert isinstance(right, float)
        return {labels: value for labels, value in left.items() if value > right}
    calculate = ARITHMETIC[kind]
    if isinstance(left, float) and isinstance(right, float):
        return calculate(left, right)
    assert isinstance(left, float)
    assert isinstance(right, dict)
    return {_key(labels, None): calculate(left, value) for labels, value in right.items()}


def _key(labels: Labels, on: list[str] | None) -> Labels:
    """What of an element's labels has to match: those that are named, or all but the metric's name."""
    return frozenset(pair for pair in labels if (pair[0] != NAME if on is None else pair[0] in on))
