"""Runs `rustok schemas impact`: what the schema maintainer sees of it.

With `--json` one document: {"event", "against", "commit", "events", "recorded": true | false, "versions": {"running",
"tree"}, "unsaid": events that the older version has no words for, "impacts": [{"what": "stored" | "new", "model",
"versions": {"running", "tree"}, "documents", "changed", "parked", "refused", "fields": [{"field", "documents",
"examples": [{"id", "before", "after"}, …]}, …]}, …]}. Of an event that is broken here {"event", "against", "commit",
"violations": as in `check --json`}, and exit code 1.

`stored`: the bytes there are now, read by both. `new`: the same events in the newest version's words, which the running
code may have to park; the documents beside it are what it makes of the older words.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Final

import click
from rich.console import Console

from ops.failure import Failure
from ops.home import project_root
from ops.settings import Settings
from schemas.event_catalogue import BY_TYPE
from schemas.event_history import History
from schemas.evolving.event_guess import no_event
from schemas.evolving.published_schemas import NoBase, PublishedState, published
from schemas.evolving.violations import shown
from sinks.sink import Unavailable
from streams.contracts import event_sample, other_commit
from streams.contracts.broken_events import broken_of
from streams.contracts.event_sample import Sample
from streams.contracts.model_impact import ModelImpact, impact
from streams.contracts.other_commit import Folded
from streams.schema_source import RegistryClient

_OTHER_COMMIT: Final = "Compare with a commit whose dependencies are installed here."
_MEND: Final = "Mend them first; `rustok test --fast` says more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    event: str
    against: str
    commit: str
    recorded: bool
    events: int
    unsaid: int
    running_version: int
    tree_version: int
    impacts: tuple[ModelImpact, ...]


def run(settings: Settings, event: str, against: str, recorded: int | None, generated: int, *, as_json: bool) -> None:
    history = BY_TYPE.get(event)
    if history is None:
        raise click.BadParameter(no_event(event, BY_TYPE))
    base = _base(against)
    _refuse_what_is_broken(history, base, as_json=as_json)
    known = base.versions().get(event, (0,))[-1]
    with Console(stderr=True).status(f"playing {event} through two versions of the code"):
        if recorded is None:
            sample = event_sample.generated(history, known, generated)
        else:
            sample = _recorded(settings, history, recorded)
        found = _found(history, base, known, sample, recorded=recorded is not None)
    if as_json:
        click.echo(json.dumps(document(found)))
    else:
        _show(found)


def document(found: Impact) -> dict[str, object]:
    """What was found, as described above."""
    return {
        "event": found.event,
        "against": found.against,
        "commit": found.commit,
        "events": found.events,
        "recorded": found.recorded,
        "versions": {"running": found.running_version, "tree": found.tree_version},
        "unsaid": found.unsaid,
        "impacts": [_told(one) for one in found.impacts],
    }


def _told(one: ModelImpact) -> dict[str, object]:
    return {
        "what": one.what,
        "model": one.model,
        "versions": {"running": one.versions[0], "tree": one.versions[1]},
        "documents": one.documents,
        "changed": one.changed,
        "parked": one.parked,
        "refused": one.refused,
        "fields": [
            {
                "field": field.field,
                "documents": field.documents,
                "examples": [{"id": each.id, "before": each.before, "after": each.after} for each in field.examples],
            }
            for field in one.fields
        ],
    }


def _refuse_what_is_broken(history: History, base: PublishedState, *, as_json: bool) -> None:
    """What two codes make of an event says nothing as long as one of them does not read what is stored."""
    broken = broken_of(history, base)
    if not broken:
        return
    if as_json:
        told = {"event": history.event_type, "against": base.name, "commit": base.commit}
        click.echo(json.dumps({**told, "violations": [asdict(violation) for violation in broken]}))
    else:
        for violation in broken:
            click.echo(shown(violation))
        click.echo(f"{history.event_type} cannot be compared with {base.name} before that is mended.")
    sys.exit(1)


def _base(against: str) -> PublishedState:
    try:
        return published(against)
    except NoBase as missing:
        raise Failure(str(missing), "Name a commit with --against git:REF.") from missing


def _recorded(settings: Settings, history: History, number: int) -> Sample:
    try:
        with closing(RegistryClient.of(settings, "impact")) as registry:
            return event_sample.recorded(settings.kafka, registry, history, number)
    except Unavailable as away:
        raise Failure(f"{away}.", "Start it with `rustok up`, or play made events with --generated.") from away


def _found(history: History, base: PublishedState, known: int, sample: Sample, *, recorded: bool) -> Impact:
    stored = [(pair.topic, pair.stored) for pair in sample.pairs]
    newest = [(pair.topic, pair.newest) for pair in sample.pairs]
    with other_commit.code_of(project_root(), base.commit) as code:
        running = other_commit.fold(code, sample, [*stored, *newest], base.name, _OTHER_COMMIT)
    tree = other_commit.fold(project_root(), sample, [*stored, *newest], "this tree", _MEND)
    (running_stored, running_newest), (tree_stored, tree_newest) = _halves(running), _halves(tree)
    impacts = impact("stored", running_stored, tree_stored)
    if known != history.newest_version:
        impacts += impact("new", running_newest, tree_newest, running_stored)
    return Impact(
        event=history.event_type,
        against=base.name,
        commit=base.commit,
        recorded=recorded,
        events=len(sample.pairs),
        unsaid=sum(pair.stored is None for pair in sample.pairs),
        running_version=known,
        tree_version=history.newest_version,
        impacts=impacts,
    )


def _halves(folded: Folded) -> tuple[Folded, Folded]:
    middle = len(folded.outcomes) // 2
    return Folded(folded.models, folded.outcomes[:middle]), Folded(folded.models, folded.outcomes[middle:])


def _show(found: Impact) -> None:
    how = "recorded" if found.recorded else "made"
    running = f"v{found.running_version}" if found.running_version else "not known"
    click.echo(
        f"{found.event}: {found.events} {how} events; the running code ({found.against}, {found.commit}) has "
        f"{running}, this tree v{found.tree_version}"
    )
    if found.unsaid:
        click.echo(f"{found.unsaid} of them cannot be said in the words of {running}")
    _section("What is stored, read by both", [one for one in found.impacts if one.what == "stored"])
    _section(f"The same events as v{found.tree_version}", [one for one in found.impacts if one.what == "new"])
    if not found.events:
        click.echo("Kafka has none that this tree can read: play made ones with --generated.")
    elif not found.impacts:
        click.echo("No read model reads it.")


def _section(title: str, impacts: Sequence[ModelImpact]) -> None:
    if not impacts:
        return
    click.echo(f"\n{title}")
    for one in impacts:
        click.echo(f"  {one.model:<16} {one.documents} documents compared, {one.changed} would be different")
        if one.parked:
            click.echo(f"  {'':<16} the running feed parks {one.parked} until it is upgraded")
        if one.refused:
            click.echo(f"  {'':<16} this tree makes no document of {one.refused}")
        for field in one.fields:
            click.echo(f"    {field.field}: {field.documents} documents")
            for each in field.examples:
                click.echo(f"      {each.id}: {_short(each.before)} → {_short(each.after)}")
        if one.needs_new_version:
            click.echo(
                f"  {'':<16} {one.model} has version {one.versions[0]} in both: documents that exist stay as they are "
                "until its version is raised"
            )


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
