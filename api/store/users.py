"""Reads and writes users: who they are in `users`, the roles of the shop's own making in `user_roles`."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import users
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.domain.users import Account
from api.store import column_arrays
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.events.user import AGGREGATE, User, UserDeleted

_SELECT = """
    SELECT u.id, u.version, u.email, u.name, u.role, u.status, u.verified, u.customer_group, ARRAY(
        SELECT r.role_id FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role_id
    )
    FROM users u WHERE u.tenant_id = %(tenant)s
"""

LIST: Final = ListTable[Versioned[Account]](
    name="users",
    id="u.id",
    id_of=lambda held: held.value.user.id,
    filters={
        "email": "u.email = %(email)s::text",
        "role": "u.role = ANY (%(role)s::text[])",
        "role_id": "EXISTS (SELECT FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id"
        " AND r.role_id = %(role_id)s::uuid)",
        "customer_group": "u.customer_group = ANY (%(customer_group)s::text[])",
        "status": "u.status = ANY (%(status)s::text[])",
    },
    sorts={"oldest": OLDEST, "newest": NEWEST, "email": SortedBy("u.email", str, lambda held: held.value.email)},
)


class UserRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, user_id: UUID) -> Versioned[Account] | None:
        return self.load([user_id]).get(user_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Account]]:
        found = self._connection.execute(
            _SELECT + "AND u.id = ANY (%(ids)s::uuid[])", {"tenant": self._tenant_id, "ids": column_arrays.ids(ids)}
        )
        return {row[0]: _versioned(row) for row in found}

    def by_email(self, email: str) -> Versioned[Account] | None:
        """`email` in lower case."""
        row = self._connection.execute(
            _SELECT + "AND u.email = %(email)s", {"tenant": self._tenant_id, "email": email}
        ).fetchone()
        return None if row is None else _versioned(row)

    def page(self, wanted: PageWanted) -> list[Versioned[Account]]:
        """The filter `email` is in lower case."""
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def granted(self, resource: str, action: str, built_in: Sequence[str]) -> list[UUID]:
        """Who is let in and has one of the roles `built_in`, or one made here that gives it, if under conditions."""
        found = self._connection.execute(
            "SELECT u.id FROM users u WHERE u.tenant_id = %(tenant)s AND u.status = 'active'"
            " AND (u.role = ANY (%(built_in)s) OR EXISTS ("
            " SELECT FROM user_roles r JOIN role_grants g ON g.tenant_id = r.tenant_id AND g.role_id = r.role_id"
            " WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id"
            " AND g.resource = %(resource)s AND %(action)s = ANY (g.actions) AND g.scope <> 'none'))",
            {"tenant": self._tenant_id, "built_in": list(built_in), "resource": resource, "action": action},
        )
        return [row[0] for row in found]

    def customer_group(self, customer_ref: str | None) -> str | None:
        """Of the user whom orders and carts call so; None: they are in none, or are no user of this shop."""
        user_id = user_id_of(customer_ref)
        if user_id is None:
            return None
        row = self._connection.execute(
            "SELECT customer_group FROM users WHERE tenant_id = %s AND id = %s", (self._tenant_id, user_id)
        ).fetchone()
        return None if row is None else row[0]

    def having_role(self, role_id: UUID) -> int:
        """How many have this role."""
        row = self._connection.execute(
            "SELECT count(*) FROM user_roles WHERE tenant_id = %s AND role_id = %s", (self._tenant_id, role_id)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def password_hash(self, user_id: UUID) -> str | None:
        """None: nobody signs in with a password here, yet."""
        row = self._connection.execute(
            "SELECT password_hash FROM users WHERE tenant_id = %s AND id = %s", (self._tenant_id, user_id)
        ).fetchone()
        return None if row is None else row[0]

    def hold(self, user_id: UUID) -> None:
        """Until the transaction ends nobody changes them, their password, their links and all their sessions at once.

        Whoever does takes the user first: so nobody waits for somebody who waits for them.
        """
        self._connection.execute(
            "SELECT FROM users WHERE tenant_id = %s AND id = %s FOR NO KEY UPDATE", (self._tenant_id, user_id)
        )

    def held_password_hash(self, user_id: UUID) -> str | None:
        """That of who may sign in, who are held as with `hold`."""
        row = self._connection.execute(
            "SELECT password_hash FROM users WHERE tenant_id = %s AND id = %s AND status = 'active' FOR NO KEY UPDATE",
            (self._tenant_id, user_id),
        ).fetchone()
        return None if row is None else row[0]

    def set_password_hash(self, user_id: UUID, password_hash: str) -> None:
        self._connection.execute(
            "UPDATE users SET password_hash = %s WHERE tenant_id = %s AND id = %s",
            (password_hash, self._tenant_id, user_id),
        )

    def set_verified(self, user_id: UUID) -> None:
        self._connection.execute(
            "UPDATE users SET verified = true WHERE tenant_id = %s AND id = %s", (self._tenant_id, user_id)
        )

    def write(self, changes: Sequence[Decision[Account]]) -> None:
        for change in changes:
            if isinstance(change.happened[-1].event, UserDeleted):
                self._delete(change)
            elif change.was_at == 0:
                self._insert(change)
            else:
                self._update(change)

    def _insert(self, change: Decision[Account]) -> None:
        account = change.value
        user = account.user
        self._connection.execute(
            "INSERT INTO users (tenant_id, id, version, email, name, role, status, verified)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                self._tenant_id,
                user.id,
                change.version,
                account.email,
                account.name,
                user.role,
                user.status,
                account.verified,
            ),
        )
        self._insert_roles(user)

    def _update(self, change: Decision[Account]) -> None:
        user = change.value.user
        updated = self._connection.execute(
            "UPDATE users SET version = %s, name = %s, role = %s, status = %s, customer_group = %s"
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (
                change.version,
                change.value.name,
                user.role,
                user.status,
                change.value.customer_group,
                self._tenant_id,
                user.id,
                change.was_at,
            ),
        )
        if updated.rowcount != 1:
            raise StaleVersion(change.was_at)
        self._connection.execute(
            "DELETE FROM user_roles WHERE tenant_id = %s AND user_id = %s", (self._tenant_id, user.id)
        )
        self._insert_roles(user)

    def _insert_roles(self, user: User) -> None:
        self._connection.execute(
            "INSERT INTO user_roles (tenant_id, user_id, role_id) SELECT %s, %s, unnest(%s::uuid[])",
            (self._tenant_id, user.id, column_arrays.ids(user.role_ids)),
        )

    def _delete(self, change: Decision[Account]) -> None:
        """With their sessions and whatever was sent to them."""
        deleted = self._connection.execute(
            "DELETE FROM users WHERE tenant_id = %s AND id = %s AND version = %s",
            (self._tenant_id, change.aggregate_id, change.was_at),
        )
        if deleted.rowcount != 1:
            raise StaleVersion(change.was_at)


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: UserRows(connection, tenant_id).load(ids),
    state=users.state,
)


def user_id_of(customer_ref: str | None) -> UUID | None:
    """None for whom another system named: a user is called by the id as it is written everywhere."""
    try:
        user_id = UUID(customer_ref or "")
    except ValueError:
        return None
    return user_id if str(user_id) == customer_ref else None


def _versioned(row: Sequence[Any]) -> Versioned[Account]:
    user_id, version, email, name, role, status, verified, customer_group, role_ids = row
    user = User(id=user_id, role=role, role_ids=tuple(role_ids), status=status)
    account = Account(user=user, email=email, name=name, verified=verified, customer_group=customer_group)
    return Versioned(account, version)
