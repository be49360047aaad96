"""A disk that is full is waited out, and nothing is lost."""

import json

from tests.support import full_analytics_disk


def test_a_full_analytics_disk_is_waited_out_and_written_on_when_there_is_room(tmp_path):
    done = full_analytics_disk.in_a_namespace(tmp_path)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "No space left" in told["write"]
    assert told["again"].startswith("the analytics disk cannot be written")
    assert told["publish"].startswith("the analytics disk cannot be written")
    assert (told["half_copies"], told["held"], told["position"]) == ([], 3200, 3200)
