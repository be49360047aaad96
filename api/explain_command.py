"""`rustok api explain`: what somebody may do, which grant says so, and which condition does not hold."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ops.failure import Failure
from ops.settings import Settings

if TYPE_CHECKING:
    from api.domain.explain_decision import Weight
    from api.use_cases.explain_access import Answer

_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"])
CHANNELS = ("storefront", "back_office")


@click.command()
@click.argument("actor")
@click.argument("permission")
@click.argument("id", type=click.UUID, required=False)
@click.option("--tenant", "slug", default=None, help="Slug of the shop, for its users and roles.")
@click.option("--at", "moment", type=_MOMENT, default=None, help="When they ask, as 2026-03-01T09:00Z. Default: now.")
@click.option("--address", default=None, help="Where they ask from.")
@click.option("--channel", type=click.Choice(CHANNELS), default="back_office", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(
    actor: str,
    permission: str,
    id: UUID | None,  # noqa: A002  # the name it has in the help
    slug: str | None,
    moment: datetime | None,
    address: str | None,
    channel: str,
    as_json: bool,
) -> None:
    """Tell whether ACTOR may do PERMISSION, with the thing ID or any, and which grant decides.

    ACTOR is the id or e-mail of a user, the id of a service token, or a role. Ends with 1 when it is denied.
    """
    from api.domain.conditions import Channel, Surroundings
    from api.domain.errors import Refused
    from api.domain.explain_decision import Verdict
    from api.http.bodies.access import AccessAnswer
    from api.store.errors import StoreDown
    from api.store.store import Store
    from api.use_cases.explain_access import AccessQuestion, explain_to_operator
    from api.wsgi import now

    at = now() if moment is None else moment.replace(tzinfo=UTC)
    around = Surroundings(at=at, address=address, channel=Channel(channel))
    question = AccessQuestion(who=actor, permission=permission, thing_id=id, around=around)
    store = Store(Settings().postgres_api_url, connections=1, clock=now)
    store.open()
    try:
        answer = explain_to_operator(store, slug, question)
    except Refused as refused:
        raise Failure(
            refused.detail, "Name a user or role of a shop with --tenant SLUG; ids are those of orders and products."
        ) from refused
    except StoreDown as down:
        raise Failure("PostgreSQL does not answer.", "Run `rustok up`.") from down
    finally:
        store.close()
    click.echo(AccessAnswer.of(answer).model_dump_json() if as_json else _told(answer))
    sys.exit(1 if answer.verdict is Verdict.DENIED else 0)


def _told(answer: "Answer") -> str:
    subject, found = answer.subject, answer.explanation
    lines = [f"{answer.verdict}: {answer.permission} for {subject.name}"]
    if subject.shut_out:
        return "\n".join([*lines, f"  because {subject.shut_out}"])
    lines += [f"  decides: {one}{_left(one)}" for one in found.deciding]
    lines += [f"  counts not: {one}{_left(one)}" for one in found.others if not one.counts]
    if not found.deciding and not found.others:
        lines.append("  because nothing gives it")
    return "\n".join(lines)


def _left(weight: "Weight") -> str:
    if weight.failing:
        return f"\n    does not hold: {'; '.join(weight.failing)}"
    return f"\n    depends on: {'; '.join(weight.open)}" if weight.open else ""
