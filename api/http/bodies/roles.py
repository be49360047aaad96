"""A role that a shop has made, in JSON."""

from typing import Self
from uuid import UUID

from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.store.roles import MadeRole
from api.use_cases.roles.commands import GrantBody


class RoleAnswer(AnswerBody):
    id: UUID
    version: int
    name: str
    grants: list[GrantBody]

    @classmethod
    def of(cls, held: Versioned[MadeRole]) -> Self:
        role = held.value
        return cls(
            id=role.id, version=held.version, name=role.name, grants=[GrantBody.of(grant) for grant in role.grants]
        )


class RolePage(PageAnswer):
    items: list[RoleAnswer]
