"""What people command about tokens of programs."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from api.domain.token_text import TokenKind
from api.store.service_tokens import LIST
from api.use_cases.fields import Input, Moment, Name
from api.use_cases.pages import PageAsked

Permission = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z_]+:[a-z_]+$")]


class NewServiceToken(Input):
    name: Name = Field(description="What it is for. Two of one name may be good at a time.")
    kind: TokenKind = Field(
        default=TokenKind.SERVICE,
        description="`service`: a secret, of a program. `search`: a key that a storefront's pages may show, to search.",
    )
    permissions: list[Permission] = Field(
        default=[], max_length=100, description="What it may do, as in `orders:read`: nothing that you may not do."
    )
    expires_at: Moment | None = Field(default=None, description="Within a year; only a search key may have no end.")


class ServiceTokensAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest"] = "oldest"
    kind: TokenKind | None = None
    revoked: bool | None = Field(default=None, description="Only those that were taken away, or only the others.")
