"""Decides what becomes of a search setting. Pure."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Final, Literal

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import FieldError, Invalid
from schemas.events.search_setting import (
    SearchSetting,
    SearchSettingCreated,
    SearchSettingDeleted,
    SearchSettingUpdated,
)

Kind = Literal["synonyms", "stop_words", "redirect", "rule", "weights"]
KINDS: Final[tuple[Kind, ...]] = ("synonyms", "stop_words", "redirect", "rule", "weights")
#: Of a shop, all kinds together: every worker has them at hand.
MOST_SETTINGS: Final = 1_000
MOST_PRIORITY: Final = 1_000_000
_KEPT: Final = frozenset({"id", "kind", "created_at", "updated_at"})


def create(setting: SearchSetting, there_are: int) -> Decision[SearchSetting]:
    """`there_are`: so many of the shop already. Raises `Invalid`."""
    if there_are >= MOST_SETTINGS:
        raise Invalid.field("kind", "too_many", f"A shop has at most {MOST_SETTINGS} search settings.")
    _check(setting)
    event = DatedEvent(SearchSettingCreated(search_setting=setting), setting.created_at)
    return Decision(aggregate_id=setting.id, value=setting, happened=(event,))


def change(held: Versioned[SearchSetting], wanted: SearchSetting, now: datetime) -> Decision[SearchSetting] | None:
    """None when nothing is different. Raises `Invalid`."""
    if wanted.kind != held.value.kind:
        raise Invalid.field(wanted.kind, "another_kind", f"It is one of {held.value.kind}, and stays so.")
    names = (field.name for field in fields(SearchSetting) if field.name not in _KEPT)
    changed = tuple(name for name in names if getattr(held.value, name) != getattr(wanted, name))
    if not changed:
        return None
    _check(wanted)
    new = replace(wanted, created_at=held.value.created_at, updated_at=now)
    event = DatedEvent(SearchSettingUpdated(search_setting=new, changed=changed), now)
    return Decision(aggregate_id=new.id, value=new, happened=(event,), was_at=held.version)


def delete(held: Versioned[SearchSetting], now: datetime) -> Decision[SearchSetting]:
    event = DatedEvent(SearchSettingDeleted(search_setting=held.value), now)
    return Decision(aggregate_id=held.value.id, value=held.value, happened=(event,), was_at=held.version)


def wrong(setting: SearchSetting) -> list[FieldError]:
    """What no setting may be."""
    found = []
    if setting.starts_at is not None and setting.ends_at is not None and setting.ends_at <= setting.starts_at:
        found.append(FieldError("ends_at", "too_low", "It ends after it starts."))
    said = [kind for kind in KINDS if getattr(setting, kind)]
    if said != [setting.kind]:
        found.append(FieldError("kind", "not_one", f"A setting has one of {', '.join(KINDS)}."))
    if setting.synonyms is not None and len(setting.synonyms.words) < 2 and setting.synonyms.typed is None:
        found.append(FieldError("synonyms.words", "too_short", "Two or more words are synonyms; or say what is typed."))
    if setting.rule is not None:
        found += _wrong_rule(setting)
    return found


def _wrong_rule(setting: SearchSetting) -> list[FieldError]:
    rule, found = setting.rule, list[FieldError]()
    if rule is None or not (rule.pins or rule.weighed or rule.hidden):
        found.append(FieldError("rule", "does_nothing", "A rule pins, boosts, buries or hides something."))
    if rule is not None and len({pin.position for pin in rule.pins}) != len(rule.pins):
        found.append(FieldError("rule.pin", "repeated", "Two products are pinned at one position."))
    if rule is not None and len({pin.product_id for pin in rule.pins}) != len(rule.pins):
        found.append(FieldError("rule.pin", "repeated", "A product is pinned at two positions."))
    return found


def _check(setting: SearchSetting) -> None:
    if found := wrong(setting):
        raise Invalid("The search setting breaks a rule.", found)
