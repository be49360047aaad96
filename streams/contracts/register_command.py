"""Runs `rustok schemas register`: what the schema maintainer sees of it.

With `--json` one document: {"registry", "registered", "there", "missing", "differs", "closed": how many are so,
"versions": [{"event", "version", "state", "id", "why"}, …]}. `closed`: missing, and the registry does not take it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import click

from ops.failure import Failure
from ops.settings import Settings
from schemas.event_catalogue import HISTORIES
from streams.contracts.registration_plan import FINAL, Ids, Registration, carry_out, plan
from streams.contracts.registry_writer import ConfluentRegistry, RegistryRefusal
from streams.schema_source import authorization

_STATES = ("registered", "there", "missing", "differs", "closed")


def run(
    settings: Settings,
    url: str | None,
    token: str | None,
    *,
    dry_run: bool,
    keep_ids: bool,
    compatibility: str | None,
    as_json: bool,
) -> bool:
    """Whether the registry has, or would get, everything as it is here."""
    if url and not url.lower().startswith(("http://", "https://")):
        raise Failure(f"{url} is no address of a registry.", f"Write http://{url}, or https://{url}.")
    given = f"Bearer {token}" if token else ""
    default = settings.registry_url or settings.api_url
    sent = given or ("" if url else authorization(settings, "register"))
    with _told(), closing(ConfluentRegistry(url or default, sent)) as registry:
        ids = _our_ids(settings) if keep_ids else None
        deployed = (url or default).rstrip("/") == settings.api_url.rstrip("/")
        done = plan(registry, ids, deployed=deployed)
        if not dry_run and not any(each.state in FINAL for each in done):
            done = carry_out(registry, done, ids, compatibility)
    if as_json:
        click.echo(json.dumps(document(registry.shown_url, done)))
    else:
        _show(registry.shown_url, done, dry_run=dry_run)
    return not any(each.state in FINAL for each in done)


def document(url: str, done: Sequence[Registration]) -> dict[str, object]:
    """The outcome as described above."""
    count = Counter(each.state for each in done)
    return {
        "registry": url,
        **{state: count[state] for state in _STATES},  # type: ignore[index]  # they are its states
        "versions": [
            {
                "event": each.event_type,
                "version": each.version,
                "state": each.state,
                "id": each.schema_id,
                "why": each.why,
            }
            for each in done
        ],
    }


def _our_ids(settings: Settings) -> Ids:
    """Those in the bytes of our records: our own API says them."""
    with closing(ConfluentRegistry(settings.api_url, authorization(settings, "register"))) as ours:
        held = {history.event_type: ours.versions(history.event_type) for history in HISTORIES}
    return {(event, number): one.schema_id for event, versions in held.items() for number, one in versions.items()}


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except RegistryRefusal as refused:
        what = f"{refused.what[:1].upper()}{refused.what[1:]}".rstrip(".")
        remedy = _TAKES_NONE if refused.code == _NOT_PERMITTED else _REMEDIES.get(refused.status, _ELSE)
        raise Failure(f"{what}.", remedy) from refused


#: What Confluent's protocol says when the mode of a subject does not allow it.
_NOT_PERMITTED = 42205
_REMEDIES = {
    0: "Start it, or correct --registry.",
    401: "Give --token, or name and password in the URL: https://name:password@host.",
    403: "The registry wants somebody who may write: for ours, the token of `rustok api token --role schema`.",
    409: "Its level is stricter than our readers, who lift older versions: `--compatibility NONE` sets another.",
}
_TAKES_NONE = "In our own registry only a deploy adds versions of our events: run `rustok api migrate`."
_ELSE = "What was registered before this stays; register again when the cause is gone."


def _show(url: str, done: Sequence[Registration], *, dry_run: bool) -> None:
    click.echo(f"{url}{' (nothing is written)' if dry_run else ''}")
    for each in done:
        shown = (f"{each.event_type:<22} v{each.version}", f"{each.state:<11}", _id(each), each.why)
        click.echo("  ".join(shown).rstrip())
    if any(each.state == "differs" for each in done):
        click.echo("Nothing was written: a registry that has something else under our numbers is not ours to change.")
    if any(each.state == "closed" for each in done):
        was = "would be" if dry_run else "was"
        click.echo(f"Nothing {was} written: the registry takes no version of what is closed. {_TAKES_NONE}")


def _id(each: Registration) -> str:
    return "" if each.schema_id is None else f"id {each.schema_id}"
