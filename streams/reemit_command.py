"""Runs `rustok streams re-emit`: what the operator sees of it."""

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import (
    NoSuchAggregate,
    NoSuchTenant,
    NothingToResume,
    Owner,
    Reemission,
    Unreachable,
    WriteModel,
    open_write_model,
)
from streams import reemit_state


def run(
    settings: Settings, aggregate: str, slugs: Sequence[str], rate: str | None, *, resume: bool, as_json: bool
) -> None:
    try:
        limit = None if rate is None else reemit_state.rate_per_s(rate)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--rate") from None
    if resume and slugs:
        raise click.UsageError(
            "A re-emission that is resumed is about the tenants it was begun for: leave out --tenant."
        )
    began = time.monotonic()
    try:
        with open_write_model(settings.postgres_url) as keeper:
            owners = keeper.owners(slugs)
            start = keeper.unfinished(aggregate) if resume else keeper.begin(aggregate, owners if slugs else ())
            done = _with_progress(keeper, start, owners, limit)
    except NoSuchAggregate as unknown:
        raise click.BadParameter(str(unknown), param_hint="AGGREGATE") from None
    except NoSuchTenant as unknown:
        raise Failure(f"{_sentence(unknown)}.", "GET /v1/tenants lists them.") from None
    except NothingToResume as nothing:
        raise Failure(f"{_sentence(nothing)}.", "Begin one: leave out --resume.") from None
    except Unreachable as down:
        raise Failure(f"{down}.", "Bring it back; `--resume` goes on where this one stopped.") from down
    seconds = round(time.monotonic() - began, 3)
    if as_json:
        document = {
            "id": str(done.id),
            "aggregate": done.aggregate,
            "emitted": done.emitted,
            "deletions": done.deletions,
            "resumed_at": start.emitted,
            "finished": done.finished,
            "seconds": seconds,
        }
        click.echo(json.dumps(document))
    else:
        click.echo(
            f"{done.emitted} of {aggregate} emitted again, {done.deletions} of them deletions, in {seconds:.1f} s"
        )


def _with_progress(keeper: WriteModel, start: Reemission, owners: Sequence[Owner], limit: float | None) -> Reemission:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console) if console.is_terminal else nullcontext() as shown:
        task = None
        if shown is not None:
            task = shown.add_task(start.aggregate, total=keeper.count(start.aggregate, owners), completed=start.emitted)

        def report(now: Reemission) -> None:
            if shown is not None and task is not None:
                shown.update(task, completed=now.emitted)

        return reemit_state.reemit(keeper, start, rate=limit, clock=time.monotonic, sleep=time.sleep, report=report)


def _sentence(problem: Exception) -> str:
    text = str(problem)
    return text[:1].upper() + text[1:]
