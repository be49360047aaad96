"""Lists the rules that classes of events keep, each with why it matters and how to keep it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from schemas.event_history import History
from schemas.evolving import rule_checks


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` gives `(where, what)` for each place that does not keep it."""

    id: str
    says: str
    why: str
    fix: str
    broken: Callable[[History], Iterator[tuple[str, str]]]


RULES: Final = (
    Rule(
        "frozen",
        "a class is frozen, slotted and made by keywords",
        "an event is a fact: it does not change, and its fields have no order to rely on",
        "write @dataclass(frozen=True, slots=True, kw_only=True) above it",
        rule_checks.frozen,
    ),
    Rule(
        "named",
        "the class has the event's name, old versions with V1, V2, … behind it, in order",
        "the number of a version is its place in the history: a gap or another order would be another contract",
        "rename the class, or put its History in order",
        rule_checks.named,
    ),
    Rule(
        "says-why",
        "every version says in its docstring what it tells, from v2 on why it came",
        "whoever reads old events has nothing else to understand them by",
        "write the docstring; from the second version on it begins with `v2: ` and the reason",
        rule_checks.says_why,
    ),
    Rule(
        "lifts",
        "every version but the first has `from_previous`, made from the one before",
        "stored events of older versions can be read only through it",
        "write `@classmethod def from_previous(cls, old: <the version before>) -> <this one>`",
        rule_checks.lifts,
    ),
    Rule(
        "whole",
        "an event carries its aggregate as it is afterwards",
        "read models are made from the newest event alone; whatever is not in it is lost to them",
        "add the field, or say in WITHOUT_AGGREGATE of schemas/evolving/rule_checks.py why this event needs none",
        rule_checks.is_whole,
    ),
    Rule(
        "told",
        "the union of an aggregate's events has every one of them",
        "folds are typed by it: what is not in it no type checker asks them for",
        "add the class to it, at the end of the file",
        rule_checks.is_in_its_union,
    ),
    Rule(
        "one-file",
        "what an event holds is declared in its aggregate's own file",
        "a change made for one aggregate would change the events of another",
        "declare a class of its own in the aggregate's file",
        rule_checks.one_file,
    ),
    Rule(
        "agreed-types",
        "fields have types with an agreed Avro form; a float is none",
        "consumers in other languages must get exactly the same value",
        "use a type of the table in docs/events.md; for money whole minor units, for shares whole basis points",
        rule_checks.renderable,
    ),
    Rule(
        "snake-case",
        "fields are in snake_case",
        "consumers find one spelling everywhere, and some stores know only one",
        "rename it while it is not published",
        rule_checks.snake_case,
    ),
    Rule(
        "money",
        "money is an int of minor units called `…_minor`, and the event names its currency",
        "an amount without its currency is added up wrongly sooner or later",
        "make it an int, and put a field `currency` beside it or above it",
        rule_checks.money,
    ),
    Rule(
        "times",
        "a time is a `datetime` and is called `…_at`",
        "who reads a name can rely on what is behind it",
        "rename it, or make it a datetime; a number of milliseconds is called `…_ms`",
        rule_checks.times,
    ),
    Rule(
        "ids",
        "`id` and `…_id` are UUIDs",
        "an id of ours is one everywhere; texts hide empty ones and other spellings of the same",
        "make it a UUID; if somebody else gives this id, add it to GIVEN_BY_OTHERS of schemas/evolving/rule_checks.py",
        rule_checks.ids,
    ),
    Rule(
        "private",
        "nothing about a person and no secret is in an event",
        "what is in the log stays for ever and goes to everybody who reads it",
        "leave it out; an opaque reference such as customer_ref is enough",
        rule_checks.private,
    ),
    Rule(
        "topic",
        "the aggregate has a topic that capture writes to",
        "without one the first event of this kind stops the log",
        "declare it in the file of its aggregate: the name before the dot is that of its AGGREGATE",
        rule_checks.has_topic,
    ),
    Rule(
        "owner",
        "somebody answers for every aggregate",
        "whoever wants to change an event has to know whom to ask",
        "name the owner in the AGGREGATE of its file in schemas/events",
        rule_checks.has_owner,
    ),
)
