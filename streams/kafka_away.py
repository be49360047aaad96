"""Says that Kafka does not answer, as of every neighbour: ask again later."""

from sinks.sink import Unavailable


class KafkaAway(Unavailable):
    """No broker answers, or none does what it was asked for."""

    on = "kafka"
