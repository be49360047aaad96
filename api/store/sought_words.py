"""Finds things by words in PostgreSQL: each word that was typed begins one of the thing's, or ends one of its codes.

Which words a thing has, the database keeps by itself (r0450). However many things there are, a page reads a bounded
part of them: those that the rarest word leads to, or, where all words are common, so many from the page's beginning.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import psycopg

from api.store import column_arrays
from api.store.list_pages import ListTable, PageWanted
from schemas.row_conditions import Value

T = TypeVar("T")
#: A word that no more things have is looked up first: its things are all there can be.
RARE: Final = 2_000
#: Of how many things, in the order of the list, the words are looked at for one page.
WINDOW: Final = 20_000
_SPLIT: Final = "SELECT word_no, array_agg(low), array_agg(high) FROM words_sought(%(typed)s) GROUP BY 1 ORDER BY 1"


@dataclass(frozen=True, slots=True)
class SoughtWord:
    """The ranges in which it is found. `count` is of what is found there, up to one more than what is rare."""

    lows: Sequence[str]
    highs: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class FoundIds:
    """`looked_to` is the last that was looked at, where there may be more behind it; they may be less than a page."""

    ids: list[UUID]
    looked_to: UUID | None


@dataclass(frozen=True, kw_only=True)
class WordSearch(Generic[T]):
    """`rows` is the FROM of the list's own table; `words` the table of words with its column `thing`."""

    listed: ListTable[T]
    rows: str
    words: str
    thing: str
    rare: int = RARE
    window: int = WINDOW

    def read(
        self, connection: psycopg.Connection[Any], tenant_id: UUID, typed: str, fields: Collection[str]
    ) -> list[SoughtWord]:
        """The words that somebody typed, with how common they are."""
        found = connection.execute(
            self.counting(), {"tenant": tenant_id, "typed": typed, "fields": column_arrays.texts(fields)}
        )
        return [SoughtWord(*row) for row in found]

    def counting(self) -> str:
        """The ranges of each word, and how much is found there."""
        return f"""
            SELECT lows, highs, (
                SELECT count(*) FROM (
                    SELECT FROM unnest(s.lows, s.highs) AS r (low, high)
                    JOIN {self.words} w ON w.tenant_id = %(tenant)s AND w.word >= r.low AND w.word < r.high
                    WHERE w.field = ANY (%(fields)s::text[]) LIMIT {self.rare + 1}
                ) AS part
            )
            FROM ({_SPLIT}) AS s (word_no, lows, highs)
        """  # noqa: S608  # names of ours

    def find(
        self,
        connection: psycopg.Connection[Any],
        tenant_id: UUID,
        sought: Sequence[SoughtWord],
        fields: Collection[str],
        wanted: PageWanted,
        *,
        reached: str = "",
        values: dict[str, Value] | None = None,
        besides: Collection[UUID] = (),
    ) -> FoundIds:
        """In an order of the list by id. `besides` are those that count as found whatever their words."""
        if not sought:
            return FoundIds([], None)
        text, given = self.statement(sought, wanted, reached, with_besides=bool(besides))
        given |= {
            "tenant": tenant_id,
            "fields": column_arrays.texts(fields),
            "besides": column_arrays.ids(besides),
            **(values or {}),
        }
        found = connection.execute(text, given).fetchall()
        ids = [id_ for id_, is_found in found if is_found]
        last = next((id_ for id_, is_found in found if not is_found), None)
        return FoundIds(ids, last)

    def statement(
        self, sought: Sequence[SoughtWord], wanted: PageWanted, reached: str = "", *, with_besides: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """The ids of a page, marked as found, and last, not so marked, the end of a window that was full."""
        rarest = min(sought, key=lambda word: word.count)
        listed, given = self.listed.page(replace(wanted, limit=self.window))
        others = [word for word in sought if word is not rarest or word.count > self.rare]
        given |= {"shown": wanted.limit, "lows": list(rarest.lows), "highs": list(rarest.highs)}
        leading = ""
        if rarest.count <= self.rare:
            leading = f"""AND ({self.listed.id} = ANY (ARRAY(
                SELECT w.{self.thing} FROM unnest(%(lows)s::text[], %(highs)s::text[]) AS r (low, high)
                JOIN {self.words} w ON w.tenant_id = %(tenant)s AND w.word >= r.low AND w.word < r.high
                WHERE w.field = ANY (%(fields)s::text[])
            )){f" OR {self.listed.id} = ANY (%(besides)s::uuid[])" if with_besides else ""})"""  # noqa: S608  # names of ours
        probes = []
        for at, word in enumerate(others):
            ranges = []
            for nth, (low, high) in enumerate(zip(word.lows, word.highs, strict=True)):
                given |= {f"low_{at}_{nth}": low, f"high_{at}_{nth}": high}
                ranges.append(f"w.word >= %(low_{at}_{nth})s AND w.word < %(high_{at}_{nth})s")
            # OFFSET keeps it from being turned into a join over all words of the shop.
            probes.append(
                f"EXISTS (SELECT FROM {self.words} w WHERE w.tenant_id = %(tenant)s AND w.{self.thing} = n.id"
                f" AND w.field = ANY (%(fields)s::text[]) AND ({' OR '.join(ranges)}) OFFSET 0)"
            )
        matching = " AND ".join(probes) or "TRUE"
        if with_besides:
            matching = f"(n.id = ANY (%(besides)s::uuid[]) OR ({matching}))"
        way = "DESC" if self.listed.sorts[wanted.sort].downwards else "ASC"
        id_, alias = self.listed.id, self.listed.id.partition(".")[0]
        return (
            f"""
            WITH near AS MATERIALIZED (
                SELECT {id_} FROM {self.rows} WHERE {alias}.tenant_id = %(tenant)s {reached} {leading} {listed}
            )
            (SELECT n.id, TRUE FROM near n WHERE {matching} ORDER BY n.id {way} LIMIT %(shown)s)
            UNION ALL (SELECT n.id, FALSE FROM near n ORDER BY n.id {way} OFFSET {self.window - 1} LIMIT 1)
            """,  # noqa: S608  # names of ours
            given,
        )

    def matched(
        self,
        connection: psycopg.Connection[Any],
        tenant_id: UUID,
        sought: Sequence[SoughtWord],
        fields: Collection[str],
        ids: Collection[UUID],
    ) -> dict[UUID, list[str]]:
        """The fields in which words were found, by thing."""
        found = connection.execute(
            f"""
            SELECT w.thing, array_agg(DISTINCT w.field ORDER BY w.field)
            FROM (
                SELECT {self.thing} AS thing, word, field FROM {self.words}
                WHERE tenant_id = %(tenant)s AND {self.thing} = ANY (%(ids)s::uuid[]) OFFSET 0
            ) w JOIN unnest(%(lows)s::text[], %(highs)s::text[]) AS r (low, high) ON w.word >= r.low AND w.word < r.high
            WHERE w.field = ANY (%(fields)s::text[]) GROUP BY 1
            """,  # noqa: S608  # names of ours
            {
                "tenant": tenant_id,
                "ids": column_arrays.ids(ids),
                "fields": column_arrays.texts(fields),
                "lows": [low for word in sought for low in word.lows],
                "highs": [high for word in sought for high in word.highs],
            },
        )
        return dict(found.fetchall())
