"""What is not what it was before is a gap, and what is, is none."""

from dataclasses import replace
from uuid import UUID

from streams.capture.source_identity import Note, Now, Opening, Recorded, SourceIdentity, TopicState, openings

TOPIC = TopicState(id="a", starts=(0, 0), ends=(5, 7))
SOURCE = SourceIdentity(slot="rustok", system="77", timeline=1, publication="1/2", topics={"rustok.order": TOPIC})
RECORDED = Recorded(token=UUID(int=1), beat=9, source=SOURCE)
NOTE = Note(token=UUID(int=1), beat=9, slot="rustok", system="77", timeline=1, lsn=1000, event="e")
NOW = Now(source=SOURCE, log_end=2000, confirmed=1000, forks={}, has_event=True)


def kinds(found: list[Opening]) -> list[str]:
    return [one.kind for one in found]


def of_source(**changes: object) -> Now:
    return replace(NOW, source=replace(SOURCE, **changes))  # type: ignore[arg-type]  # as the fields are declared


def test_the_first_start_opens_nothing() -> None:
    assert openings(None, None, NOW) == []


def test_what_is_as_before_opens_nothing() -> None:
    assert openings(RECORDED, NOTE, NOW) == []
    assert openings(RECORDED, replace(NOTE, beat=8), replace(NOW, confirmed=900)) == []


def test_who_was_killed_before_the_first_note_has_sent_nothing() -> None:
    assert openings(replace(RECORDED, beat=1), None, NOW) == []


def test_a_slot_that_reads_on_behind_the_last_note_was_moved_by_somebody() -> None:
    assert kinds(openings(RECORDED, NOTE, replace(NOW, confirmed=1001))) == ["slot"]


def test_a_slot_of_another_name_is_another_slot() -> None:
    assert kinds(openings(RECORDED, NOTE, of_source(slot="other"))) == ["slot"]


def test_a_database_that_remembers_nothing_while_kafka_does_is_another() -> None:
    assert kinds(openings(None, NOTE, NOW)) == ["database"]


def test_a_copy_of_before_is_known_by_what_it_counts() -> None:
    assert kinds(openings(replace(RECORDED, beat=8), NOTE, NOW)) == ["database"]


def test_a_copy_of_before_is_known_by_the_end_of_its_log() -> None:
    assert kinds(openings(RECORDED, NOTE, replace(NOW, log_end=999, confirmed=900))) == ["database"]


def test_a_copy_of_before_is_known_by_the_event_it_lacks() -> None:
    assert kinds(openings(RECORDED, NOTE, replace(NOW, has_event=False))) == ["database"]
    assert openings(RECORDED, NOTE, replace(NOW, has_event=None)) == []


def test_another_history_of_the_same_server_is_another_database() -> None:
    assert kinds(openings(replace(RECORDED, token=UUID(int=2)), NOTE, NOW)) == ["database"]


def test_another_server_is_another_database() -> None:
    assert kinds(openings(RECORDED, NOTE, of_source(system="78"))) == ["database"]


def test_a_standby_that_has_all_that_was_sent_takes_over_without_a_gap() -> None:
    promoted = replace(of_source(timeline=2), forks={1: 1000}, confirmed=950)

    assert openings(replace(RECORDED, beat=8), NOTE, promoted) == []


def test_a_standby_that_lacks_something_that_was_sent_opens_one() -> None:
    assert kinds(openings(RECORDED, NOTE, replace(of_source(timeline=2), forks={1: 999}))) == ["database"]
    assert kinds(openings(RECORDED, NOTE, of_source(timeline=3))) == ["database"]


def test_going_back_to_an_earlier_timeline_opens_one() -> None:
    later = replace(NOTE, timeline=2)

    assert kinds(openings(RECORDED, later, NOW)) == ["database"]


def test_a_publication_that_was_changed_and_put_back_opens_one() -> None:
    assert kinds(openings(RECORDED, NOTE, of_source(publication="1/3"))) == ["publication"]


def test_a_topic_that_was_made_anew_opens_one_of_its_own() -> None:
    (one,) = openings(RECORDED, NOTE, of_source(topics={"rustok.order": replace(TOPIC, id="b")}))

    assert (one.kind, one.topics) == ("topic", ("rustok.order",))


def test_records_that_went_at_either_end_open_one() -> None:
    for changed in (replace(TOPIC, starts=(0, 1)), replace(TOPIC, ends=(4, 7))):
        assert kinds(openings(RECORDED, NOTE, of_source(topics={"rustok.order": changed}))) == ["topic"]
    assert openings(RECORDED, NOTE, of_source(topics={"rustok.order": replace(TOPIC, ends=(6, 9))})) == []


def test_a_kafka_that_remembers_nothing_is_another_for_every_topic() -> None:
    (one,) = openings(RECORDED, None, NOW)

    assert (one.kind, one.topics) == ("topic", ())
