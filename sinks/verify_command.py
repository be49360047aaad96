"""`rustok sinks verify`: what the operator sees of it; with `--json` one document (`sinks.told_findings`)."""

import json
from collections.abc import Sequence
from contextlib import closing

import click
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import NoSuchTenant, Unreachable, open_write_model
from sinks.read_model import ReadModel
from sinks.rebuild.opened_builds import model_named, require_truth
from sinks.sink import Unavailable
from sinks.told_findings import MOST_EXAMPLES, document
from sinks.verify_model import DoesNotAdvance, Finding, Verifying


def run(
    settings: Settings, name: str, slugs: Sequence[str], sample: int | None, *, repair: bool, as_json: bool
) -> bool:
    """Whether the read model is right now."""
    model = model_named(name)
    require_truth(model)
    try:
        first, last = _verify(settings, model, slugs, sample, repair=repair)
    except NoSuchTenant as unknown:
        raise Failure(f"T{str(unknown)[1:]}.", "GET /v1/tenants lists them.") from None
    except (Unavailable, Unreachable) as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows what is down.") from away
    except DoesNotAdvance as stuck:
        raise Failure(f"{stuck}.", "Nothing was judged. `rustok status` shows how far capture and feed are.") from stuck
    repaired = len(first.differences) - len(last.differences) if repair else None
    if as_json:
        click.echo(json.dumps(document(name, last, repaired)))
    else:
        _show(name, last, repaired)
    return not last.differences


def _verify(
    settings: Settings, model: ReadModel, slugs: Sequence[str], sample: int | None, *, repair: bool
) -> tuple[Finding, Finding]:
    """What was found, and what is left after a repair."""
    console = Console(stderr=True)
    with (
        open_write_model(settings.postgres_url) as truth,
        closing(model.published(settings)) as published,
        console.status(f"comparing {model.name}") as status,
    ):
        verifying = Verifying(
            model, published, truth, report=lambda checked: status.update(f"{checked} documents compared")
        )
        first = verifying.full(slugs) if sample is None else verifying.sampled(sample, slugs)
        if not repair or not first.differences:
            return first, first
        status.update(f"repairing {len(first.differences)} documents")
        return first, verifying.repair(first)


def _show(name: str, finding: Finding, repaired: int | None) -> None:
    as_of = finding.as_of.isoformat(timespec="milliseconds") if finding.as_of else "—"
    click.echo(f"{name} as of {as_of}: {finding.checked} documents compared; {finding.counted}")
    if repaired is not None:
        click.echo(f"{repaired} repaired")
    if finding.moving:
        click.echo(f"{finding.moving} changed too often to be judged")
    for one in finding.differences[:MOST_EXAMPLES]:
        what = f"{one.collection}.{one.part}" if one.part else one.collection
        click.echo(f"  {one.kind:<9} {what} {one.id} of {one.tenant_id}: {one.reason}")
