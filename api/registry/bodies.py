"""The registry's bodies for the document of the API; the calls themselves read as leniently as Confluent's."""

from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from api.registry.avro.compatibility import Level
from api.registry.rules import Mode

#: There, or left out.
Absent = SkipJsonSchema[None]
#: What can be sent as it is.
_COUNTED: Final = (
    '{"type": "record", "namespace": "stock", "name": "counted", "fields": [{"name": "sku", "type": "string"}]}'
)


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class SchemaReference(_Body):
    """In the schema, `name` stands for what that version defines."""

    name: str
    subject: str
    version: int = Field(ge=1)


class SchemaMetadata(_Body):
    """Kept with the schema. Of two schemas with other metadata each has an id of its own."""

    tags: dict[str, list[str]] | Absent = None
    properties: dict[str, str] | Absent = None
    sensitive: list[str] | Absent = None


class _Content(_Body):
    text: str = Field(alias="schema", description="Avro, as a JSON text.")
    references: list[SchemaReference] | Absent = None
    metadata: SchemaMetadata | Absent = None
    rule_set: dict[str, Any] | Absent = Field(default=None, description="Kept and given back; not carried out.")


class ProposedSchema(_Content):
    model_config = ConfigDict(json_schema_extra={"examples": [{"schema": _COUNTED}]})

    schema_type: Literal["AVRO"] = "AVRO"
    version: int | Absent = Field(default=None, description="The next one; in the mode `IMPORT` any that is free.")
    id: int | Absent = Field(default=None, description="Only in the mode `IMPORT`.")


class FoundSchema(_Content):
    guid: UUID
    max_id: int | Absent = Field(default=None, description="With `fetchMaxId=true`.")


class SchemaOfGuid(_Content):
    id: int
    guid: UUID


class SchemaVersion(_Content):
    subject: str
    version: int
    id: int
    guid: UUID
    deleted: Literal[True] | Absent = None


class RegisteredSchema(_Body):
    """With the header `Confluent-Accept-Unknown-Properties: true` all of the version."""

    id: int = Field(description="What a record written with it begins with.")


class SchemaUse(_Body):
    subject: str
    version: int


class IdInContext(_Body):
    context: str
    id: int


class _Config(_Body):
    compatibility_group: str | Absent = Field(
        default=None, description="Only versions with the same value of this metadata property are compared."
    )
    normalize: bool | Absent = Field(default=None, description="Whether schemas are normalized before they are kept.")
    alias: str | Absent = Field(default=None, description="The subject that is read in place of this one.")


class WantedConfig(_Config):
    """One of them at least; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"compatibility": "FULL"}]})

    compatibility: Level | Absent = None


class HeldConfig(_Config):
    compatibility_level: Level | Absent = None


class SubjectMode(_Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"mode": "READWRITE"}]})

    mode: Mode


class CompatibilityVerdict(_Body):
    is_compatible: bool = Field(alias="is_compatible")
    messages: list[str] | Absent = Field(default=None, description="With `verbose=true`.")


class RegistryVersion(_Body):
    version: str
    commit_id: str


class RegistryIdentity(_Body):
    id: str
    scope: dict[str, Any]


class RegistryError(_Body):
    """`error_code` is the status, or begins with it; docs/schema-registry.md lists them all."""

    error_code: int = Field(alias="error_code", examples=[40401])
    message: str = Field(examples=["Subject 'stock.counted' not found."])
