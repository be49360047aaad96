"""Parses a text with references: the versions it refers to are looked up, and theirs as well."""

from collections.abc import Sequence
from functools import lru_cache

from api.registry.avro.schema_text import InvalidSchema, Parsed, parse
from api.registry.refusals import RegistryRefused, invalid_schema
from api.registry.schema_content import Reference, SchemaContent
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, Subject, subject

Texts = tuple[tuple[str, str], ...]
_MOST_REMEMBERED = 2_000
_LARGEST_REMEMBERED = 32 * 1024
_MOST_REFERENCES = 1_000


def qualified(references: Sequence[Reference], within: Subject) -> tuple[Reference, ...]:
    """References without a context are in that of who refers; it is stored with them, or one content were two."""
    if within.context == DEFAULT:
        return tuple(references)
    return tuple(Reference(one.name, str(subject(one.subject, within.context)), one.version) for one in references)


def parsed(rows: SchemaRows, content: SchemaContent) -> Parsed:
    """Raises `RegistryRefused` (42201) when it is no schema, or refers to what is not there."""
    try:
        return _parse(content.schema, texts(rows, content.references))
    except InvalidSchema as wrong:
        raise refused(content, str(wrong)) from wrong


def texts(rows: SchemaRows, references: Sequence[Reference]) -> Texts:
    """Name → text of all it refers to, directly or not, what is needed first first."""
    found: dict[str, str] = {}
    _collect(rows, references, found, ())
    return tuple(found.items())


def refused(content: SchemaContent, why: str) -> RegistryRefused:
    references = ", ".join(f"{one.name} ({one.subject} v{one.version})" for one in content.references)
    return invalid_schema(f"Invalid schema {content.schema} with refs [{references}] of type AVRO, details: {why}")


def _collect(
    rows: SchemaRows, references: Sequence[Reference], found: dict[str, str], way: tuple[Reference, ...]
) -> None:
    if len(references) > _MOST_REFERENCES:
        raise invalid_schema(f"It has more than {_MOST_REFERENCES:,} references.")
    for one in references:
        if one.name in found or one in way:
            continue
        version = rows.version(subject(one.subject), one.version, deleted=True)
        if version is None:
            raise invalid_schema(
                f"The reference '{one.name}' names version {one.version} of '{one.subject}': not there."
            )
        _collect(rows, version.stored.content.references, found, (*way, one))
        found[one.name] = version.stored.content.schema


def _parse(text: str, references: Texts) -> Parsed:
    """The large ones are read again each time: as many of them as are remembered would not fit into memory."""
    if len(text) + sum(len(referred) for _, referred in references) > _LARGEST_REMEMBERED:
        return parse(text, dict(references))
    return _remembered(text, references)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _remembered(text: str, references: Texts) -> Parsed:
    return parse(text, dict(references))
