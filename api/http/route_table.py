"""Every route in one table: which permission it needs, how far each role reaches with it, and whose threads answer it.

The table of calls in docs/http-api.md, the OpenAPI document, `rustok api routes` and the test of all routes with all
roles are made from it; what it says is what `security` lets in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from apiflask import APIFlask

from api.domain.permissions import Role, Scope, reach_of_role
from api.http.security import Public, Requires, declared
from api.http.server.route_classes import class_of

#: Those that a route may take; HEAD is GET without its body, and OPTIONS says to everybody what an address takes.
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`path` is as OpenAPI writes it, `rule` as Flask does. With `permission` None it is public, for this `reason`.

    `scopes` are of the built-in roles that may call it; `route_class` names the kind of request that shares
    threads and a quota.
    """

    method: str
    path: str
    rule: str
    endpoint: str
    summary: str
    permission: str | None
    reason: str | None
    scopes: Mapping[Role, Scope]
    route_class: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """Those in the path."""
        return _PARAMETER.findall(self.rule)


def routes_of(app: APIFlask) -> Iterator[Route]:
    """Those of one application, in the order in which they were made."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        access = declared(view)
        permission = access.permission if isinstance(access, Requires) else None
        for method in METHODS:
            if method in (rule.methods or ()):
                yield Route(
                    method=method,
                    path=pattern(rule.rule),
                    rule=rule.rule,
                    endpoint=rule.endpoint,
                    summary=(view.__doc__ or "").partition("\n")[0].strip(),
                    permission=permission,
                    reason=access.reason if isinstance(access, Public) else None,
                    scopes={} if permission is None else scopes_of(permission),
                    route_class=class_of(method, rule.rule).name,
                )


def scopes_of(permission: str) -> dict[Role, Scope]:
    """The built-in roles that have it, and how far each reaches."""
    found = ((role, reach_of_role(role, permission)) for role in Role)
    return {role: scope for role, scope in found if scope is not None}


def pattern(rule: str) -> str:
    """`/v1/products/<uuid:product_id>` is `/v1/products/{product_id}` here and in metrics."""
    return _PARAMETER.sub(r"{\1}", rule)
