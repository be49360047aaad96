"""Why somebody of a shop may do something, or may not."""

from apiflask import APIBlueprint

from api.http import security
from api.http.bodies.access import AccessAnswer, AccessAsked
from api.http.dependencies import dependencies
from api.http.security import requires
from api.use_cases.explain_access import explain_to_colleague

access = APIBlueprint("access", __name__, url_prefix="/v1/access", tag="Roles")


@access.get("")
@requires("users:read")
@access.input(AccessAsked, location="query")
@access.output(AccessAnswer)
def explain_access(query_data: AccessAsked) -> AccessAnswer:
    """Whether somebody may do something, which grant decides, and which condition does not hold"""
    own = dependencies()
    question = query_data.question(own.clock())
    shop = security.access().tenant
    answer = explain_to_colleague(own.store, shop, question, lambda of: security.reaching(f"{of}:read"))
    return AccessAnswer.of(answer)
