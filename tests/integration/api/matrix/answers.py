"""Calls a route as somebody, and holds what comes back against what the table of routes makes of it."""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from psycopg.sql import SQL, Identifier, Literal
from werkzeug.test import TestResponse

from api.http.dependencies import EXTENSION, Dependencies
from api.http.route_table import Route
from tests.integration.api.matrix.callers import Caller, Homes
from tests.integration.api.matrix.examples import NAME_NEW, Examples, File, address
from tests.integration.api.matrix.expectations import Outcome, Whose, expected
from tests.integration.api.matrix.homes import CART_TOKENS, Home

#: What is another one in every answer.
_OF_THE_REQUEST = re.compile(r'"(instance|trace_id|query_id)":"[^"]*"')
_OF_ALL_TENANTS = ("audit:", "dead_letters:", "schemas:", "tenants:")
#: Shows whoever asks what they asked for before, whosever it was.
_ECHOES = ("audit:", "shop:export")
_ASKED_FOR = re.compile(r'"object":"[^"]*"')


@dataclass(frozen=True)
class Asked:
    path: str
    whose: Whose
    answer: TestResponse
    names: tuple[str, ...]
    #: What was shown besides who asks: the token of a cart.
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> tuple[int, str, str | None]:
        """All that the answer says, without the name that was asked for and what is of the request itself."""
        text = _OF_THE_REQUEST.sub("", self.answer.text)
        for name in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text)
        return self.answer.status_code, text, self.answer.content_type


@dataclass
class Matrix:
    client: FlaskClient
    homes: Homes
    callers: list[Caller]
    examples: Examples
    calls: int = 0

    def wrong(self, route: Route) -> Iterator[str]:
        """In words, every answer to anybody that is not as it should be, and what they changed of a shop of none."""
        for caller in self.callers:  # what is asked for is there before anything is compared
            if Whose.ANOTHERS in self.examples.whose(route, caller):
                self.examples.values(route, caller, Whose.ANOTHERS)
        # What was refused to anybody before is written a moment later: now, then.
        own: Dependencies = self.client.application.extensions[EXTENSION]
        own.denied.flush(last=True)
        before = fingerprint(self.homes.quiet)
        yield from self._wrong(route)
        after = fingerprint(self.homes.quiet)
        yield from (f"rows of {table} changed in a shop in which none of them is" for table, _ in before ^ after)

    def _wrong(self, route: Route) -> Iterator[str]:
        for caller in self.callers:
            asked = {whose: self._ask(route, caller, whose) for whose in self.examples.whose(route, caller)}
            for whose, one in asked.items():
                outcome = expected(route, caller, whose, names_new=route.name in NAME_NEW)
                if not outcome.fits(one.answer.status_code):
                    yield f"{caller.name}, {whose.value}: {outcome.value} was due, {_short(one.answer)}"
                for mark in self._seen(route, caller, outcome, one):
                    where = around(one.answer.text, mark)
                    yield f"{caller.name}, {whose.value}: what has the mark {mark} is shown: {where}"
            yield from self._told_apart(route, caller, asked)
            if route.method == "GET":
                yield from self._otherwise_asked(route, caller, asked[Whose.OWN])

    def ask(self, route: Route, caller: Caller) -> TestResponse:
        """With an id and a body of their own."""
        return self._ask(route, caller, Whose.OWN).answer

    def _ask(self, route: Route, caller: Caller, whose: Whose) -> Asked:
        values = self.examples.values(route, caller, whose)
        body = self.examples.body(route, caller, values)
        path = address(route, values)
        token = CART_TOKENS.get(values.get("cart_id", ""))
        shown = {} if token is None else {"X-Cart-Token": token}
        answer = self.send(route.method, path, caller, body, shown)
        return Asked(path, whose, answer, tuple(values.values()), shown)

    def send(
        self, method: str, path: str, caller: Caller, body: Any = None, also: Mapping[str, str] | None = None
    ) -> TestResponse:
        self.calls += 1
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if isinstance(body, File):
            sent = {"data": body.content, "content_type": body.mimetype}
        headers = {**with_reason(caller), **self.examples.headers(method, path, caller), **(also or {})}
        answer = self.client.open(path, method=method, headers=headers, **sent)
        if answer.content_type == "application/gzip" and answer.data:
            answer.data = gzip.decompress(answer.data)
        return answer

    def _told_apart(self, route: Route, caller: Caller, asked: dict[Whose, Asked]) -> Iterator[str]:
        """Another tenant's thing is as one that is not there: nobody learns whether it is."""
        if Whose.ANOTHERS not in asked:
            return
        if caller.of_platform and expected(route, caller, Whose.ANOTHERS) is Outcome.LET_IN:
            return
        anothers, nobodys = asked[Whose.ANOTHERS].told, asked[Whose.NOBODYS].told
        if anothers != nobodys:
            yield f"{caller.name}: another tenant's {anothers}, one that is not there {nobodys}"

    def _otherwise_asked(self, route: Route, caller: Caller, asked: Asked) -> Iterator[str]:
        """HEAD is let in where GET is, and no header makes another method of it."""
        head = self.send("HEAD", asked.path, caller, also=asked.shown)
        if head.status_code != asked.answer.status_code or head.data:
            yield f"{caller.name}: GET is answered with {asked.answer.status_code}, HEAD with {head.status_code}"

    def _seen(self, route: Route, caller: Caller, outcome: Outcome, asked: Asked) -> Iterator[str]:
        """Marks in an answer that are not for this caller. Who is not let in is shown nobody's."""
        text = asked.answer.text
        homes = (self.homes.own, self.homes.other, self.homes.quiet, self.homes.closed, self.homes.platform)
        if outcome is not Outcome.LET_IN:
            yield from (mark for home in homes for mark in (home.mark, home.hidden) if mark in text)
            return
        if caller.of_platform and str(route.permission).startswith(_OF_ALL_TENANTS):
            return
        strangers = [home for home in homes if home is not caller.home]
        echoes = str(route.permission).startswith(_ECHOES)
        if echoes:
            text = _ASKED_FOR.sub("", text)
        yield from (home.mark for home in strangers if home.mark in text)
        slugs = [home.slug for home in strangers if home.shop is not None and not echoes]
        yield from (slug for slug in slugs if slug in text and slug not in asked.path)
        scope = caller.scope(route)
        if caller.home.hidden in text and scope is not None and scope.value != "all":
            yield caller.home.hidden


def _short(answer: TestResponse) -> str:
    return f"but it was {answer.status_code} {answer.text[:300]}"


def with_reason(caller: Caller) -> dict[str, str]:
    """The platform's own people say why."""
    return {**caller.headers, "X-Reason": "a test"}


def fingerprint(home: Home) -> set[tuple[str, object]]:
    """Of everything that the database has of a shop, table by table."""
    assert home.shop is not None
    columns = home.postgres.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " JOIN pg_class ON oid = table_name::regclass"
        " WHERE table_schema = 'public' AND relkind = 'r'"
        " AND (column_name IN ('tenant_id', 'context') OR (table_name, column_name) = ('tenants', 'id'))"
    ).fetchall()
    owner = {"id": str(home.shop.id), "tenant_id": str(home.shop.id), "context": f".{home.slug}"}
    parts = [
        SQL("SELECT {name}, sum(hashtextextended(t::text, 0)) FROM {table} t WHERE {column} = {owner}::{kind}").format(
            name=Literal(table),
            table=Identifier(table),
            column=Identifier(column),
            owner=Literal(owner[column]),
            kind=SQL(kind),
        )
        for table, column, kind in columns
    ]
    return set(home.postgres.execute(SQL(" UNION ALL ").join(parts)).fetchall())


def around(text: str, mark: str) -> str:
    """Where a mark is in a text that may be long."""
    at = text.index(mark)
    return text[max(0, at - 200) : at + 100]
