"""What becomes of the messages: records in order, and positions that can be confirmed."""

from collections.abc import Callable

import pytest

from streams.capture.delivery_progress import Progress
from streams.capture.event_producer import NoSuchTopic
from streams.capture.log_position import LogPosition
from streams.capture.message_intake import Intake
from streams.capture.pgoutput import UnexpectedMessage
from tests.streams.capture import messages
from tests.streams.capture.broker import Broker
from tests.streams.capture.outbox_rows import COLUMNS, values

COMMITTED_AT = 1_767_315_845_678_901


def _intake(broker: Broker, wait_for_room: Callable[[], None] = lambda: None) -> tuple[Intake, Progress]:
    progress = Progress()
    return Intake(broker, progress, wait_for_room), progress  # type: ignore[arg-type]  # what it uses of a producer


def _transaction(*rows: list[bytes | None], commit: int = 100, end: int = 120) -> list[bytes]:
    return [
        messages.begin(commit, COMMITTED_AT),
        messages.relation(1, "outbox", COLUMNS),
        *(messages.insert(1, row) for row in rows),
        messages.commit(commit, end, COMMITTED_AT),
    ]


def test_what_a_publication_sent_that_was_not_right_is_passed_over() -> None:
    broker = Broker()
    intake, progress = _intake(broker)

    begin, outbox, first, second, commit = _transaction(values("a"), values("b"))
    intake.take(
        [
            begin,
            messages.relation(2, "orders", [("id", 2950)]),
            messages.insert(2, [b"x" * 16]),
            outbox,
            first,
            *map(messages.other, (b"U", b"D", b"T")),
            second,
            commit,
        ]
    )
    broker.acknowledge()
    broker.acknowledge()
    progress.settle()

    assert [record["key"] for record in broker.produced] == [b"a", b"b"]
    assert progress.position.end == 120


def test_rows_become_records_numbered_in_their_transaction() -> None:
    broker = Broker()
    intake, _ = _intake(broker)

    intake.take(_transaction(values("a"), values("b"), commit=0x1A2B3C8))

    assert [record["key"] for record in broker.produced] == [b"a", b"b"]
    assert [record["headers"][-1] for record in broker.produced] == [("lsn", "0/1A2B3C8/1"), ("lsn", "0/1A2B3C8/2")]


def test_a_record_has_the_topic_of_its_aggregate_and_the_time_of_its_commit() -> None:
    broker = Broker()
    intake, _ = _intake(broker)

    intake.take(_transaction(values()))

    assert broker.produced[0]["topic"] == "rustok.order"
    assert broker.produced[0]["timestamp"] == COMMITTED_AT // 1000


def test_a_transaction_is_confirmed_when_kafka_has_all_of_it() -> None:
    broker = Broker()
    intake, progress = _intake(broker)
    intake.take(_transaction(values(), values(), end=120))
    progress.settle()
    assert progress.position.end == 0

    broker.acknowledge()
    progress.settle()

    assert progress.position.end == 120


def test_a_keepalive_inside_a_transaction_confirms_nothing() -> None:
    broker = Broker()
    intake, progress = _intake(broker)

    intake.take([*_transaction(values())[:-1], messages.keepalive(110)])
    broker.acknowledge()
    progress.settle()

    assert progress.position.end == 0
    assert intake.received == 110


def test_a_keepalive_between_transactions_confirms_what_lies_before_it() -> None:
    intake, progress = _intake(Broker())

    intake.take([messages.keepalive(500)])
    progress.settle()

    assert progress.position.end == 500


def test_a_request_for_a_sign_of_life_is_remembered() -> None:
    intake, _ = _intake(Broker())

    intake.take([messages.keepalive(500, reply_requested=True), messages.keepalive(510)])

    assert intake.reply_requested


def test_a_full_queue_is_waited_for_and_no_record_is_lost() -> None:
    broker = Broker(room=1)

    def make_room() -> None:
        broker.room = 1

    intake, _ = _intake(broker, make_room)

    intake.take(_transaction(values("a"), values("b"), values("c")))

    assert [record["key"] for record in broker.produced] == [b"a", b"b", b"c"]


def test_a_topic_that_is_not_there_is_named() -> None:
    intake, _ = _intake(Broker(topics=()))

    with pytest.raises(NoSuchTopic, match=r"rustok\.order"):
        intake.take(_transaction(values()))


def test_a_changed_table_is_read_by_its_new_columns() -> None:
    broker = Broker()
    intake, _ = _intake(broker)
    intake.take(_transaction(values("a")))

    wider = messages.relation(1, "outbox", [("note", 25), *COLUMNS])
    intake.take([messages.begin(200), wider, messages.insert(1, [b"x", *values("b")]), messages.commit(200, 220)])

    assert [record["key"] for record in broker.produced] == [b"a", b"b"]


def test_what_this_version_of_the_protocol_never_sends_is_refused() -> None:
    intake, _ = _intake(Broker())

    with pytest.raises(UnexpectedMessage):
        intake.take([messages.begin(100), messages.other(b"S")])


def test_messages_of_no_interest_are_passed_over() -> None:
    intake, progress = _intake(Broker())

    intake.take([messages.begin(100), messages.other(b"O"), messages.other(b"Y"), messages.commit(100, 120)])
    progress.settle()

    assert progress.position.end == 120


def test_what_is_in_kafka_already_is_passed_over_to_the_row() -> None:
    broker, progress = Broker(), Progress()
    intake = Intake(broker, progress, lambda: None, after=LogPosition(200, 1))  # type: ignore[arg-type]  # what it uses of a producer

    intake.take(_transaction(values("a"), commit=100, end=120))
    intake.take(_transaction(values("b"), values("c"), commit=200, end=220))
    intake.take(_transaction(values("d"), commit=300, end=320))
    broker.acknowledge()
    progress.settle()

    assert [record["headers"][-1][1] for record in broker.produced] == ["0/C8/2", "0/12C/1"]
    assert progress.position.end == 320
