"""Makes a restored, older PostgreSQL the history that counts from now on, in Kafka and in the read models.

A new epoch begins, so that nothing said before can win. Everything in the tables is emitted again in it, and what Kafka
tells of and the tables never had is said to be gone. Then every read model is compared with the tables, and a rebuild
from Kafka gives the same. It may die at any moment, and is run again: an epoch begun for a gap is gone on with.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ops.settings import Settings
from schemas import topics
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable
from schemas.write_model import Epoch, Ghost, WriteModel
from sinks.read_models import VERIFIED
from streams import close_gap, scan_newest_events
from streams.close_gap import Report
from streams.open_gaps import OpenGap
from streams.scan_newest_events import Recalled

_PART = 200


@dataclass(slots=True)
class Restored:
    """How much was emitted again and taken back of each aggregate; `unreadable` is what nobody can read any more."""

    epoch: int = 0
    emitted: dict[str, int] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    compared: dict[str, int] = field(default_factory=dict)


def restore(
    settings: Settings,
    keeper: WriteModel,
    decoder: Decoder,
    gaps: Sequence[OpenGap],
    rate: float | None,
    report: Report,
) -> Restored:
    """All but the closing of the gaps."""
    done = Restored()
    if gaps:
        close_gap.emitted_again_after(gaps)
    report("reading what Kafka tells of")
    recalled = scan_newest_events.newest(settings.kafka)
    epoch = _epoch(keeper, gaps, max((one.epoch for one in recalled), default=0))
    done.epoch = epoch.number
    if epoch.raised_at is None:
        raise RuntimeError("an epoch that was raised has a time")
    for topic in topics.AGGREGATES:
        aggregate = topic.name.removeprefix(topics.PREFIX)
        done.emitted[aggregate] = close_gap.emit_again(keeper, aggregate, epoch.raised_at, rate, report)
    done.emitted[close_gap.DECISIONS] = close_gap.emit_again(keeper, close_gap.DECISIONS, epoch.raised_at, rate, report)
    _withdraw(settings, keeper, decoder, [one for one in recalled if not one.is_gone], done, report)
    for model in VERIFIED:
        done.compared[model.name] = close_gap.compare(settings, keeper, model, report).checked
    return done


def _epoch(keeper: WriteModel, gaps: Sequence[OpenGap], in_kafka: int) -> Epoch:
    """That of this restore: begun after the gap was opened, or begun now."""
    now = keeper.epoch()
    opened = [gap.since for gap in gaps if gap.kind == "database" and gap.since is not None]
    begun = bool(opened) and now.raised_at is not None and now.raised_at > max(opened) and now.number >= in_kafka
    return now if begun else keeper.raise_epoch(in_kafka)


def _withdraw(
    settings: Settings, keeper: WriteModel, decoder: Decoder, told: Sequence[Recalled], done: Restored, report: Report
) -> None:
    by_owner: dict[tuple[str, UUID], list[Recalled]] = defaultdict(list)
    for one in told:
        by_owner[one.aggregate, one.tenant_id].append(one)
    for (aggregate, tenant_id), these in by_owner.items():
        for start in range(0, len(these), _PART):
            part = these[start : start + _PART]
            stated = keeper.state(aggregate, tenant_id, [one.id for one in part])
            ghosts = [one for one in part if one.id not in stated]
            if ghosts:
                report(f"{aggregate}: taking back {len(ghosts)}")
                readable = _readable(settings, decoder, ghosts)
                done.unreadable += len(ghosts) - len(readable)
                if readable:
                    withdrawn = keeper.withdraw(aggregate, tenant_id, readable)
                    done.withdrawn[aggregate] = done.withdrawn.get(aggregate, 0) + withdrawn


def _readable(settings: Settings, decoder: Decoder, ghosts: Sequence[Recalled]) -> list[Ghost]:
    """With what was last said of them. What no code can read is in no read model either: it is a dead letter there."""
    found: list[Ghost] = []
    for one, value in scan_newest_events.values(settings.kafka, ghosts):
        try:
            found.append(Ghost(one.id, one.version, decoder.decode(value)))
        except (Undecodable, NewerThanKnown):
            continue
    return found
