"""The registry itself: that it is one, who it is, and which contexts it has."""

from importlib.metadata import version

from flask import Response

from api.http.security import public, requires
from api.registry.routes.answers import answer, blueprint
from api.registry.routes.call_input import asking, page
from api.registry.schema_rows import SchemaRows

server = blueprint("server")
_CLUSTER = "rustok"


@server.get("/")
@public("clients ask it whether anybody is there; it says nothing")
def get_root() -> Response:
    """Whether there is a registry"""
    return answer({})


@server.get("/contexts")
@requires("schemas:list")
def list_contexts() -> Response:
    """Every context whoever asks may see"""
    with asking() as (connection, allowed):
        found = SchemaRows(connection, allowed.seen).contexts()
    return answer(page(found))


@server.get("/v1/metadata/id")
@requires("schemas:list")
def get_cluster() -> Response:
    """The name of this registry"""
    return answer({"scope": {"path": [], "clusters": {"schema-registry-cluster": _CLUSTER}}, "id": _CLUSTER})


@server.get("/v1/metadata/version")
@requires("schemas:list")
def get_server_version() -> Response:
    """Whose registry it is, and which version"""
    return answer({"version": f"rustok {version('rustok')}", "commitId": ""})


@server.get("/associations/resources/<name:namespace>/<name:resource>")
@requires("schemas:list")
def list_associations(namespace: str, resource: str) -> Response:
    """None: a subject belongs to no topic here, so that clients go by its name"""
    return answer([])
