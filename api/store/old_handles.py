"""Finds things by their handles, and keeps those that they had: each leads to its thing until another one takes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import psycopg

from api.store import column_arrays


@dataclass(frozen=True, slots=True)
class HandleTables:
    """Where the things are, their texts with the handles they have, and the handles they had: names of the database.

    `owner` is the column of both that says whose a handle is, `key` what a handle is unique by in a shop.
    """

    things: str
    texts: str
    old: str
    owner: str
    key: tuple[str, ...] = ("locale", "handle")


PRODUCTS: Final = HandleTables("products", "product_translations", "old_handles", "product_id")
COLLECTIONS: Final = HandleTables("collections", "collection_translations", "old_collection_handles", "collection_id")
PAGES: Final = HandleTables(
    "pages", "page_translations", "old_page_handles", "page_id", key=("kind", "locale", "handle")
)


class _Text(Protocol):
    @property
    def locale(self) -> str: ...
    @property
    def handle(self) -> str: ...


class Addressed(Protocol):
    """What has a handle in each of its languages."""

    @property
    def id(self) -> UUID: ...
    @property
    def translations(self) -> Sequence[_Text]: ...


class _Taken(NamedTuple):
    owner: UUID
    locale: str
    handle: str


def first_named(tables: HandleTables, among: str, thing: str, reached: str) -> str:
    """A query for what has `%(handle)s` in the first of `%(locales)s`, else in any, `among` the texts or old handles.

    `thing` is what `reached` calls the table of things. What is not reached has no handle: another locale's is looked
    at.
    """
    return f"""
        SELECT n.{tables.owner} FROM {among} n
        JOIN {tables.things} {thing} ON {thing}.tenant_id = n.tenant_id AND {thing}.id = n.{tables.owner}
        WHERE n.tenant_id = %(tenant)s {reached}
            AND n.handle = %(handle)s
        ORDER BY array_position(%(locales)s::text[], n.locale), n.locale LIMIT 1
    """  # noqa: S608  # names of the code


def keep(
    connection: psycopg.Connection[Any], tenant_id: UUID, tables: HandleTables, things: Sequence[Addressed]
) -> None:
    """Those that these give up, before their texts are written anew."""
    if not things:
        return
    connection.execute(
        f"""
        INSERT INTO {tables.old} (tenant_id, {_of_key(tables)}, {tables.owner})
        SELECT t.tenant_id, {_of_key(tables, "t")}, t.{tables.owner} FROM {tables.texts} t
        WHERE t.tenant_id = %s AND t.{tables.owner} = ANY (%s::uuid[]) AND NOT EXISTS (
            SELECT FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS kept (owner, locale, handle)
            WHERE (kept.owner, kept.locale, kept.handle) = (t.{tables.owner}, t.locale, t.handle)
        )
        ON CONFLICT (tenant_id, {_of_key(tables)}) DO UPDATE SET {tables.owner} = excluded.{tables.owner}
        """,  # noqa: S608  # names of the code
        (tenant_id, column_arrays.ids(thing.id for thing in things), *_columns(_taken(things))),
    )


def free(
    connection: psycopg.Connection[Any], tenant_id: UUID, tables: HandleTables, things: Sequence[Addressed]
) -> None:
    """Those that these have now, after their texts were written."""
    if not things:
        return
    connection.execute(
        f"""
        DELETE FROM {tables.old} o USING {tables.texts} t
        WHERE t.tenant_id = %s AND t.{tables.owner} = ANY (%s::uuid[])
            AND o.tenant_id = t.tenant_id AND ({_of_key(tables, "o")}) = ({_of_key(tables, "t")})
        """,  # noqa: S608  # names of the code
        (tenant_id, column_arrays.ids(thing.id for thing in things)),
    )


def taken(
    connection: psycopg.Connection[Any], tenant_id: UUID, tables: HandleTables, handles: Collection[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """(locale, handle) → what has it."""
    found = connection.execute(
        f"""
        SELECT locale, handle, {tables.owner} FROM {tables.texts}
        JOIN unnest(%s::text[], %s::text[]) AS wanted (locale, handle) USING (locale, handle)
        WHERE tenant_id = %s
        """,  # noqa: S608  # names of the code
        (
            column_arrays.texts(locale for locale, _ in handles),
            column_arrays.texts(name for _, name in handles),
            tenant_id,
        ),
    )
    return {(locale, handle): owner for locale, handle, owner in found}


def _of_key(tables: HandleTables, table: str = "") -> str:
    return ", ".join(f"{table}.{column}" if table else column for column in tables.key)


def _taken(things: Sequence[Addressed]) -> list[_Taken]:
    return [_Taken(thing.id, text.locale, text.handle) for thing in things for text in thing.translations]


def _columns(taken: Sequence[_Taken]) -> tuple[str, str, str]:
    return (
        column_arrays.ids(one.owner for one in taken),
        column_arrays.texts(one.locale for one in taken),
        column_arrays.texts(one.handle for one in taken),
    )
