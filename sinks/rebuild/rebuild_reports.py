"""Keeps what each rebuild found and did, a small JSON document each, in the stack's folder `rebuilds`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ops.settings import Settings
from sinks.builds import Build
from sinks.rebuild.judge_build import Judgement

_KEPT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """`led`: whether readers were led to it by its feed. `whole_s`: of the seconds those until it was whole."""

    model: str
    build: Build
    before: Build | None
    led: bool
    judgements: tuple[Judgement, ...]
    documents: int
    whole_s: float
    seconds: float

    @property
    def is_right(self) -> bool:
        return all(one.holds for one in self.judgements)

    @property
    def is_of_other_code(self) -> bool:
        """Of another version than what readers saw, so that another feed has to be started."""
        return self.before is not None and self.before.version != self.build.version

    @property
    def what_leads(self) -> str:
        """What there is to do, or to wait for, where readers were to be led to it and are not yet."""
        if self.is_of_other_code:
            return f"Now `rustok restart feed-{self.model}`: with this code it leads readers there."
        return f"Its feed has not taken over yet, and will: `rustok status` shows feed-{self.model}."

    def told(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "build": str(self.build),
            "before": None if self.before is None else str(self.before),
            "led": self.led,
            "judgements": [one.told() for one in self.judgements],
            "documents": self.documents,
            "whole_s": round(self.whole_s, 3),
            "seconds": round(self.seconds, 3),
            "at": datetime.now(UTC).isoformat(),
        }


def keep(settings: Settings, rebuilt: Rebuilt) -> None:
    """The last fifty of each model stay."""
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    at = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    (folder / f"{rebuilt.model}-{rebuilt.build}-{at}.json").write_text(json.dumps(rebuilt.told(), indent=2))
    for path in _reports(settings, rebuilt.model)[:-_KEPT]:
        path.unlink(missing_ok=True)


def newest(settings: Settings, model: str) -> dict[str, Any] | None:
    """As `Rebuilt.told` says it; None before the first."""
    kept = _reports(settings, model)
    if not kept:
        return None
    told: dict[str, Any] = json.loads(kept[-1].read_text())
    return told


def _reports(settings: Settings, model: str) -> list[Path]:
    return sorted(_folder(settings).glob(f"{model}-v*.json"), key=lambda path: path.stem.rpartition("-")[2])


def _folder(settings: Settings) -> Path:
    return settings.folder.data("rebuilds")


def words(told: Mapping[str, Any]) -> str:
    """A report for people, on lines of its own."""
    done = f"readers are led to {told['build']}" if told["led"] else f"{told['build']} waits, nobody is led to it"
    judged = "".join(
        f"\n    {'yes' if one['holds'] else 'NO '}  {one['name']}: {one['found']}" for one in told["judgements"]
    )
    return f"{told['model']}: {done}, {told['documents']:,} documents in {told['seconds']:.1f} s{judged}"
