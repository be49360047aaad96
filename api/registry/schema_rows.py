"""Reads schemas and versions: by subject, by id, by guid, and by what they refer to."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from api.registry.schema_content import Reference, SchemaContent, StoredContent, Version
from api.registry.subject_names import DEFAULT, Subject, subject

_STORED: Final = """
    s.id, s.guid, s.content, s.metadata, s.rule_set,
    (SELECT coalesce(json_agg(json_build_array(r.name, r.subject, r.version) ORDER BY r.position), '[]')
     FROM schema_references r WHERE r.schema_id = s.id)
"""
_VERSIONS: Final = (
    f"SELECT v.subject, v.version, v.deleted, {_STORED} FROM schema_versions v JOIN schemas s ON s.id = v.schema_id"  # noqa: S608
)
#: No `contexts` means all of them.
_SEEN: Final = "(%(contexts)s::text[] IS NULL OR v.context = ANY (%(contexts)s))"


class SchemaRows:
    """What lies in `contexts`; None is everywhere. Deleted versions are there when asked for."""

    def __init__(self, connection: Connection[Any], contexts: list[str] | None = None) -> None:
        self._connection = connection
        self._contexts = contexts

    def versions(self, of: Subject, *, deleted: bool = False) -> Sequence[Version]:
        """Oldest first."""
        return self._find(
            "v.subject = %(subject)s AND (%(deleted)s OR NOT v.deleted)", subject=str(of), deleted=deleted
        )

    def version(self, of: Subject, number: int, *, deleted: bool = False) -> Version | None:
        where = "v.subject = %(subject)s AND v.version = %(number)s AND (%(deleted)s OR NOT v.deleted)"
        return next(iter(self._find(where, subject=str(of), number=number, deleted=deleted)), None)

    def every(self, prefix: str, *, deleted: bool = False) -> Sequence[Version]:
        where = f"{_PREFIXED} AND (%(deleted)s OR NOT v.deleted)"
        return self._find(where, **_prefixed(prefix), deleted=deleted)

    def subjects(self, prefix: str, *, deleted: bool = False, only_deleted: bool = False) -> Sequence[str]:
        """`only_deleted`: those that have nothing but deleted versions."""
        having = {(False, False): "NOT bool_and(v.deleted)", (True, False): "true"}.get(
            (deleted, only_deleted), "bool_and(v.deleted)"
        )
        rows = self._connection.execute(
            f"SELECT v.subject FROM schema_versions v WHERE {_SEEN} AND {_PREFIXED}"  # noqa: S608
            f" GROUP BY v.subject HAVING {having} ORDER BY v.subject",
            {"contexts": self._contexts, **_prefixed(prefix)},
        ).fetchall()
        return [name for (name,) in rows]

    def contexts(self) -> Sequence[str]:
        rows = self._connection.execute(
            f"SELECT DISTINCT v.context FROM schema_versions v WHERE {_SEEN}",  # noqa: S608
            {"contexts": self._contexts},
        ).fetchall()
        return sorted({DEFAULT, *(name for (name,) in rows)})

    def uses(self, schema_id: int, *, deleted: bool = False) -> Sequence[Version]:
        """Every version of every subject that has this schema."""
        return self._find("v.schema_id = %(id)s AND (%(deleted)s OR NOT v.deleted)", id=schema_id, deleted=deleted)

    def by_id(self, schema_id: int) -> StoredContent | None:
        """None when no version has it that may be seen: a deleted one is enough, for its records are still there."""
        return next((one.stored for one in self.uses(schema_id, deleted=True)), None)

    def by_guid(self, guid: UUID) -> StoredContent | None:
        return next((one.stored for one in self._find("s.guid = %(guid)s", guid=guid)), None)

    def by_digest(self, digest: bytes) -> StoredContent | None:
        """Wherever it is used, and when it is used nowhere any more: one content keeps one id."""
        row = self._connection.execute(f"SELECT {_STORED} FROM schemas s WHERE s.digest = %s", (digest,)).fetchone()  # noqa: S608
        return None if row is None else _stored(row)

    def by_any_id(self, schema_id: int) -> StoredContent | None:
        row = self._connection.execute(f"SELECT {_STORED} FROM schemas s WHERE s.id = %s", (schema_id,)).fetchone()  # noqa: S608
        return None if row is None else _stored(row)

    def referring(self, to: Subject, number: int, *, deleted: bool = False) -> Sequence[int]:
        """The ids of schemas that refer to this version and are in use, as far as they may be seen."""
        rows = self._connection.execute(
            f"""
            SELECT DISTINCT r.schema_id FROM schema_references r JOIN schema_versions v USING (schema_id)
            WHERE r.subject = %(subject)s AND r.version = %(number)s AND (%(deleted)s OR NOT v.deleted) AND {_SEEN}
            ORDER BY 1
            """,  # noqa: S608
            {"subject": str(to), "number": number, "deleted": deleted, "contexts": self._contexts},
        ).fetchall()
        return [schema_id for (schema_id,) in rows]

    def _find(self, where: str, **values: object) -> Sequence[Version]:
        rows = self._connection.execute(
            f"{_VERSIONS} WHERE {_SEEN} AND {where} ORDER BY v.subject, v.version",
            {"contexts": self._contexts, **values},
        ).fetchall()
        return [Version(subject=row[0], version=row[1], deleted=row[2], stored=_stored(row[3:])) for row in rows]


_NAME: Final = "CASE WHEN v.context = '.' THEN v.subject ELSE substr(v.subject, length(v.context) + 3) END"
_PREFIXED: Final = f"(%(context)s = '*' OR v.context = %(context)s) AND starts_with({_NAME}, %(prefix)s)"


def _prefixed(prefix: str) -> dict[str, object]:
    wanted = subject(prefix)
    return {"context": wanted.context, "prefix": wanted.name}


def _stored(row: Sequence[Any]) -> StoredContent:
    references = tuple(Reference(*one) for one in row[5])
    content = SchemaContent(schema=row[2], metadata=row[3], rule_set=row[4], references=references)
    return StoredContent(id=row[0], guid=row[1], content=content)
