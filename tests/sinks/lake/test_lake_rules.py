"""What the lake costs whoever does not use it, and what may be set."""

import errno
import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

from ops.scheduler.own_commands import CommandFailed
from ops.settings import Settings
from sinks.lake.lake_job import JOB
from sinks.lake.table_files import link

_LOADED = """
import sys
import sinks.commands, sinks.lake.lake_command, sinks.lake.lake_job, sinks.read_models
print(sorted({name.partition(".")[0] for name in sys.modules} & {"pyiceberg", "sqlalchemy"}))
"""


def test_nobody_loads_the_library_of_iceberg_but_who_mirrors():
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_it_is_off_unless_somebody_wants_it_and_then_no_more_often_than_once_a_minute(tmp_path):
    assert JOB.every_s(Settings()) == 0
    assert JOB.every_s(Settings(lake_every_s=60)) == 60
    with pytest.raises(ValidationError, match="it is to be 0, or 60 at least"):
        Settings(lake_every_s=5)


def test_without_its_catalogue_the_job_fails_and_says_why(tmp_path):
    settings = Settings(analytics_dir=tmp_path, postgres_scheduler_url="postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(CommandFailed, match="The lake's catalogue cannot be asked: connection failed"):
        JOB.turn(settings)


def test_it_lies_beside_the_snapshots_unless_somebody_wants_it_elsewhere(tmp_path):
    assert Settings(analytics_dir=tmp_path).lake_dir == tmp_path / "lake"
    assert Settings(analytics_dir=tmp_path, lake_dir=tmp_path / "other").lake_dir == tmp_path / "other"


def test_where_there_are_no_links_a_file_is_copied(tmp_path):
    source, target = tmp_path / "a.parquet", tmp_path / "b.parquet"
    source.write_bytes(b"rows")

    link(source, target, make=refused(errno.EXDEV))

    assert target.read_bytes() == b"rows"
    assert target.stat().st_ino != source.stat().st_ino
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.parquet", "b.parquet"]


def test_a_disk_that_refuses_for_another_reason_is_told_of(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"rows")

    with pytest.raises(OSError, match="no space"):
        link(tmp_path / "a.parquet", tmp_path / "b.parquet", make=refused(errno.ENOSPC))


def refused(why):
    def make(source, target):
        raise OSError(why, "no space" if why == errno.ENOSPC else os.strerror(why))

    return make
