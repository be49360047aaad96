from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from api.jobs.prune_outbox import first_id_of, moment_of


def test_an_id_made_before_a_moment_is_smaller_than_the_first_of_it():
    id_ = uuid7()
    made = moment_of(id_)

    assert first_id_of(made) <= id_ < first_id_of(made + timedelta(milliseconds=1))


def test_an_id_tells_when_it_was_made():
    assert abs((moment_of(uuid7()) - datetime.now(UTC)).total_seconds()) < 1
