"""`rustok api keys`: the keys that sign people's access tokens, made, listed and withdrawn."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from api.domain.errors import Refused
from api.domain.signing_keys import BELIEVED, PUBLISHED_BEFORE, believed_until, state_of
from api.store.signing_keys import SigningKeyRows
from api.use_cases.signing_keys.retire_signing_key import retire_signing_key
from api.use_cases.signing_keys.rotate_signing_key import rotate_signing_key
from ops.failure import Failure
from ops.sealed_secrets import Seal
from ops.settings import Settings

if TYPE_CHECKING:
    import psycopg


@click.group()
def keys() -> None:
    """The keys that sign people's access tokens (RUSTOK_TOKEN_ALGORITHM=EdDSA)."""


@keys.command()
@click.option("--now", "in_haste", is_flag=True, help="Sign with it in seconds: before you retire the one that signs.")
def rotate(in_haste: bool) -> None:
    """Make the key that signs next: published now, it signs in ten minutes; the first one at once."""
    from api.domain.audit import ROTATE_KEY
    from api.store.audit import note_at_machine

    settings = Settings()
    secret = settings.token_key.get_secret_value()
    if not secret:
        raise Failure("The private half cannot be sealed.", "Set RUSTOK_TOKEN_KEY to the one that the API has.")
    with _connected(settings) as connection:
        made = rotate_signing_key(SigningKeyRows(connection), Seal(secret), datetime.now(UTC), in_haste=in_haste)
        note_at_machine(connection, ROTATE_KEY, made.kid, in_haste="yes" if in_haste else "no")
    if in_haste:
        time.sleep(max(0.0, (made.signs_from - datetime.now(UTC)).total_seconds()))
    when = f"from {made.signs_from:%Y-%m-%d %H:%M:%S} UTC on" if made.signs_from > datetime.now(UTC) else "from now on"
    click.echo(f"{made.kid} is published and signs {when}; tokens of the ones before stay good until they end")
    if settings.token_algorithm != "EdDSA":  # noqa: S105  # its name
        click.echo(
            f"RUSTOK_TOKEN_ALGORITHM is {settings.token_algorithm} here: nothing is signed with these keys.", err=True
        )


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_keys(as_json: bool) -> None:
    """All keys there were, the oldest first, and what each is good for."""
    with _connected(Settings()) as connection:
        found = SigningKeyRows(connection).all()
    now = datetime.now(UTC)
    lines = [
        {
            "kid": key.kid,
            "state": state_of(key, found, now).value,
            "made_at": key.made_at.isoformat(),
            "signs_from": key.signs_from.isoformat(),
            "believed_until": until.isoformat() if (until := believed_until(key, found)) is not None else None,
            "retired_at": None if key.retired_at is None else key.retired_at.isoformat(),
        }
        for key in found
    ]
    if as_json:
        click.echo(json.dumps(lines))
        return
    if not BELIEVED & {line["state"] for line in lines}:
        click.echo("No key signs. `rustok api keys rotate` makes one.")
    for line in lines:
        ends = line["retired_at"] or line["believed_until"] or "—"
        click.echo(f"{line['kid']}  {line['state']:<9} signs from {line['signs_from']}  believed until {ends}")


@keys.command()
@click.argument("kid")
def retire(kid: str) -> None:
    """Withdraw a key that somebody else may have: its tokens are refused within two seconds."""
    from api.domain.audit import RETIRE_KEY
    from api.store.audit import note_at_machine

    with _connected(Settings()) as connection:
        retire_signing_key(SigningKeyRows(connection), kid, datetime.now(UTC))
        note_at_machine(connection, RETIRE_KEY, kid)
    click.echo(f"{kid} is retired: no token that it signed is believed any more")


@contextmanager
def _connected(settings: Settings) -> "Iterator[psycopg.Connection[Any]]":
    """In one transaction, as the owner of the tables."""
    import psycopg

    from ops.clients import postgres

    try:
        with postgres.connect(settings.postgres_url) as connection:
            yield connection
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not answer: {str(down).splitlines()[0]}", "Start it with `rustok up`."
        ) from down
    except psycopg.errors.UndefinedTable as early:
        raise Failure("There is no table for keys yet.", "Run `rustok api migrate`.") from early
    except Refused as refused:
        minutes = PUBLISHED_BEFORE.total_seconds() / 60
        raise Failure(
            refused.detail,
            "`rustok api keys list` shows all. `rustok api keys rotate` makes one that signs after"
            f" {minutes:.0f} minutes, with --now after seconds.",
        ) from refused
