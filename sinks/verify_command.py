"""`rustok sinks verify`: what the operator sees of it.

With `--json` one document: {"model", "as_of", "checked", "missing", "extra", "stale", "different", "moving",
"examples": [{"kind", "collection", "part", "tenant_id", "id", "version", "expected_version", "reason"}, …]}, and after
a repair `"repaired"`: how many documents were not right before it and are now.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import click
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import NoSuchTenant, Unreachable, open_write_model
from sinks import read_models
from sinks.document_differences import KINDS, DocumentDifference
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.verify_model import DoesNotAdvance, Finding, Verifying

_MOST_EXAMPLES: Final = 20


def run(
    settings: Settings, name: str, slugs: Sequence[str], sample: int | None, *, repair: bool, as_json: bool
) -> bool:
    """Whether the read model is right now."""
    model = read_models.named(name)
    if model is None:
        raise Failure(f"There is no read model {name}.", f"These are there: {_names(read_models.READ_MODELS)}.")
    if not model.has_truth:
        raise Failure(
            f"No table keeps what {model.name} is made of: the log is all there is.",
            f"`rustok sinks list` shows its topics; these can be compared: {_names(read_models.VERIFIED)}.",
        )
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


def _names(models: Sequence[ReadModel]) -> str:
    return ", ".join(each.name for each in models)


def document(name: str, finding: Finding, repaired: int | None = None) -> dict[str, object]:
    """The finding as described above."""
    return {
        "model": name,
        "as_of": finding.as_of.isoformat() if finding.as_of else None,
        "checked": finding.checked,
        **{kind: finding.of_kind(kind) for kind in KINDS},
        "moving": finding.moving,
        **({} if repaired is None else {"repaired": repaired}),
        "examples": [_example(one) for one in finding.differences[:_MOST_EXAMPLES]],
    }


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


def _example(one: DocumentDifference) -> dict[str, object]:
    return {
        "kind": one.kind,
        "collection": one.collection,
        "part": one.part,
        "tenant_id": str(one.tenant_id),
        "id": str(one.id),
        "version": one.held.version if one.held else None,
        "expected_version": one.wanted.version if one.wanted else None,
        "reason": one.reason,
    }


def _show(name: str, finding: Finding, repaired: int | None) -> None:
    as_of = finding.as_of.isoformat(timespec="milliseconds") if finding.as_of else "—"
    counts = ", ".join(f"{finding.of_kind(kind)} {kind}" for kind in KINDS)
    click.echo(f"{name} as of {as_of}: {finding.checked} documents compared; {counts}")
    if repaired is not None:
        click.echo(f"{repaired} repaired")
    if finding.moving:
        click.echo(f"{finding.moving} changed too often to be judged")
    for one in finding.differences[:_MOST_EXAMPLES]:
        what = f"{one.collection}.{one.part}" if one.part else one.collection
        click.echo(f"  {one.kind:<9} {what} {one.id} of {one.tenant_id}: {one.reason}")
