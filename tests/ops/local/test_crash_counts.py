from datetime import datetime, timedelta

import pytest

from ops.local import crash_counts

BEGAN = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001  # as the supervisor writes


def log(*lives: tuple[float, str]) -> tuple[str, datetime]:
    """Lives of `feed-sales`, one after another: how long each was, and how it ended; and the moment after the last."""
    lines, at = [], BEGAN
    for seconds, end in lives:
        lines.append(f"{at},123 INFO spawned: 'feed-sales' with pid 7")
        lines.append(f"{at},130 INFO success: feed-sales entered RUNNING state")
        at += timedelta(seconds=seconds)
        if end:
            lines.append(f"{at},456 {end}")
    return "\n".join(lines), at


CRASH = "WARN exited: feed-sales (exit status 70; not expected)"
KILL = "WARN exited: feed-sales (terminated by SIGKILL; not expected)"
STOP = "INFO stopped: feed-sales (terminated by SIGTERM)"


@pytest.mark.parametrize(
    ("lives", "number"),
    [
        ([], 0),
        ([(2, CRASH)] * 4, 4),
        ([(2, CRASH)] * 4 + [(2, "")], 4),
        ([(2, CRASH)] * 4 + [(3600, CRASH)], 1),
        ([(2, CRASH)] * 4 + [(3600, "")], 0),
        ([(2, CRASH)] * 4 + [(2, STOP)], 0),
        ([(2, KILL)] * 9, 0),
        ([(2, CRASH), (2, KILL), (2, CRASH)], 2),
    ],
)
def test_crashes_are_counted_until_a_process_was_well_for_a_good_while(lives, number):
    text, now = log(*lives)

    assert crash_counts.in_a_row(text, "feed-sales", now) == number
    assert crash_counts.in_a_row(text, "feed", now) == 0


def test_pauses_grow_and_have_an_end():
    assert [crash_counts.pause_s(number) for number in (0, 1, 2, 3, 4, 5, 7, 8, 1000)] == [0, 0, 0, 1, 2, 4, 16, 30, 30]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "its log is empty"),
        ("Traceback (most recent call last):\n  File x\nValueError: no such\nbye", "ValueError: no such"),
        ('{"event": "x"}\n{"exception": [{"exc_type": "KeyError", "exc_value": "x"}]}\n{"event": "y"}', "KeyError: x"),
        ("just\nwords\n", "words"),
    ],
)  # fmt: skip
def test_the_reason_is_the_last_error_in_its_log(tmp_path, said, reason):
    file = tmp_path / "feed.log"
    file.write_text(said)

    assert crash_counts.last_reason(file) == reason
