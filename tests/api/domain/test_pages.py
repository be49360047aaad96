"""A page goes from draft to published to archived and back, has one parent at most, and says no more than fits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api.domain import pages
from api.domain.changes import Versioned
from api.domain.errors import Conflict, IllegalTransition, Invalid
from schemas.events.page import Page, PageText

NOW = datetime(2036, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TEXT = PageText(
    locale="en", title="Delivery", handle="delivery", summary=None, body="Soon.", seo_title=None, seo_description=None
)
TOP = Page(
    id=UUID(int=1),
    kind="page",
    status="draft",
    parent_id=None,
    position=0,
    translations=(TEXT,),
    tags=(),
    published_at=None,
    created_at=NOW,
    updated_at=NOW,
)
BELOW = replace(TOP, id=UUID(int=2), parent_id=TOP.id)


def test_it_goes_round_from_draft_to_draft() -> None:
    made = pages.create(TOP, None, NOW).now

    shown = pages.publish(made, LATER).now
    kept = pages.archive(shown, LATER).now
    again = pages.restore(kept, LATER).now

    assert [one.value.status for one in (made, shown, kept, again)] == ["draft", "published", "archived", "draft"]
    assert [one.version for one in (made, shown, kept, again)] == [1, 2, 3, 4]
    assert [one.value.published_at for one in (made, shown, kept, again)] == [None, LATER, LATER, LATER]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (pages.publish, "published"),
        (pages.publish, "archived"),
        (pages.archive, "draft"),
        (pages.archive, "archived"),
        (pages.restore, "draft"),
        (pages.restore, "published"),
    ],
)
def test_there_is_no_other_step(step, status) -> None:  # type: ignore[no-untyped-def]  # three functions alike
    with pytest.raises(IllegalTransition, match=status):
        step(Versioned(replace(TOP, status=status), 3), LATER)


def test_what_is_shown_or_has_pages_below_it_is_not_deleted() -> None:
    with pytest.raises(Conflict, match="archive it first"):
        pages.delete(Versioned(replace(TOP, status="published", published_at=NOW), 2), LATER, is_parent=False)
    with pytest.raises(Conflict, match="below it"):
        pages.delete(Versioned(TOP, 1), LATER, is_parent=True)
    assert pages.delete(Versioned(TOP, 1), LATER, is_parent=False).version == 2


def test_a_change_names_what_changed_and_keeps_what_no_one_says() -> None:
    held = Versioned(replace(TOP, status="published", published_at=NOW), 2)

    done = pages.change(held, replace(held.value, tags=("help",), position=3), None, LATER)

    assert done is not None
    assert done.happened[0].event.changed == ("position", "tags")  # type: ignore[attr-defined]  # a PageUpdated
    assert (done.value.status, done.value.updated_at, done.version) == ("published", LATER, 3)
    assert pages.change(held, held.value, None, LATER) is None


@pytest.mark.parametrize(
    ("page", "parent", "field", "code"),
    [
        (replace(TOP, translations=()), None, "translations", "too_short"),
        (replace(TOP, translations=(TEXT, TEXT)), None, "translations", "repeated"),
        (replace(TOP, translations=(replace(TEXT, body="x" * 200_000),)), None, "translations", "too_long"),
        (BELOW, None, "parent_id", "unknown_page"),
        (BELOW, replace(TOP, kind="post"), "parent_id", "unknown_page"),
        (BELOW, replace(BELOW, id=TOP.id), "parent_id", "too_deep"),
        (replace(BELOW, id=TOP.id), TOP, "parent_id", "too_deep"),
        (replace(BELOW, kind="post"), TOP, "parent_id", "no_parent"),
    ],
)
def test_what_no_page_may_be_is_refused_by_its_field(page: Page, parent: Page | None, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        pages.create(page, parent, NOW)

    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_page_with_others_below_it_stays_at_the_top() -> None:
    other = replace(TOP, id=UUID(int=3))

    with pytest.raises(Invalid, match="stays at the top"):
        pages.change(Versioned(TOP, 1), replace(TOP, parent_id=other.id), other, LATER, is_parent=True)
