"""The keys by which anybody can check who signed a token of ours."""

from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, jsonify
from pydantic import BaseModel

from api.http.dependencies import dependencies
from api.http.security import public

published_keys = APIBlueprint("published_keys", __name__, tag="Keys")

#: Half of the time for which a key is published before it signs, so that nobody misses one.
_KEPT_BY_OTHERS: Final = "public, max-age=300"


class KeySetAnswer(BaseModel):
    """RFC 7517. Empty where tokens are signed for development only."""

    keys: list[dict[str, Any]]


@published_keys.get("/.well-known/jwks.json")
@public("public keys are public")
@published_keys.output(KeySetAnswer)
def get_key_set() -> Response:
    """The keys that our access tokens are checked with, as a JSON Web Key Set"""
    answer = jsonify({"keys": dependencies().tokens.published()})
    answer.headers["Cache-Control"] = _KEPT_BY_OTHERS
    return answer
