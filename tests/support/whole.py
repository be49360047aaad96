"""Says of a read model that all its partitions are read up to a moment."""

from datetime import datetime

from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from tests.support.examples import MOMENT


def whole(model: ReadModel, until: datetime = MOMENT) -> Freshness:
    return Freshness({f"{topic.name}/{number}": until for topic in model.topics for number in range(topic.partitions)})
