"""Keeps the rule of a collection as a JSON document, and reads it back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from schemas.events.collection import CollectionRule, RuleCondition


def document(rule: CollectionRule) -> dict[str, Any]:
    return {"match": rule.match, "conditions": [_told(one) for one in rule.conditions]}


def rule_of(document: dict[str, Any]) -> CollectionRule:
    return CollectionRule(
        match=document["match"], conditions=tuple(_condition(**told) for told in document["conditions"])
    )


def _told(condition: RuleCondition) -> dict[str, Any]:
    """What it says, and nothing of what it does not."""
    told = {name: value for name, value in asdict(condition).items() if value not in (None, ())}
    return told if condition.since_at is None else {**told, "since_at": condition.since_at.isoformat()}


def _condition(
    *,
    field: str,
    values: list[str] | None = None,
    currency: str | None = None,
    least_minor: int | None = None,
    most_minor: int | None = None,
    since_at: str | None = None,
    within_days: int | None = None,
) -> RuleCondition:
    return RuleCondition(
        field=field,
        values=tuple(values or ()),
        currency=currency,
        least_minor=least_minor,
        most_minor=most_minor,
        since_at=None if since_at is None else datetime.fromisoformat(since_at),
        within_days=within_days,
    )
