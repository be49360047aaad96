from typing import Any
from uuid import uuid4

import pytest

from api.domain.rebuilds import NoRebuildGoesOn, RebuildGoesOn, require_possible
from sinks.rebuild.rebuild_request import Action, RebuildRequest
from tests.support.examples import MOMENT


def held(**different: Any) -> RebuildRequest:
    about: dict[str, Any] = {"model": "sales", "action": "start", "asked_by": "olga", "state": "running"}
    return RebuildRequest(id=uuid4(), asked_at=MOMENT, **{**about, **different})


@pytest.mark.parametrize("action", ["start", "resume", "promote", "rollback", "drop"])
def test_what_changes_builds_is_refused_while_anything_goes_on(action: Action) -> None:
    for before, is_rebuilt in (
        (held(), False),
        (held(state="waiting"), False),
        (held(action="pause"), False),
        (None, True),
        (held(state="done"), True),
    ):
        with pytest.raises(RebuildGoesOn):
            require_possible(action, "sales", before, is_rebuilt=is_rebuilt)


@pytest.mark.parametrize("action", ["start", "resume", "promote", "rollback", "drop", "cancel"])
def test_what_is_over_or_paused_is_in_nobodys_way(action: Action) -> None:
    require_possible(action, "sales", None, is_rebuilt=False)
    require_possible(action, "sales", held(state="paused"), is_rebuilt=False)
    require_possible(action, "sales", held(state="failed"), is_rebuilt=False)


def test_what_goes_on_here_or_by_the_command_can_be_paused_and_cancelled() -> None:
    for action in ("pause", "cancel"):
        require_possible(action, "sales", held(), is_rebuilt=True)
        require_possible(action, "sales", held(state="waiting"), is_rebuilt=False)
        require_possible(action, "sales", None, is_rebuilt=True)


def test_where_nothing_goes_on_there_is_nothing_to_pause() -> None:
    for before in (None, held(state="done"), held(action="pause", state="paused")):
        with pytest.raises(NoRebuildGoesOn):
            require_possible("pause", "sales", before, is_rebuilt=False)


def test_what_ends_others_is_waited_for_but_a_pause_gives_way_to_a_cancel() -> None:
    for action, before in (("pause", "pause"), ("pause", "cancel"), ("cancel", "cancel")):
        with pytest.raises(RebuildGoesOn, match=f"{before} of sales is running: wait for its end.$"):
            require_possible(action, "sales", held(action=before), is_rebuilt=True)  # type: ignore[arg-type]
    require_possible("cancel", "sales", held(action="pause"), is_rebuilt=True)
