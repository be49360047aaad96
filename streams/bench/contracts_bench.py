"""Measures what contracts cost: an event to bytes and back, beside fastavro alone, and the time the check takes.

Fastavro alone: it writes a dict that is ready, and reads one; no frame, no classes, no history. Its share of an event
is what nobody can save, so the ratio says what our classes cost.
"""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import click
import fastavro

from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.home import project_root
from schemas import avro_schema
from schemas.avro_records import to_record
from schemas.commands import schemas
from schemas.event_catalogue import history_of
from schemas.event_codec import FRAME, Decoder, Encoder, parsed
from schemas.events.product import ProductUpdated
from streams.bench.feed_events import Events

#: What `rustok schemas check` may take.
CHECK_S: Final = 2.0
_IDS: Final = {
    (history.event_type, version): id_ for id_, (history, version) in enumerate(avro_schema.every_version(), start=1)
}


class _Known:
    """A `schemas.event_codec.SchemaIds` of the versions in this code."""

    def text_of(self, schema_id: int) -> str | None:
        history, version = avro_schema.every_version()[schema_id - 1]
        return avro_schema.text(history, version)


@click.command()
@click.option("--events", type=click.IntRange(min=100), default=3000, show_default=True, help="Events in a round.")
@click.option("--rounds", type=click.IntRange(min=1), default=15, show_default=True, help="Rounds; the fastest counts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def contracts(events: int, rounds: int, as_json: bool) -> None:
    """The product event to bytes and back beside bare fastavro, and the check of the events. Needs no servers."""
    tell(f"codec: {rounds} rounds of {events:,} product events")
    figures = codec(events, rounds)
    if "check" in schemas.list_commands(click.Context(schemas)):
        tell("check: three runs of `rustok schemas check`")
        figures["schemas_check_s"] = Figure.of(check_s(), CHECK_S, "s")
    show(figures, as_json=as_json)


def codec(events: int, rounds: int) -> dict[str, Figure]:
    event = ProductUpdated(product=Events(_IDS).products(1)[0], changed=("title", "variants"))
    encoder, decoder = Encoder(_IDS), Decoder(_Known())
    framed, record = encoder.encode(event), to_record(ProductUpdated)(event)
    schema, body = parsed(history_of(event), history_of(event).newest_version), framed[FRAME.size :]
    fastest = _fastest(
        {
            "encode": lambda: encoder.encode(event),
            "decode": lambda: decoder.decode(framed),
            "write": lambda: _write(schema, record),
            "read": lambda: fastavro.schemaless_reader(io.BytesIO(body), schema, None),
        },
        events,
        rounds,
    )
    return {
        "encode_us": Figure.of(fastest["encode"], fastest["write"], "µs"),
        "decode_us": Figure.of(fastest["decode"], fastest["read"], "µs"),
        "encode_decode_us": Figure.of(fastest["encode"] + fastest["decode"], fastest["write"] + fastest["read"], "µs"),
    }


def check_s() -> float:
    """The middle of three."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        command = [sys.executable, "-m", "ops.cli", "schemas", "check", "--against", "git:main"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project_root())
        took.append(time.perf_counter() - began)
        if done.returncode not in (0, 1):
            raise Failure(f"`rustok schemas check` does not run: {done.stderr.strip()[-300:]}", "Run it by itself.")
    return sorted(took)[1]


def _write(schema: Any, record: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()


def _fastest(ways: Mapping[str, Callable[[], object]], events: int, rounds: int) -> dict[str, float]:
    """Microseconds for one, of the fastest round of each; they take turns, so that all meet the same machine."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, do in ways.items():
            began = time.perf_counter()
            for _ in range(events):
                do()
            best[name] = min(best[name], (time.perf_counter() - began) / events * 1e6)
    return best
