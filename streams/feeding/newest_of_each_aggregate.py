"""Puts the records of a batch together by their aggregate: of each, only the newest that can be used is needed.

The newest is looked at first and, as a rule, alone. What is bad about it is no reason to lose the one before: then that
is looked at, too, so that a read model holds the same however the log was cut into batches.
"""

from collections.abc import Sequence

from schemas.envelope import EPOCH_HEADER, TENANT_HEADER, VERSION_HEADER, count, epoch, order_of
from streams.dead_letters.retried_record import RetriedRecord
from streams.kafka_record import KafkaRecord, header

#: Oldest first: the next one to look at is the last.
Group = list[KafkaRecord]


def group_by_aggregate(records: Sequence[KafkaRecord]) -> list[Group]:
    """By aggregate, in order of the first of each. What says no key or version stands for itself."""
    found: dict[object, list[tuple[int, KafkaRecord]]] = {}
    for number, record in enumerate(records):
        order = _order(record)
        if isinstance(record, RetriedRecord):
            # Of one that is tried again twice at once only the last word counts: it may have been edited meanwhile.
            found[record.topic, record.partition, record.offset, record.timestamp] = [(0, record)]
        elif order is None or record.key is None or record.value is None:
            found[number] = [(0, record)]
        else:
            aggregate = (record.topic, record.key, header(record, TENANT_HEADER))
            found.setdefault(aggregate, []).append((order, record))
    # Sorting keeps the order of equals: of one version twice the one that came last is the newest.
    return [
        [record for _, record in sorted(one, key=_first)] if len(one) > 1 else [one[0][1]] for one in found.values()
    ]


def _order(record: KafkaRecord) -> int | None:
    """By epoch and version; None when one of them is no number of ours."""
    version, of = count(header(record, VERSION_HEADER)), epoch(header(record, EPOCH_HEADER))
    return None if version is None or of is None else order_of(of, version)


def _first(one: tuple[int, KafkaRecord]) -> int:
    return one[0]
