"""Defines `rustok chaos`: whether anything is lost or doubled when everything is killed."""

import json
import random
import sys

import click
from rich.console import Console

from ops.local.bring_up_stack import bring_up
from ops.settings import Settings


@click.command()
@click.option("--minutes", type=click.FloatRange(min=0.1), default=2.0, show_default=True, help="How long blows fall.")
@click.option("--seed", type=int, help="The same seed, the same schedule. Default: a new one, which is told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line of standard output.")
def chaos(*, minutes: float, seed: int | None, as_json: bool) -> None:
    """Kill, freeze and restart everything at random while shops sell; then count.

    Strikes api, capture, feeds, Kafka, OpenSearch and PostgreSQL of this stack, and puts poison into the topics. In the
    end nothing may be missing, out of order, or different between the write model and a read model. Fails otherwise.
    """
    from ops.chaos.chaos_run import run

    console = Console(stderr=True)
    settings = bring_up(Settings(), console).settings
    chosen = random.randrange(1_000_000) if seed is None else seed  # noqa: S311  # a number to tell, not a secret
    console.print(
        f"Seed {chosen}: `rustok chaos --minutes {minutes:g} --seed {chosen}` does the same.", highlight=False
    )
    outcome = run(settings, console, minutes * 60, chosen)
    if as_json:
        click.echo(json.dumps(outcome.document()))
    else:
        console.print_json(json.dumps(outcome.document()))
    sys.exit(0 if outcome.is_right else 1)
