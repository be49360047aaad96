"""Carries out a chaos run: shops open, writers write, kills fall, all comes to rest, and the accounts are made."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final
from uuid import uuid4

from rich.console import Console

from ops.chaos.kill_process import Striker
from ops.chaos.kill_schedule import Blow, schedule
from ops.chaos.poison_records import TOPICS, Poisoner
from ops.chaos.shop_writers import Writer
from ops.demo.open_shops import environment, open_shops
from ops.demo.shop_client import await_younger
from ops.failure import Failure
from ops.feeds import all_feeds
from ops.settings import Settings
from ops.stack_state import look

WRITERS: Final = 3
_REST_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosOutcome:
    """`differences` by read model; `writers` holds what shops were promised against what their figures say."""

    seed: int
    kills: int
    blows: int
    audit: dict[str, Any]
    dead_letters_expected: int
    dead_letters_found: int
    differences: dict[str, int]
    recovery_s: dict[str, dict[str, float]]
    writes: int
    failures: Sequence[str]

    @property
    def is_right(self) -> bool:
        counted = ("missing", "out_of_order", "rolled_back_seen")
        return (
            not any(self.audit[name] for name in counted)
            and not any(self.differences.values())
            and self.dead_letters_found == self.dead_letters_expected
        )

    def document(self) -> dict[str, Any]:
        told = asdict(self)
        return {**told.pop("audit"), **told, "failures": list(self.failures)[:10], "right": self.is_right}


def run(settings: Settings, console: Console, seconds: float, seed: int) -> ChaosOutcome:
    """Runs on a stack that is up."""
    blows = schedule(seed, seconds, TOPICS)
    shops = open_shops(settings, [f"chaos-{uuid4().hex[:8]}" for _ in range(WRITERS)], currency="EUR")
    writers = [Writer(shop, seed + number) for number, shop in enumerate(shops)]
    poisoner, striker = Poisoner(settings.kafka, uuid4().hex), Striker(settings)
    for writer in writers:
        writer.start()
    _strike(blows, striker, poisoner, console)
    console.print("The last blow has fallen; waiting until everything is quiet.", highlight=False)
    _await_up(settings)
    for writer in writers:
        writer.finish()
    expected = poisoner.finish()
    striker.finish()
    await_younger(writers[0].shop, datetime.now(UTC), _REST_S)
    promised = sum(writer.sold() != (writer.paid, writer.revenue_minor) for writer in writers)
    return ChaosOutcome(
        seed=seed,
        kills=striker.kills,
        blows=len(blows),
        audit=_command(settings, "streams", "audit", "--json"),
        dead_letters_expected=expected,
        dead_letters_found=poisoner.dead_letters(),
        differences={"writers": promised}
        | {feed.name: _differences(settings, feed.name) for feed in all_feeds() if feed.is_verified},
        recovery_s={
            name: {"p50": round(median(all_s), 2), "max": round(max(all_s), 2), "times": len(all_s)}
            for name, all_s in sorted(striker.recovered_s.items())
        },
        writes=sum(writer.paid + writer.refused for writer in writers),
        failures=[failure for writer in writers for failure in writer.failures],
    )


def _strike(blows: Sequence[Blow], striker: Striker, poisoner: Poisoner, console: Console) -> None:
    began = time.monotonic()
    for number, blow in enumerate(blows):
        time.sleep(max(0.0, blow.at_s - (time.monotonic() - began)))
        told = f"{blow.at_s:7.1f} s  {blow.action:<8} {blow.target}"
        console.print(f"{told}  ({blow.lasts_s:.1f} s)" if blow.lasts_s else told, highlight=False)
        if blow.action == "poison":
            poisoner.poison(blow.target, number)
        else:
            striker.strike(blow)


def _await_up(settings: Settings) -> None:
    deadline = time.monotonic() + _REST_S
    while not (state := look(settings)).is_well:
        if time.monotonic() > deadline:
            down = ", ".join(process.name for process in state.processes if process.state != "up")
            raise Failure(f"Not everything came back: {down}.", "Its log says why; `rustok status` shows the rest.")
        time.sleep(0.5)


def _differences(settings: Settings, model: str) -> int:
    found = _command(settings, "sinks", "verify", model, "--full", "--json")
    return sum(int(found[kind]) for kind in ("missing", "extra", "stale", "different"))


def _command(settings: Settings, *arguments: str) -> dict[str, Any]:
    """What a command of ours says in JSON, whatever it thinks of it."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment(settings),
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Failure(f"`rustok {' '.join(arguments)}` failed: {done.stderr.strip()[-500:]}", "See its log.") from None
    return told
