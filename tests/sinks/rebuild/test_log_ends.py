"""Where the log ends is said by Kafka, or by nobody: one that hangs is a neighbour that is away."""

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException

from ops.settings import Settings
from sinks.rebuild import log_ends
from sinks.sink import Unavailable


class Admin:
    """Answers as a test says, or not at all."""

    def __init__(self, refusal: KafkaException | None) -> None:
        self._refusal = refusal

    def describe_topics(self, topics, request_timeout):
        answer = Future()
        if self._refusal is not None:
            answer.set_exception(self._refusal)
        return {"rustok.page": answer}


@pytest.mark.parametrize("refusal", [None, KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION))])
def test_a_kafka_that_hangs_or_refuses_is_away(monkeypatch: pytest.MonkeyPatch, refusal: KafkaException | None) -> None:
    monkeypatch.setattr(log_ends.kafka, "admin", lambda *_: Admin(refusal))
    monkeypatch.setattr(log_ends, "_ANSWER_S", -0.9)

    with pytest.raises(Unavailable, match="Kafka does not say where its topics end"):
        log_ends.held_to_the_end(Settings(), ["rustok.page"])
