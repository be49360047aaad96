"""Counting what is stored, when there is nobody to ask."""

import pytest

from sinks.sink import Unavailable
from streams.contracts.stored_versions import everything


def test_a_kafka_that_is_away_is_told_once_and_by_us(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable, match="Kafka does not answer"):
        list(everything("127.0.0.1:9", ["rustok.order"], answer_s=0.5))

    assert capfd.readouterr() == ("", "")
