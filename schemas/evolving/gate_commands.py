"""Runs `rustok schemas lint|check`: the gate before a change of events is merged."""

import json
import sys
from dataclasses import asdict

import click

from schemas.evolving.published_schemas import NoBase, PublishedState, published
from schemas.evolving.source_mistakes import mistake_in
from schemas.evolving.violations import Verdict, Violation, hinted, shown


@click.command()
@click.option("--rules", is_flag=True, help="Say the rules, and check nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def lint(rules: bool, as_json: bool) -> None:
    """Check the classes of all events against the rules."""
    from schemas.evolving.class_rules import RULES

    if rules:
        table = [{"rule": rule.id, "says": rule.says, "why": rule.why, "fix": rule.fix} for rule in RULES]
        click.echo(json.dumps(table, indent=2) if as_json else "\n".join(f"{r.id:<13} {r.says}" for r in RULES))
        return
    found = _broken()
    if as_json:
        click.echo(json.dumps([asdict(violation) for violation in found], indent=2))
    else:
        _say(found)
        click.echo(f"{len(RULES)} rules, {len(found)} broken")
    sys.exit(1 if found else 0)


@click.command()
@click.option("--against", metavar="git:REF", help="What is published. Default: git:main, or what comes closest to it.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def check(against: str | None, as_json: bool) -> None:
    """Say whether anybody breaks if this tree is merged. Needs no server.

    Every broken rule comes with a reason and with what to do. Exit code 1 when there is one.
    """
    try:
        base, note = published(against, look_back=True), ""
    except NoBase as reason:
        if against is not None:
            raise click.UsageError(str(reason)) from reason
        base, note = None, f"{reason} Only the tree itself is checked."
    if base is not None:
        note = base.note if base.schemas else f"Nothing is published in {base.name}."
    verdict = _verdict(base)
    compared = {"against": base.name if base else None, "commit": base.commit if base else None, "note": note}
    if as_json:
        click.echo(json.dumps({**compared, **asdict(verdict)}, indent=2))
    else:
        if note:
            click.echo(note)
        _say(verdict.violations)
        for hint in verdict.hints:
            click.echo(hinted(hint))
        beside = f" beside {base.name} ({base.commit[:7]})" if base else ""
        new = f", new: {', '.join(verdict.new)}" if verdict.new and verdict.published else ""
        broken = len(verdict.violations)
        sign = "✗" if broken else "✓"
        click.echo(f"{sign} {verdict.published} published versions{beside}{new}; {broken or 'nothing'} broken")
    sys.exit(1 if verdict.violations else 0)


def _broken() -> list[Violation]:
    try:
        from schemas.evolving.class_lint import lint as broken

        return broken()
    except Exception as failed:
        mistake = mistake_in(failed)
        if mistake is None:
            raise
        return [mistake]


def _verdict(base: PublishedState | None) -> Verdict:
    try:
        from schemas.evolving.compatibility_check import check as verdict_on

        return verdict_on(base)
    except Exception as failed:
        mistake = mistake_in(failed)
        if mistake is None:
            raise
        return Verdict((mistake,), base.count if base else 0)


def _say(found: tuple[Violation, ...] | list[Violation]) -> None:
    for violation in found:
        click.echo(shown(violation))
