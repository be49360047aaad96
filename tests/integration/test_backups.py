"""A backup is made by whoever may, is read again, and leaves nothing behind when it cannot be made."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from rich.console import Console

from ops.backup import backup_manifest, base_backup, take_backup
from ops.backup.take_backup import Made
from ops.failure import Failure
from ops.progress_display import Steps
from ops.settings import Settings
from tests.ops.backup.manifests import whole
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


@pytest.fixture
def settings(servers: Stack) -> Settings:
    servers.rustok("api", "migrate")
    return servers.settings


@pytest.fixture
def role(settings: Settings) -> Iterator[str]:
    """That may read everything, and no more."""
    name = f"backup_{uuid4().hex[:8]}"
    role = sql.Identifier(name)
    with psycopg.connect(settings.postgres_url, autocommit=True) as postgres:
        for statement in (
            "CREATE ROLE {} LOGIN PASSWORD 'sesame' IN ROLE pg_monitor, pg_read_all_data",
            "GRANT CONNECT ON DATABASE rustok TO {}",
        ):
            postgres.execute(sql.SQL(statement).format(role))
        yield name
        for statement in ("REVOKE CONNECT ON DATABASE rustok FROM {}", "DROP ROLE {}"):
            postgres.execute(sql.SQL(statement).format(role))


def taken_as(role: str, settings: Settings, folder: Path) -> Made:
    url = make_conninfo(settings.postgres_url, user=role, password="sesame")
    theirs = Settings(home=settings.home, stack=settings.stack, postgres_url=url)
    return take_backup.take(theirs, folder, Steps(Console(quiet=True)), with_keys=False, keep=1)


def test_a_role_that_may_not_replicate_is_told_and_nothing_is_left(
    settings: Settings, role: str, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match="WAL sender") as refused:
        taken_as(role, settings, tmp_path / "backups")

    assert "REPLICATION" in refused.value.remedy
    assert "sesame" not in f"{refused.value.what}{refused.value.remedy}"
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]


def test_a_role_that_may_replicate_and_read_is_enough_and_only_the_newest_is_kept(
    settings: Settings, role: str, tmp_path: Path
) -> None:
    with psycopg.connect(settings.postgres_url, autocommit=True) as postgres:
        postgres.execute(sql.SQL("ALTER ROLE {} REPLICATION").format(sql.Identifier(role)))
    whole(tmp_path / "backups", datetime(2026, 11, 1, tzinfo=UTC))

    made = taken_as(role, settings, tmp_path / "backups")

    assert made.removed == ("base-20261101T000000Z",)
    (kept,) = backup_manifest.whole(tmp_path / "backups")
    assert (kept.folder, kept.manifest) == (made.backup.folder, made.backup.manifest)
    assert (kept.manifest.is_local, list(kept.manifest.keys)) == (False, [])
    assert not (kept.folder / "keys").exists()
    programs = base_backup.programs(settings.folder.software, kept.manifest.server_version)
    base_backup.verify(programs, kept.folder / "postgres")
    version = kept.folder / "postgres" / "PG_VERSION"
    version.write_text("19\n")
    with pytest.raises(Failure, match="is damaged"):
        base_backup.verify(programs, kept.folder / "postgres")


def test_a_folder_that_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Failure, match="could not be written"):
        take_backup.take(settings, tmp_path / "file" / "backups", Steps(Console(quiet=True)), with_keys=True, keep=None)


def test_programs_of_another_version_than_the_server_are_told(settings: Settings) -> None:
    with pytest.raises(Failure, match=r"PostgreSQL is 17\.2"):
        base_backup.programs(settings.folder.software, "17.2")


def test_a_server_that_is_not_there_is_told(settings: Settings) -> None:
    with pytest.raises(Failure, match="does not let us in"):
        base_backup.look(make_conninfo(settings.postgres_url, port=1))
