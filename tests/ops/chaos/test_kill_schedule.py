from itertools import pairwise

from ops.chaos.kill_schedule import FREEZE_S, GAP_S, schedule, targets
from ops.feeds import all_feeds
from ops.processes import SERVERS, all_processes

TOPICS = ("rustok.product", "rustok.order")


def test_the_same_seed_gives_the_same_schedule():
    assert schedule(7, 600, TOPICS) == schedule(7, 600, TOPICS)
    assert schedule(7, 600, TOPICS) != schedule(8, 600, TOPICS)


def test_blows_fall_one_after_the_other_until_the_end():
    at_s = [blow.at_s for blow in schedule(7, 600, TOPICS)]

    gaps = [later - earlier for earlier, later in pairwise(at_s)]
    assert at_s[-1] < 600
    assert all(GAP_S[0] <= gap <= GAP_S[1] for gap in gaps)


def test_everything_that_runs_is_struck():
    blows = schedule(7, 3600, TOPICS)

    killed = {blow.target for blow in blows if blow.action == "kill"}
    assert killed == set(targets())
    assert (
        {*SERVERS, "api", "capture", *(feed.process for feed in all_feeds())}
        <= killed
        <= {*SERVERS, *(process.name for process in all_processes())}
    )


def test_what_is_frozen_thaws():
    frozen = [blow for blow in schedule(7, 3600, TOPICS) if blow.action == "freeze"]

    assert frozen
    assert all(FREEZE_S[0] <= blow.lasts_s <= FREEZE_S[1] for blow in frozen)


def test_poison_goes_into_topics():
    poisoned = {blow.target for blow in schedule(7, 3600, TOPICS) if blow.action == "poison"}

    assert poisoned == set(TOPICS)
