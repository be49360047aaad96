"""Somebody who calls the registry, and schemas to call it with."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from api.wsgi import now
from tests.integration.api.shops import Shop

JSON = "application/vnd.schemaregistry.v1+json"


class Caller:
    """With the token of one role; of a shop's people when there is a shop."""

    def __init__(self, client: FlaskClient, tokens: AccessTokens, role: Role, shop: Shop | None = None) -> None:
        actor = Actor(
            tenant_id=shop.id if shop else None,
            tenant_slug=shop.tenant["slug"] if shop else None,
            actor_id="somebody",
            role=role,
        )
        self.token = tokens.issue(actor, now=now(), valid=timedelta(hours=1))
        self._client = client

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self._client.open(
            path,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **headers},
            **({} if body is None else {"data": json.dumps(body), "content_type": JSON}),
        )

    def told(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What a call that works answers."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json(force=True)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, int]:
        """Status and code of a call that does not."""
        answer = self.call(method, path, body)
        told = answer.get_json(force=True)
        assert set(told) == {"error_code", "message"}, answer.text
        return answer.status_code, told["error_code"]

    def registered(self, subject: str, schema: str, **more: Any) -> int:
        return int(self.told("POST", f"/subjects/{subject}/versions", {"schema": schema, **more})["id"])


def named(kind: str = "subject") -> str:
    return f"{kind}-{uuid4().hex[:12]}"


def record(*fields: str, name: str = "Counted", **more: Any) -> str:
    """A record of integers; a field whose name ends in `?` has a default."""
    made = [{"name": f.rstrip("?"), "type": "int", **({"default": 0} if f.endswith("?") else {})} for f in fields]
    return json.dumps({"type": "record", "name": name, **more, "fields": made})


def unique(*fields: str) -> str:
    """A schema nobody has registered."""
    return record(*fields, name=f"R{uuid4().hex}")
