"""Makes, says anew, deletes and shows what a shop says of its search."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from api.domain import search_settings as domain
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import FieldError, Invalid
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.search_settings.commands import BoostSaid, BurySaid, RuleSaid, SearchSettingSaid, SearchSettingsAsked
from schemas.events.search_setting import Pin, Redirect, SearchRule, SearchSetting, Synonyms, Target, Weighed
from sinks.search.search_languages import language_of
from sinks.search.words.asked_words import asked_words

#: What is longer is no synonym, and would cost every search of the shop.
MOST_TOGETHER = 8


def create_search_setting(work: UnitOfWork, said: SearchSettingSaid) -> Versioned[SearchSetting]:
    """Raises `Invalid`."""
    work.take_turns("search settings", alone=True)
    setting = said_setting(said, work.new_id(), work.now)
    return work.save(work.search_settings, domain.create(setting, work.search_settings.count()))


def replace_search_setting(
    work: UnitOfWork, setting_id: UUID, said: SearchSettingSaid, expected: Expected = ANY_VERSION
) -> Versioned[SearchSetting]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`."""
    held = _held(work, setting_id, expected)
    change = domain.change(held, said_setting(said, setting_id, work.now), work.now)
    return held if change is None else work.save(work.search_settings, change)


def delete_search_setting(
    work: UnitOfWork, setting_id: UUID, expected: Expected = ANY_VERSION
) -> Versioned[SearchSetting]:
    """What it was. Raises `NotFound`, `VersionMismatch`."""
    return work.save(work.search_settings, domain.delete(_held(work, setting_id, expected), work.now))


def get_search_setting(view: View, setting_id: UUID) -> Versioned[SearchSetting]:
    """Raises `NotFound`."""
    return found(view.search_settings.get, "search_setting", setting_id)


def list_search_settings(view: View, asked: SearchSettingsAsked) -> Page[Versioned[SearchSetting]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.search_settings.page)


def said_setting(said: SearchSettingSaid, id_: UUID, now: datetime) -> SearchSetting:
    """Raises `Invalid` for texts that no word is in, or too many are."""
    if wrong := list(_unread(said)):
        raise Invalid("Words that nobody can search for.", wrong)
    synonyms, redirect = said.synonyms, said.redirect
    return SearchSetting(
        id=id_,
        kind=said.kind,
        name=said.name,
        locale=said.locale,
        active=said.active,
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        synonyms=None if synonyms is None else Synonyms(typed=synonyms.typed, words=_once_each(synonyms.words)),
        stop_words=_once_each(said.stop_words or ()),
        redirect=None if redirect is None else Redirect(queries=_once_each(redirect.queries), url=redirect.url),
        rule=None if said.rule is None else _rule(said.rule),
        weights={} if said.weights is None else said.weights.model_dump(exclude_none=True),
        created_at=now,
        updated_at=now,
    )


def _rule(said: RuleSaid) -> SearchRule:
    weighed: tuple[BoostSaid | BurySaid, ...] = (*said.boost, *said.bury)
    return SearchRule(
        query=said.query,
        match=said.match,
        category_id=said.category_id,
        priority=said.priority,
        pins=tuple(Pin(product_id=pin.product_id, position=pin.position) for pin in said.pin),
        weighed=tuple(Weighed(by=one.by, value=one.meant, percent=one.percent) for one in weighed),
        hidden=tuple(Target(by=one.by, value=one.meant) for one in said.hide),
    )


def _once_each(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _unread(said: SearchSettingSaid) -> Iterator[FieldError]:
    language = language_of(said.locale or "")
    for field, text, most in _texts(said):
        words = asked_words(text, language)
        if not words:
            yield FieldError(field, "no_words", f"There is no word in “{text}”.")
        if len(words) > most:
            read = ", ".join(one.exact for one in words)
            message = f"“{text}” is read as {len(words)} words, {read}: no more than {most} may be here."
            yield FieldError(field, "too_many_words", message)


def _texts(said: SearchSettingSaid) -> Iterator[tuple[str, str, int]]:
    """With the field each is in, and how many words it may have."""
    for at, text in enumerate(said.stop_words or ()):
        yield f"stop_words.{at}", text, 1
    if said.synonyms is not None:
        if said.synonyms.typed is not None:
            yield "synonyms.typed", said.synonyms.typed, MOST_TOGETHER
        for at, text in enumerate(said.synonyms.words):
            yield f"synonyms.words.{at}", text, MOST_TOGETHER
    if said.rule is not None and said.rule.query is not None:
        yield "rule.query", said.rule.query, MOST_TOGETHER
    if said.redirect is not None:
        for at, text in enumerate(said.redirect.queries):
            yield f"redirect.queries.{at}", text, MOST_TOGETHER


def _held(work: UnitOfWork, setting_id: UUID, expected: Expected) -> Versioned[SearchSetting]:
    held = found(work.search_settings.hold, "search_setting", setting_id)
    expected.require(held)
    return held
