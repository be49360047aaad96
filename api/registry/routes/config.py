"""Compatibility levels: of everything, of a context (`:.shop:`), of a subject."""

from typing import Final

from flask import Response

from api.http.security import requires
from api.registry import change_rules
from api.registry.avro.compatibility import Level
from api.registry.refusals import invalid_level, no_level, no_subject, unreadable
from api.registry.routes.answers import answer, blueprint
from api.registry.routes.call_input import asking, body, flag, subject
from api.registry.rules import RuleRows, Rules
from api.registry.subject_names import DEFAULT, Subject

config = blueprint("config")

_NOT_APPLIED: Final = ("defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet")


@config.get("/config")
@requires("schemas:read")
def get_config() -> Response:
    """What holds for all subjects that say nothing themselves"""
    return _get(subject(""), everything=True)


@config.put("/config")
@requires("schemas:update")
def put_config() -> Response:
    """Change it"""
    return _put(subject(""))


@config.delete("/config")
@requires("schemas:update")
def delete_config() -> Response:
    """Back to BACKWARD"""
    return _delete(subject(""))


@config.get("/config/<name:subject_name>")
@requires("schemas:read")
def get_subject_config(subject_name: str) -> Response:
    """A subject's own; with `defaultToGlobal=true` what holds for it"""
    return _get(subject(subject_name), everything=flag("defaultToGlobal"))


@config.put("/config/<name:subject_name>")
@requires("schemas:update")
def put_subject_config(subject_name: str) -> Response:
    """Change a subject's own"""
    return _put(subject(subject_name))


@config.delete("/config/<name:subject_name>")
@requires("schemas:update")
def delete_subject_config(subject_name: str) -> Response:
    """A subject no longer has its own"""
    return _delete(subject(subject_name))


def _get(scope: Subject, *, everything: bool) -> Response:
    """`everything`: what holds for it, wherever that is said."""
    with asking() as (connection, allowed):
        rows = RuleRows(connection)
        found = rows.holding_for(scope) if everything else rows.of(scope)
    visible = allowed.seen is None or scope.context in allowed.seen
    if not visible or (not everything and not found.says_level):
        raise no_level(scope)
    return answer(_fields(found, "compatibilityLevel"))


def _put(scope: Subject) -> Response:
    wanted = _rules()
    with asking() as (connection, allowed):
        change_rules.set_config(connection, allowed, scope, wanted)
    return answer(_fields(wanted, "compatibility"))


def _delete(scope: Subject) -> Response:
    with asking() as (connection, allowed):
        held = change_rules.remove_config(connection, allowed, scope)
    if held is None and scope != Subject(DEFAULT, ""):
        raise no_subject(scope)
    return answer(_fields(held or Rules(compatibility=Level.BACKWARD), "compatibilityLevel"))


def _rules() -> Rules:
    given = body()
    unknown = [name for name in _NOT_APPLIED if given.get(name)]
    if unknown:
        raise unreadable(f"{unknown[0]} is not applied by this registry: send metadata and rules with each schema.")
    level = given.get("compatibility") or given.get("compatibilityLevel")
    if level is not None and (not isinstance(level, str) or level.upper() not in Level.__members__):
        raise invalid_level()
    match given:
        case {"normalize": value} if value is not None and not isinstance(value, bool):
            raise unreadable("normalize is to be true or false.")
        case {"alias": value} if value is not None and not _is_text(value):
            raise unreadable("alias is to be the name of a subject.")
        case {"compatibilityGroup": value} if value is not None and not _is_text(value):
            raise unreadable("compatibilityGroup is to be the name of a property.")
    wanted = Rules(
        compatibility=None if level is None else Level(level.upper()),
        compatibility_group=given.get("compatibilityGroup"),
        normalize=given.get("normalize"),
        alias=given.get("alias"),
    )
    if not wanted.says_level:
        raise invalid_level()
    return wanted


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _fields(rules: Rules, level_name: str) -> dict[str, object]:
    fields = {
        level_name: rules.compatibility,
        "compatibilityGroup": rules.compatibility_group,
        "normalize": rules.normalize or None,
        "alias": rules.alias,
    }
    return {name: value for name, value in fields.items() if value is not None}
