"""Reads the anchored heads of the audit trail from Kafka: all there are, from the beginning to the end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ops.clients import whole_topics
from ops.clients.client_credentials import KafkaAccess
from schemas import topics
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable
from schemas.events import audit
from schemas.events.audit import Audit, AuditAnchored

TOPIC: Final = topics.topic_of(audit.AGGREGATE)
DEADLINE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class ReadAnchors:
    """In the order they were written; `foreign` counts records that are nothing of ours."""

    heads: tuple[Audit, ...]
    foreign: int


class _Schemas:
    def __init__(self, text_of: Callable[[int], str | None]) -> None:
        self.text_of = text_of


def read_anchors(brokers: KafkaAccess, text_of: Callable[[int], str | None]) -> ReadAnchors:
    """Raises `KafkaException` when Kafka does not give all of them."""
    decoder = Decoder(_Schemas(text_of))
    heads, foreign = [], 0
    for message in whole_topics.records(brokers, "rustok-audit-verify", [TOPIC.name], DEADLINE_S):
        try:
            event = decoder.decode(message.value() or b"")
        except (Undecodable, NewerThanKnown):
            event = None
        if isinstance(event, AuditAnchored):
            heads.append(event.audit)
        else:
            foreign += 1
    return ReadAnchors(tuple(heads), foreign)
