"""Runs `rustok schemas lint|check`: the gate before a change of events is merged."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from schemas.evolving.published_schemas import NoBase, PublishedState, compared_with, not_added
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
@click.option("--alone", is_flag=True, help="Be content with the tree alone where there is nothing to compare it with.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def check(against: str | None, alone: bool, as_json: bool) -> None:
    """Say whether anybody breaks if this tree is merged. Needs no server.

    Every broken rule comes with a reason and with what to do. Exit code 1 when there is one; 2 when it cannot be known,
    for there is nothing to compare with.
    """
    try:
        bases = compared_with(against)
        note = bases[0].note if bases[0].schemas else f"Nothing is published in {bases[0].name}."
    except NoBase as reason:
        if against is not None:
            raise click.UsageError(str(reason)) from reason
        bases, note = (), f"{str(reason).rstrip('.')}. Only the tree itself is checked."
    verdict = _together([_verdict(base) for base in bases or (None,)])
    is_known = bool(bases) and not bases[0].is_itself
    if as_json:
        name, commit = (" and ".join(named) or None for named in _named(bases))
        click.echo(json.dumps({"against": name, "commit": commit, "note": note, **asdict(verdict)}, indent=2))
    else:
        if note:
            click.echo(note)
        _say(verdict.violations)
        for hint in verdict.hints:
            click.echo(hinted(hint))
        beside = "".join(
            f"{' and' if number else ' beside'} {base.name} ({base.commit[:7]})" for number, base in enumerate(bases)
        )
        new = f", new: {', '.join(verdict.new)}" if verdict.new and verdict.published else ""
        broken = len(verdict.violations)
        sign = "✗" if broken else "✓" if is_known else "?"
        click.echo(f"{sign} {verdict.published} published versions{beside}{new}; {broken or 'nothing'} broken")
    if not is_known and not alone and not verdict.violations:
        click.echo("Whether anybody breaks is not known: fetch main, or say --alone.", err=True)
    sys.exit(1 if verdict.violations else 0 if is_known or alone else 2)


def _named(bases: Sequence[PublishedState]) -> tuple[list[str], list[str]]:
    return [base.name for base in bases], [base.commit for base in bases]


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """What breaks one of several breaks; new is what is new to all."""
    first, *others = verdicts
    return Verdict(
        violations=tuple(dict.fromkeys(one for each in verdicts for one in each.violations)),
        published=max(each.published for each in verdicts),
        new=tuple(one for one in first.new if all(one in each.new for each in others)),
        hints=(*dict.fromkeys(one for each in verdicts for one in each.hints), *not_added()),
    )


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
