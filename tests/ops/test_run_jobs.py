import threading

from ops import metrics
from ops.scheduler.jobs import Job, all_jobs
from ops.scheduler.run_jobs import FIRST_AFTER_S, Schedule, begin
from ops.settings import Settings


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def turns(job, outcome):
    return metrics.JOB_RUNS.labels(job, outcome)._value.get()  # noqa: SLF001  # nothing public reads it


def test_each_job_has_its_own_time():
    clock, done = Clock(), []
    often = Job("often", lambda _: 5.0, lambda _: done.append("often"))
    seldom = Job("seldom", lambda _: 100.0, lambda _: done.append("seldom"))
    schedule = Schedule([often, seldom], Settings(), clock)

    while clock.now <= 25:
        clock.now += schedule.turn() or 0.001

    assert done == ["often"] * 4 + ["seldom", "often"]
    assert FIRST_AFTER_S == 20


def test_a_duty_that_fails_is_counted_and_the_others_are_done():
    clock, done = Clock(), []

    def fail(_):
        raise OSError("the disk is gone")

    schedule = Schedule(
        [Job("fails", lambda _: 1.0, fail), Job("works", lambda _: 1.0, done.append)], Settings(), clock
    )
    clock.now = 1.0
    schedule.turn()

    assert len(done) == 1
    assert (turns("fails", "failed"), turns("works", "done")) == (1, 1)


def test_a_duty_that_fails_is_tried_again_soon_however_seldom_it_is_done():
    clock, tries = Clock(), []

    def fail_once(_):
        tries.append(clock.now)
        if len(tries) == 1:
            raise OSError("the store is away")

    schedule = Schedule([Job("hourly", lambda _: 3600.0, fail_once)], Settings(), clock)
    while clock.now <= 4000:
        clock.now += schedule.turn() or 0.001

    assert [round(moment) for moment in tries] == [20, 40, 3640]


def test_a_duty_that_waits_does_not_keep_the_others_from_theirs():
    store_answers, done = threading.Event(), threading.Event()

    begin(
        [
            Job("waits", lambda _: 0.01, lambda _: store_answers.wait() and None),
            Job("goes-on", lambda _: 0.01, lambda _: done.set()),
        ],
        Settings(),
    )

    assert done.wait(10)
    store_answers.set()


def test_what_is_never_wanted_is_never_done():
    clock = Clock()
    schedule = Schedule([Job("never", lambda _: 0.0, lambda _: None)], Settings(), clock)
    clock.now = 1e9

    assert schedule.turn() == FIRST_AFTER_S


def test_the_rooms_bring_their_jobs():
    assert {"prune", "slot", "verify"} <= {job.name for job in all_jobs()}
