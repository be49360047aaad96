"""What each call of the registry takes and answers, by the names of the functions that answer them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.registry.bodies import (
    CompatibilityVerdict,
    FoundSchema,
    HeldConfig,
    IdInContext,
    ProposedSchema,
    RegisteredSchema,
    RegistryIdentity,
    RegistryVersion,
    SchemaOfGuid,
    SchemaUse,
    SchemaVersion,
    SubjectMode,
    WantedConfig,
)

Json = Mapping[str, Any]

_FLAG: Final[Json] = {"type": "boolean", "default": False}
_TEXT: Final[Json] = {"type": "string"}
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}

#: Every parameter there is: its schema and what it does.
QUERY: Final[Mapping[str, tuple[Json, str]]] = {
    "subjectPrefix": (_TEXT, "Only subjects that begin like this; `:*:` is every context, `:.shop:` one of them."),
    "subject": (_TEXT, "Its context (`:.shop:` or `:.shop:name`) is where the schema is looked for."),
    "deleted": (_FLAG, "Also what is deleted, but not for good."),
    "deletedOnly": (_FLAG, "Only what is deleted."),
    "latestOnly": (_FLAG, "Only the newest version of each subject."),
    "offset": ({"type": "integer", "default": 0}, "So many are left out at the beginning."),
    "limit": ({"type": "integer", "default": -1}, "So many at most; below 0: all."),
    "format": ({"type": "string", "enum": ["resolved"]}, "`resolved`: with what it refers to written into it."),
    "fetchMaxId": (_FLAG, "Say the largest id, too."),
    "normalize": (_FLAG, "Compare and keep the normalized schema."),
    "verbose": (_FLAG, "Say what is wrong."),
    "permanent": (_FLAG, "For good; it has to be deleted before."),
    "defaultToGlobal": (_FLAG, "What holds for it, wherever that is said."),
    "force": (_FLAG, "`IMPORT` also where there are schemas."),
    "key": (_TEXTS, "Names of metadata properties."),
    "value": (_TEXTS, "Their values, in the same order."),
}

#: What is in the address.
PATH: Final[Mapping[str, str]] = {
    "subject_name": "The subject; `:.shop:name` is `name` in the context `.shop`. A `/` in it is sent as `%2F`.",
    "version": "A number, or `latest`.",
    "schema_id": "The id in a record's frame.",
    "guid": "What a schema's content says its name is.",
    "namespace": "Clients send `-`.",
    "resource": "The name of a topic.",
}

_PAGED: Final = ("offset", "limit")


@dataclass(frozen=True, slots=True)
class Call:
    """`answer` and `body` are types that pydantic can describe."""

    answer: Any
    query: tuple[str, ...] = ()
    body: Any = None


CALLS: Final[Mapping[str, Call]] = {
    "list_schemas": Call(list[SchemaVersion], ("subjectPrefix", "deleted", "latestOnly", *_PAGED)),
    "list_types": Call(list[str]),
    "get_schema": Call(FoundSchema, ("subject", "format", "fetchMaxId")),
    "get_schema_text": Call(Any, ("subject", "format")),
    "list_subjects_of": Call(list[str], ("subject", "deleted", *_PAGED)),
    "list_uses": Call(list[SchemaUse], ("subject", "deleted", *_PAGED)),
    "get_schema_by_guid": Call(SchemaOfGuid, ("format",)),
    "list_ids": Call(list[IdInContext]),
    "list_subjects": Call(list[str], ("subjectPrefix", "deleted", "deletedOnly", *_PAGED)),
    "look_up_schema": Call(SchemaVersion, ("normalize", "deleted"), ProposedSchema),
    "delete_subject": Call(list[int], ("permanent",)),
    "get_by_metadata": Call(SchemaVersion, ("key", "value", "deleted")),
    "register_schema": Call(RegisteredSchema, ("normalize",), ProposedSchema),
    "list_versions": Call(list[int], ("deleted", "deletedOnly", *_PAGED)),
    "get_version": Call(SchemaVersion, ("deleted", "format")),
    "get_version_text": Call(Any, ("deleted", "format")),
    "list_referring": Call(list[int], ("deleted", *_PAGED)),
    "delete_version": Call(int, ("permanent",)),
    "check_all": Call(CompatibilityVerdict, ("verbose", "normalize"), ProposedSchema),
    "check_one": Call(CompatibilityVerdict, ("verbose", "normalize"), ProposedSchema),
    "get_config": Call(HeldConfig),
    "put_config": Call(WantedConfig, (), WantedConfig),
    "delete_config": Call(HeldConfig),
    "get_subject_config": Call(HeldConfig, ("defaultToGlobal",)),
    "put_subject_config": Call(WantedConfig, (), WantedConfig),
    "delete_subject_config": Call(HeldConfig),
    "get_mode": Call(SubjectMode),
    "put_mode": Call(SubjectMode, ("force",), SubjectMode),
    "delete_mode": Call(SubjectMode),
    "get_subject_mode": Call(SubjectMode, ("defaultToGlobal",)),
    "put_subject_mode": Call(SubjectMode, ("force",), SubjectMode),
    "delete_subject_mode": Call(SubjectMode),
    "get_root": Call(dict[str, Any]),
    "list_contexts": Call(list[str], _PAGED),
    "get_cluster": Call(RegistryIdentity),
    "get_server_version": Call(RegistryVersion),
    "list_associations": Call(list[Any]),
}
