"""Declares what the servers and the supervisor keep on disk beside what is in tables, topics and indices."""

from typing import Final

from ops.growth.declared_growth import Growth, Pruner

_GROWTH: Final = (
    Growth(
        kind="file",
        names=("logs/supervisord.log*",),
        grows_by="a line for each start and end of a process",
        bound="size",
        keeps="two files of 10 MB; a start begins anew",
        pruned_by=Pruner("server", "supervisor"),
    ),
    Growth(
        kind="file",
        names=("logs/*.log*",),
        grows_by="what processes and servers log: a line per command, refusal, start and stop",
        bound="size",
        keeps="of each three files of 20 MB; of the steps before the start only the last run",
        pruned_by=Pruner("server", "supervisor"),
    ),
    Growth(
        kind="file",
        names=("run/*",),
        grows_by="two files of numbers for each worker of the API that was replaced",
        bound="state",
        keeps="those since the API itself was started",
        pruned_by=Pruner("process", "api"),
    ),
    Growth(
        kind="file",
        names=(
            "stack.env",
            "restore.json",
            "keys/*",
            "faust/*",
            "opensearch/config/*",
            "kafka/*.properties",
            "kafka/classes.jsa",
        ),
        grows_by="nothing",
        bound="fixed",
        keeps="settings, keys, and what a start writes",
    ),
    Growth(
        kind="file",
        names=("tmp/*",),
        grows_by="a library that Kafka or OpenSearch unpacked, for each time that it was killed",
        bound="state",
        keeps="what was unpacked since the stack was started",
        pruned_by=Pruner("hand", "`rustok down` and `rustok up`"),
    ),
    Growth(
        kind="file",
        names=("postgres/*",),
        grows_by="the tables; and its log, by all that is written",
        bound="size",
        keeps="of the log 1 GB; up to 4 GB while nobody captures it (`max_slot_wal_keep_size`)",
        pruned_by=Pruner("server", "postgres"),
    ),
    Growth(
        kind="file",
        names=("kafka/logs/*",),
        grows_by="the topics; and Kafka's notes about itself",
        bound="state",
        keeps="the topics, and the newest offset of each group",
        pruned_by=Pruner("server", "kafka"),
    ),
    Growth(
        kind="file",
        names=("opensearch/data/*", "opensearch/logs/*"),
        grows_by="the indices; and the log of what is not yet in them",
        bound="state",
        keeps="the indices",
        pruned_by=Pruner("server", "opensearch"),
    ),
    Growth(
        kind="file",
        names=("opensearch/snapshots/*",),
        grows_by="each backup of OpenSearch that you take there",
        bound="forever",
        keeps="what you do not remove: indices are built again from the topics, so no backup is needed",
        pruned_by=Pruner("hand", "`DELETE /_snapshot/<repository>/<name>` at OpenSearch"),
    ),
)


def growth() -> tuple[Growth, ...]:
    return _GROWTH
