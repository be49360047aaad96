"""Opens the builds of a read model for a command: what is not there, and what is away, is said as people need it."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import Unreachable, WriteModel, open_write_model
from sinks import read_models
from sinks.builds import Build, Builds
from sinks.read_model import ReadModel
from sinks.rebuild.one_rebuild import Interrupted
from sinks.sink import Unavailable

_DOWN: Final = "`rustok status` shows what is down."


class StoreAway(Failure):
    """Nothing is wrong with what was asked for: it can be done when the store answers again."""


def model_named(name: str) -> ReadModel:
    """Raises `Failure`, which names those there are."""
    model = read_models.named(name)
    if model is None:
        names = ", ".join(one.name for one in read_models.READ_MODELS)
        raise Failure(f"There is no read model {name}.", f"These are there: {names}.")
    return model


def require_truth(model: ReadModel) -> None:
    """Raises `Failure` for what no tables keep."""
    if not model.has_truth:
        names = ", ".join(one.name for one in read_models.VERIFIED)
        raise Failure(
            f"No table keeps what {model.name} is made of: the log is all there is.",
            f"Tables keep what these are made of: {names}.",
        )


@contextmanager
def opened(settings: Settings, model: ReadModel) -> Iterator[Builds]:
    """Raises `Failure` for a model that has none, and `StoreAway`."""
    builds = model.builds(settings)
    if builds is None:
        raise Failure(f"{model.name} cannot be made again from the log.", "It keeps what the log forgets: back it up.")
    try:
        with closing(builds):
            yield builds
    except Unavailable as away:
        raise StoreAway(f"{str(away)[:1].upper()}{str(away)[1:]}.", _DOWN) from away


@contextmanager
def opened_tables(settings: Settings) -> Iterator[WriteModel]:
    """Raises `Interrupted` when PostgreSQL is away: whatever was made by then stays."""
    try:
        with open_write_model(settings.postgres_url) as tables:
            yield tables
    except Unreachable as away:
        raise Interrupted(
            f"{str(away)[:1].upper()}{str(away)[1:]}.", "Begin again when it answers: what was made by then stays."
        ) from away


def build_named(known: Sequence[Build], model: ReadModel, name: str) -> Build:
    build = Build.named(name)
    if build is None or build not in known:
        there = ", ".join(map(str, known))
        raise Failure(f"There is no build {name} of {model.name}.", f"These are there: {there}.")
    return build
