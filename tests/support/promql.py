"""What would Prometheus make of these samples? As much of its language as the alert rules use, and of its alerts.

Values are remembered with the moment they were scraped; a series that is missing from a scrape has ended (as with
Prometheus' own markers), and is not looked at any more.
"""

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import promql_parser as promql
import yaml

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Series = list[tuple[float, float | None]]

LOOK_BACK_S: Final = 300.0
NAME: Final = "__name__"
_ARITHMETIC: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else float("nan"),
}
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_SETS: Final = ("and", "or", "unless")
_AGGREGATIONS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "count": len,
}


@dataclass
class History:
    """Everything that was scraped."""

    series: dict[Labels, Series] = field(default_factory=dict)
    _named: dict[str, list[tuple[Mapping[str, str], Labels]]] = field(default_factory=dict)
    _of_target: dict[Labels, set[Labels]] = field(default_factory=dict)

    def scraped(self, at: float, target: Mapping[str, str], samples: Mapping[tuple[str, Labels], float] | None) -> None:
        """A page of a target, or None: it did not answer."""
        own = frozenset(target.items())
        found = {frozenset([*own, *labels, (NAME, name)]): value for (name, labels), value in (samples or {}).items()}
        for gone in self._of_target.get(own, set()) - found.keys():
            self.series[gone].append((at, None))
        self._of_target[own] = set(found)
        found[frozenset([*own, (NAME, "up")])] = 0.0 if samples is None else 1.0
        for labels, value in found.items():
            self._of(labels).append((at, value))

    def ended(self, at: float, target: Mapping[str, str]) -> None:
        """Nobody scrapes it any more."""
        own = frozenset(target.items())
        for gone in {*self._of_target.pop(own, set()), frozenset([*own, (NAME, "up")])}:
            self._of(gone).append((at, None))

    def named(self, name: str | None) -> Iterator[tuple[Mapping[str, str], Labels, Series]]:
        """With their labels to look at; None: all."""
        for held in self._named.values() if name is None else (self._named.get(name, ()),):
            for values, labels in held:
                yield values, labels, self.series[labels]

    def _of(self, labels: Labels) -> Series:
        if labels not in self.series:
            self.series[labels] = []
            values = dict(labels)
            self._named.setdefault(values[NAME], []).append((values, labels))
        return self.series[labels]


def evaluate(query: str, history: History, at: float) -> Vector | float:
    return _value(_parsed(query), history, at)


@lru_cache
def _parsed(query: str) -> Any:
    return promql.parse(query)


def _value(node: Any, history: History, at: float) -> Vector | float:
    match node:
        case promql.NumberLiteral():
            return float(node.val)
        case promql.ParenExpr():
            return _value(node.expr, history, at)
        case promql.VectorSelector():
            return _instant(node, history, at)
        case promql.Call():
            return _call(node, history, at)
        case promql.AggregateExpr():
            return _aggregate(node, history, at)
        case promql.BinaryExpr():
            return _binary(node, history, at)
    raise NotImplementedError(f"{type(node).__name__}: {node}")


def _matching(selector: Any, history: History) -> Iterator[tuple[Labels, Series]]:
    matchers = selector.matchers.matchers
    for values, labels, series in history.named(selector.name):
        if all(_matches(matcher, values) for matcher in matchers):
            yield labels, series


def _matches(matcher: Any, values: Mapping[str, str]) -> bool:
    value = values.get(matcher.name, "")
    match str(matcher.op).rpartition(".")[2]:
        case "Equal":
            return bool(value == matcher.value)
        case "NotEqual":
            return bool(value != matcher.value)
        case "Re":
            return re.fullmatch(matcher.value, value) is not None
        case "NotRe":
            return re.fullmatch(matcher.value, value) is None
    raise NotImplementedError(str(matcher.op))


def _seconds(duration: Any) -> float:
    return float(duration.total_seconds()) if duration is not None else 0.0


def _instant(selector: Any, history: History, at: float) -> Vector:
    moment = at - _seconds(selector.offset)
    found: Vector = {}
    for labels, series in _matching(selector, history):
        known = bisect_right(series, moment, key=itemgetter(0))
        last = series[known - 1][1] if known and series[known - 1][0] > moment - LOOK_BACK_S else None
        if last is not None:
            found[labels] = last
    return found


def _call(node: Any, history: History, at: float) -> Vector | float:
    match node.func.name:
        case "time":
            return at
        case "absent":
            (asked,) = node.args
            if _value(asked, history, at):
                return {}
            named = asked.matchers.matchers if isinstance(asked, promql.VectorSelector) else []
            return {frozenset((m.name, m.value) for m in named if str(m.op).endswith(".Equal")): 1.0}
        case "increase" | "rate" as name:
            (asked,) = node.args
            within = _seconds(asked.range)
            found: Vector = {}
            for labels, series in _matching(asked.vector_selector, history):
                risen = _increase(series, at - _seconds(asked.vector_selector.offset), within)
                if risen is not None:
                    found[_nameless(labels)] = risen if name == "increase" else risen / within
            return found
    raise NotImplementedError(node.func.name)


def _increase(series: Series, at: float, within: float) -> float | None:
    """As Prometheus extrapolates it: what was seen, stretched towards both ends of the window."""
    window = series[bisect_left(series, at - within, key=itemgetter(0)) :]
    seen = [(then, value) for then, value in window if then <= at and value is not None]
    if len(seen) < 2:
        return None
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    resets = sum(before for (_, before), (_, after) in pairwise(seen) if after < before)
    risen = last - first + resets
    covered = last_at - first_at
    between = covered / (len(seen) - 1)
    to_start, to_end = first_at - (at - within), at - last_at
    if to_start >= between * 1.1:
        to_start = between / 2
    if risen > 0 and first >= 0:
        to_start = min(to_start, covered * first / risen)
    if to_end >= between * 1.1:
        to_end = between / 2
    return risen * (covered + to_start + to_end) / covered


def _aggregate(node: Any, history: History, at: float) -> Vector:
    inner = _value(node.expr, history, at)
    assert isinstance(inner, dict)
    if node.modifier is not None and not str(node.modifier.type).endswith("By"):
        raise NotImplementedError(str(node))
    by = set(node.modifier.labels) if node.modifier is not None else set()
    groups: dict[Labels, list[float]] = {}
    for labels, value in inner.items():
        groups.setdefault(frozenset(pair for pair in labels if pair[0] in by), []).append(value)
    return {labels: float(_AGGREGATIONS[str(node.op)](values)) for labels, values in groups.items()}


def _binary(node: Any, history: History, at: float) -> Vector | float:
    if node.modifier is not None and (node.modifier.return_bool or node.modifier.matching is not None):
        raise NotImplementedError(str(node))
    left, right, sign = _value(node.lhs, history, at), _value(node.rhs, history, at), str(node.op)
    if sign in _SETS:
        assert isinstance(left, dict)
        assert isinstance(right, dict)
        return _set(sign, left, right)
    if isinstance(left, float) and isinstance(right, float):
        return _ARITHMETIC[sign](left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        others = {_nameless(labels): value for labels, value in right.items()}
        pairs = [(labels, v, others[_nameless(labels)]) for labels, v in left.items() if _nameless(labels) in others]
    elif isinstance(left, dict):
        pairs = [(labels, value, float(right)) for labels, value in left.items()]  # type: ignore[arg-type]
    else:
        pairs = [(labels, left, value) for labels, value in right.items()]  # type: ignore[union-attr]
    if sign in _COMPARISONS:
        of_left = isinstance(left, dict)
        return {labels: a if of_left else b for labels, a, b in pairs if _COMPARISONS[sign](a, b)}
    return {_nameless(labels): _ARITHMETIC[sign](a, b) for labels, a, b in pairs}


def _set(sign: str, left: Vector, right: Vector) -> Vector:
    there = {_nameless(labels) for labels in right}
    if sign == "or":
        ours = {_nameless(labels) for labels in left}
        return {**left, **{labels: value for labels, value in right.items() if _nameless(labels) not in ours}}
    return {labels: v for labels, v in left.items() if (_nameless(labels) in there) is (sign == "and")}


def _nameless(labels: Labels) -> Labels:
    return frozenset(pair for pair in labels if pair[0] != NAME)


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    query: str
    for_s: float
    severity: str
    annotations: Mapping[str, str]


def rules(file: Path) -> list[Rule]:
    return [
        Rule(
            name=rule["alert"],
            query=rule["expr"],
            for_s=_seconds(promql.parse_duration(rule["for"])) if "for" in rule else 0.0,
            severity=rule["labels"]["severity"],
            annotations=rule["annotations"],
        )
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]


@dataclass
class Alerts:
    """The state of each alert from one evaluation to the next."""

    rules: Sequence[Rule]
    _since: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def firing(self, history: History, at: float) -> set[str]:
        """Evaluates all of them now; the names of those that fire."""
        found: set[str] = set()
        for rule in self.rules:
            vector = evaluate(rule.query, history, at)
            assert isinstance(vector, dict)
            held = {(rule.name, _nameless(labels)) for labels in vector}
            for key in [key for key in self._since if key[0] == rule.name and key not in held]:
                del self._since[key]
            for key in held:
                if at - self._since.setdefault(key, at) >= rule.for_s:
                    found.add(rule.name)
        return found
