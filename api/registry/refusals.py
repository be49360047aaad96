"""What the registry says when it cannot do something: Confluent's codes, statuses and shapes, each written once."""

from http import HTTPStatus
from typing import Final

from api.registry.subject_names import Subject

NOT_FOUND: Final = HTTPStatus.NOT_FOUND
UNPROCESSABLE: Final = HTTPStatus.UNPROCESSABLE_ENTITY


class RegistryRefused(Exception):
    """Answered as `{"error_code": code, "message": message}`."""

    def __init__(self, status: HTTPStatus, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def no_subject(subject: Subject) -> RegistryRefused:
    return RegistryRefused(NOT_FOUND, 40401, f"Subject '{subject}' not found.")


def no_version(version: object) -> RegistryRefused:
    return RegistryRefused(NOT_FOUND, 40402, f"Version {version} not found.")


def no_schema(name: object = "") -> RegistryRefused:
    return RegistryRefused(NOT_FOUND, 40403, f"Schema {name} not found" if name != "" else "Schema not found")


def schemas_are_lost() -> RegistryRefused:
    """What is not found may have been here, and a next id may be in records already."""
    message = "The registry has lost schemas of this platform's events: `rustok api registry recover` gets them back."
    return RegistryRefused(HTTPStatus.SERVICE_UNAVAILABLE, 50001, message)


def subject_is_deleted(subject: Subject) -> RegistryRefused:
    message = f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"
    return RegistryRefused(NOT_FOUND, 40404, message)


def subject_is_not_deleted(subject: Subject) -> RegistryRefused:
    message = f"Subject '{subject}' was not deleted first before being permanently deleted"
    return RegistryRefused(NOT_FOUND, 40405, message)


def version_is_deleted(subject: Subject, version: int) -> RegistryRefused:
    message = f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
    return RegistryRefused(NOT_FOUND, 40406, message)


def version_is_not_deleted(subject: Subject, version: int) -> RegistryRefused:
    message = f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
    return RegistryRefused(NOT_FOUND, 40407, message)


def no_level(subject: Subject) -> RegistryRefused:
    message = f"Subject '{subject}' does not have subject-level compatibility configured"
    return RegistryRefused(NOT_FOUND, 40408, message)


def no_mode(subject: Subject) -> RegistryRefused:
    return RegistryRefused(NOT_FOUND, 40409, f"Subject '{subject}' does not have subject-level mode configured")


def invalid_schema(message: str) -> RegistryRefused:
    return RegistryRefused(UNPROCESSABLE, 42201, message)


def invalid_version(version: str) -> RegistryRefused:
    message = (
        f"The specified version '{version}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"'
    )
    return RegistryRefused(UNPROCESSABLE, 42202, message)


def invalid_level() -> RegistryRefused:
    message = (
        "Invalid compatibility level. Valid values are none, backward, forward, full, "
        "backward_transitive, forward_transitive, and full_transitive"
    )
    return RegistryRefused(UNPROCESSABLE, 42203, message)


def invalid_mode() -> RegistryRefused:
    message = "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT"
    return RegistryRefused(UNPROCESSABLE, 42204, message)


def not_permitted(message: str) -> RegistryRefused:
    return RegistryRefused(UNPROCESSABLE, 42205, message)


def referenced(subject: Subject, version: int) -> RegistryRefused:
    message = (
        f"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}."
    )
    return RegistryRefused(UNPROCESSABLE, 42206, message)


def invalid_subject(subject: Subject) -> RegistryRefused:
    return RegistryRefused(UNPROCESSABLE, 42208, f"The specified subject '{subject}' is not a valid.")


def incompatible(subject: Subject, messages: list[str]) -> RegistryRefused:
    message = (
        f'Schema being registered is incompatible with an earlier schema for subject "{subject}", '
        f"details: [{', '.join(messages)}]"
    )
    return RegistryRefused(HTTPStatus.CONFLICT, 409, message)


def unreadable(message: str) -> RegistryRefused:
    return RegistryRefused(UNPROCESSABLE, 422, message)
