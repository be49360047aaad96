"""What people ask of the audit trail."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.domain.audit_words import require_act, require_actor
from api.domain.errors import Forbidden
from api.domain.scope import Access
from api.store.audit import LIST
from api.use_cases.fields import Input, Moment
from api.use_cases.pages import PageAsked

Word = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class AuditAsked(Input):
    """Which rows; all that are given have to fit."""

    actor: Word | None = Field(
        default=None,
        description="Who: a user's id (not their e-mail address), `token:<id>` for a program,"
        " `machine:<name>`, `anonymous`, or the `sub` of an identity provider.",
    )
    act: Word | None = Field(
        default=None, description="What: a permission, as in `users:update`, or `account:sign_in`."
    )
    object: Word | None = Field(default=None, description="The id of what it was done to.")
    outcome: Literal["done", "denied", "failed"] | None = None
    since: Moment | None = Field(default=None, description="At this time or later.")
    until: Moment | None = Field(default=None, description="Before this time.")
    tenant: UUID | None = Field(default=None, description="Of the platform's own people only: about this shop.")

    def whose(self, access: Access) -> UUID | None:
        """None: everybody's. Raises `Forbidden` for who asks about another shop than their own, `Invalid` for what no
        row can have.
        """
        if self.act is not None:
            require_act(self.act)
        if self.actor is not None:
            require_actor(self.actor)
        own = None if access.tenant is None else access.tenant.id
        if own is not None and self.tenant not in (None, own):
            raise Forbidden("This is another shop's.")
        return self.tenant if own is None else own


class AuditPageAsked(AuditAsked, PageAsked):
    TABLE: ClassVar = LIST
    NO_FILTERS: ClassVar = PageAsked.NO_FILTERS | {"tenant"}

    sort: Literal["newest", "oldest"] = "newest"
