"""What makes two schemas the same: their canonical text, references, metadata and rules; one content, one id."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Reference:
    """In the text, `name` stands for what the version `version` of `subject` defines."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaContent:
    """`metadata` and `rule_set` are JSON texts with sorted keys: kept and given back, never interpreted."""

    schema: str
    references: tuple[Reference, ...] = ()
    metadata: str | None = None
    rule_set: str | None = None

    @property
    def properties(self) -> Mapping[str, str]:
        """Those of the metadata."""
        return dict(orjson.loads(self.metadata).get("properties") or {}) if self.metadata else {}

    @property
    def digest(self) -> bytes:
        if not (self.references or self.metadata or self.rule_set):
            return sha256(self.schema.encode()).digest()
        references = [[one.name, one.subject, one.version] for one in self.references]
        return sha256(orjson.dumps([self.schema, references, self.metadata, self.rule_set])).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContent:
    """A content under its id."""

    id: int
    guid: UUID
    content: SchemaContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`subject` as it is stored: with its context when that is not the default one."""

    subject: str
    version: int
    deleted: bool
    stored: StoredContent


def json_text(value: Mapping[str, Any] | None) -> str | None:
    """One value, one text; None when there is nothing in it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else None
