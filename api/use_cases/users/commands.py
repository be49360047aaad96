"""What people ask of users and command, and what they bring to sign in."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.domain.permissions import Role
from api.domain.users import Status
from api.store.users import LIST
from api.use_cases.fields import Input, Name, ShopSlug
from api.use_cases.pages import PageAsked, Several
from api.use_cases.prices.commands import CustomerGroup

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}$"),
    AfterValidator(str.lower),
]
#: How good it is is looked at where it is chosen.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
UserRole = Literal[Role.ADMIN, Role.MANAGER, Role.STAFF, Role.CUSTOMER, Role.SUPER_ADMIN, Role.OPERATOR]
_SHOP = "Slug of the shop, where the host is not one of its domains. Neither: the platform's own people."


class SignIn(Input):
    email: Email
    password: Password
    shop: ShopSlug | None = Field(default=None, description=_SHOP)


class Registration(Input):
    """A customer's; staff is invited."""

    email: Email
    password: Password
    name: Name
    shop: ShopSlug | None = Field(default=None, description="Slug of the shop, where the host is not one of its own.")


class ResetRequest(Input):
    email: Email
    shop: ShopSlug | None = Field(default=None, description=_SHOP)


class RefreshBrought(Input):
    refresh_token: Secret


class LinkBrought(Input):
    token: Secret = Field(description="What was mailed.")


class NewPassword(LinkBrought):
    """With the mail of an invitation, or of a reset."""

    password: Password


class PasswordChange(Input):
    old: Password
    new: Password


class Invitation(Input):
    email: Email
    name: Name
    role: UserRole = Role.STAFF
    role_ids: list[UUID] = Field(default=[], max_length=20, description="Roles of the shop's own making.")


class UsersAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "email"] = "oldest"
    email: Email | None = Field(default=None, description="Only who has this address.")
    role: Several[UserRole] | None = Field(default=None, description="Any of these.")
    role_id: UUID | None = Field(default=None, description="Who has this role of the shop's own.")
    status: Several[Status] | None = Field(default=None, description="Any of these.")
    customer_group: Several[CustomerGroup] | None = Field(
        default=None, description="Who pays the prices of any of these."
    )


class UserChange(Input):
    """What is missing stays as it is; a `customer_group` that is `null` is none."""

    name: Name | None = None
    role: UserRole | None = None
    role_ids: list[UUID] | None = Field(default=None, max_length=20)
    status: Status | None = None
    customer_group: CustomerGroup | None = Field(default=None, description="Whose prices they pay.")
