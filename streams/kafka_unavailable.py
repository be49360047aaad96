"""Says that Kafka does not answer, as of every neighbour: ask again later."""

from sinks.sink import Unavailable


class KafkaUnavailable(Unavailable):
    """No broker answers, or none does what it was asked for."""

    on = "kafka"
