"""What is declared of growth is true of the code: pruners exist, settings exist, and nothing is said twice."""

from collections import Counter

from ops.growth.declared_growth import all_growth
from ops.processes import SERVERS, all_processes
from ops.scheduler.jobs import all_jobs
from ops.settings import Settings
from schemas.topics import ALL
from sinks.read_models import READ_MODELS

NAMES = {
    "job": {job.name for job in all_jobs()},
    "process": {process.name for process in all_processes()},
    "server": {*SERVERS, "supervisor"},
}


def test_who_is_said_to_prune_is_there() -> None:
    pruners = {one.pruned_by for one in all_growth() if one.pruned_by is not None and one.pruned_by.by != "hand"}

    assert pruners
    assert [pruner for pruner in pruners if pruner.name not in NAMES[pruner.by]] == []


def test_what_goes_after_a_time_or_beyond_a_size_has_a_pruner() -> None:
    bounded = [one for one in all_growth() if one.bound in ("time", "size")]

    assert bounded
    assert [one.names for one in bounded if one.pruned_by is None or one.pruned_by.by == "hand"] == []


def test_settings_that_are_said_to_bound_something_are_there() -> None:
    named = {setting for one in all_growth() for setting in one.settings}

    assert named
    assert named - Settings.model_fields.keys() == set()


def test_a_job_that_is_said_to_prune_a_table_by_a_setting_is_done_unless_that_is_switched_off() -> None:
    jobs = {job.name: job for job in all_jobs()}
    pruned = [one for one in all_growth() if one.kind == "table" and one.bound == "time" and one.pruned_by is not None]

    assert [one.names for one in pruned if jobs[one.pruned_by.name].every_s(Settings()) <= 0] == []


def test_everything_is_declared_once() -> None:
    counted = Counter((one.kind, name) for one in all_growth() for name in one.names)

    assert [name for name, times in counted.items() if times > 1] == []


def test_every_topic_is_declared() -> None:
    assert {topic.name for topic in ALL} <= names("topic")


def test_every_index_and_every_folder_of_a_read_model_is_declared() -> None:
    told = " ".join(names("index") | names("file"))

    assert [
        model.name for model in READ_MODELS if f"-{model.name}-" not in told and f"/{model.name}-v" not in told
    ] == []


def test_jobs_that_prune_are_declared() -> None:
    """Whoever adds a job named `prune-…` says of what."""
    told = {one.pruned_by.name for one in all_growth() if one.pruned_by is not None}

    assert {name for name in NAMES["job"] if name.startswith("prune")} <= told


def names(kind: str) -> set[str]:
    return {name for one in all_growth() for name in one.names if one.kind == kind}
