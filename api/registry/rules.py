"""Which level and mode hold for a subject: its own, else its context's, else everybody's, else the built-in ones."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from psycopg import Connection

from api.registry.avro.compatibility import Level
from api.registry.subject_names import DEFAULT, Subject

#: What holds for all subjects that say nothing themselves.
EVERYTHING: Final = Subject(DEFAULT, "")


class Mode(StrEnum):
    READWRITE = "READWRITE"
    READONLY = "READONLY"
    #: For everything only: nobody writes anywhere, whatever subjects say.
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    #: Ids and version numbers come with the schemas.
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """None: says nothing about it."""

    compatibility: Level | None = None
    compatibility_group: str | None = None
    normalize: bool | None = None
    alias: str | None = None
    mode: Mode | None = None

    @property
    def says_level(self) -> bool:
        """Whether there is a config; the mode is another matter."""
        return any(
            value is not None for value in (self.compatibility, self.compatibility_group, self.normalize, self.alias)
        )


#: Unless somebody says something else.
BUILT_IN: Final = Rules(compatibility=Level.BACKWARD, normalize=False, mode=Mode.READWRITE)
_COLUMNS: Final = tuple(field.name for field in fields(Rules))


class RuleRows:
    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def of(self, subject: Subject) -> Rules:
        """What is said about just this."""
        return self._read([str(subject)]).get(str(subject), Rules())

    def holding_for(self, subject: Subject) -> Rules:
        """What holds: nothing in it is open but an alias and a group."""
        scopes = list(dict.fromkeys((str(subject), str(subject.whole_context), str(EVERYTHING))))
        said = self._read(scopes)
        chain = [said[scope] for scope in scopes if scope in said]
        held = _first_said([*chain, BUILT_IN])
        overridden = said.get(str(EVERYTHING), Rules()).mode == Mode.READONLY_OVERRIDE
        mode = Mode.READONLY_OVERRIDE if overridden else held.mode
        own = said.get(str(subject), Rules())
        return Rules(
            compatibility=held.compatibility,
            compatibility_group=held.compatibility_group,
            normalize=held.normalize,
            alias=own.alias,
            mode=mode,
        )

    def put(self, subject: Subject, rules: Rules) -> None:
        """All of them; what they leave open is open."""
        values = {"subject": str(subject), **{name: getattr(rules, name) for name in _COLUMNS}}
        self._connection.execute(
            f"""
            INSERT INTO registry_settings (subject, {", ".join(_COLUMNS)})
            VALUES (%(subject)s, {", ".join(f"%({name})s" for name in _COLUMNS)})
            ON CONFLICT (subject) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
            """,  # noqa: S608  # columns are the fields of Rules
            values,
        )

    def _read(self, scopes: Sequence[str]) -> dict[str, Rules]:
        rows = self._connection.execute(
            f"SELECT subject, {', '.join(_COLUMNS)} FROM registry_settings WHERE subject = ANY (%s)",  # noqa: S608
            (scopes,),
        ).fetchall()
        return {
            row[0]: Rules(
                compatibility=Level(row[1]) if row[1] else None,
                compatibility_group=row[2],
                normalize=row[3],
                alias=row[4],
                mode=Mode(row[5]) if row[5] else None,
            )
            for row in rows
        }


def _first_said(chain: Sequence[Rules]) -> Rules:
    """Field by field, the first that says something."""
    return Rules(
        **{name: next((value for one in chain if (value := getattr(one, name)) is not None), None) for name in _COLUMNS}
    )
