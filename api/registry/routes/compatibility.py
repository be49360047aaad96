"""Checks whether a schema may follow, without registering it: after one version, or after all that count."""

from collections.abc import Sequence

from flask import Response

from api.http.security import requires
from api.registry.refusals import no_version
from api.registry.register_schema import canonical, incompatibilities
from api.registry.routes.answers import answer, blueprint
from api.registry.routes.call_input import asking, flag, proposal, subject, version_number
from api.registry.rules import RuleRows
from api.registry.schema_content import Version
from api.registry.schema_rows import SchemaRows

compatibility = blueprint("compatibility")


@compatibility.post("/compatibility/subjects/<name:subject_name>/versions")
@requires("schemas:read")
def check_all(subject_name: str) -> Response:
    """Against every version the level looks at"""
    return _check(subject_name, None)


@compatibility.post("/compatibility/subjects/<name:subject_name>/versions/<version>")
@requires("schemas:read")
def check_one(subject_name: str, version: str) -> Response:
    """Against one version, by number or `latest`"""
    return _check(subject_name, version)


def _check(subject_name: str, version: str | None) -> Response:
    wanted = proposal()
    with asking() as (connection, allowed):
        rows, named = SchemaRows(connection, allowed.seen), subject(subject_name)
        rules = RuleRows(connection).holding_for(named)
        content = canonical(rows, named, wanted, rules)
        against = _chosen(rows.versions(named), version)
        messages = incompatibilities(rows, rules, content, against)
    verdict: dict[str, object] = {"is_compatible": not messages}
    return answer({**verdict, "messages": messages} if flag("verbose") else verdict)


def _chosen(living: Sequence[Version], version: str | None) -> Sequence[Version]:
    """Nothing contradicts a latest version that is not there; a number that is not there is a mistake."""
    if version is None:
        return living
    number = version_number(version)
    if number is None:
        return living[-1:]
    found = [one for one in living if one.version == number]
    if not found:
        raise no_version(version)
    return found
