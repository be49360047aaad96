"""The catalogue tree of a shop."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain import categories as domain
from api.domain.changes import Versioned
from api.domain.errors import Invalid, NotFound
from api.http.bodies.categories import CategoryAnswer, CategoryChange, CategoryDone, CategoryPage, NewCategory, texts
from api.http.bodies.fields import PageAsked
from api.http.command_answers import Done, carry_out, etag, expect, signed
from api.http.dependencies import dependencies
from api.http.receipts import receipt_of
from api.http.security import requires, tenant
from api.store.categories import CategoryRows
from api.store.unit_of_work import UnitOfWork
from schemas.events.category import Category

categories = APIBlueprint("categories", __name__, url_prefix="/v1/categories", tag="Categories")


@categories.post("")
@requires("categories:create")
@categories.input(NewCategory)
@categories.output(CategoryDone, HTTPStatus.CREATED)
def create_category(json_data: NewCategory) -> Response:
    """Put a category into the tree"""

    def decide(work: UnitOfWork) -> Done:
        parent = None if json_data.parent_id is None else work.categories.get(json_data.parent_id)
        if parent is None and json_data.parent_id is not None:
            raise Invalid.field("parent_id", "unknown_category", f"There is no category {json_data.parent_id}.")
        category_id = work.new_id()
        change = domain.create(
            category_id=category_id,
            external_id=json_data.external_id,
            parent=None if parent is None else parent.value,
            position=json_data.position,
            translations=texts(category_id, json_data.translations),
            now=work.now,
        )
        return _done(work.save(work.categories, change), HTTPStatus.CREATED)

    return carry_out(decide)


@categories.patch("/<uuid:category_id>")
@requires("categories:update")
@categories.input(CategoryChange)
@categories.output(CategoryDone)
def change_category(category_id: UUID, json_data: CategoryChange) -> Response:
    """Change texts or position of a category"""

    def decide(work: UnitOfWork) -> Done:
        held = _found(work.categories, category_id)
        expect(held)
        given = json_data.translations
        changed = None if given is None else texts(category_id, given, held.value.translations)
        change = domain.change(held, position=json_data.position, translations=changed, now=work.now)
        return _done(held if change is None else work.save(work.categories, change))

    return carry_out(decide)


@categories.get("")
@requires("categories:list")
@categories.input(PageAsked, location="query")
@categories.output(CategoryPage)
def list_categories(query_data: PageAsked) -> CategoryPage:
    """All categories, oldest first"""
    with dependencies().store.reading(tenant().id) as connection:
        found = CategoryRows(connection, tenant().id).page(query_data.cursor, query_data.limit + 1)
    shown = found[: query_data.limit]
    next_cursor = shown[-1].value.id if len(found) > len(shown) else None
    return CategoryPage(items=[CategoryAnswer.of(held) for held in shown], next_cursor=next_cursor)


@categories.get("/<uuid:category_id>")
@requires("categories:read")
@categories.output(CategoryAnswer)
def get_category(category_id: UUID) -> tuple[CategoryAnswer, int, dict[str, str]]:
    """One category"""
    with dependencies().store.reading(tenant().id) as connection:
        held = _found(CategoryRows(connection, tenant().id), category_id)
    return CategoryAnswer.of(held), HTTPStatus.OK, {"ETag": etag(held.version)}


def _found(rows: CategoryRows, category_id: UUID) -> Versioned[Category]:
    held = rows.get(category_id)
    if held is None:
        raise NotFound("category", category_id)
    return held


def _done(held: Versioned[Category], status: HTTPStatus = HTTPStatus.OK) -> Done:
    receipt = receipt_of("category", held.value.id, held.version)
    location = url_for("categories.get_category", category_id=held.value.id) if status == HTTPStatus.CREATED else None
    return Done(receipt, CategoryDone.of(held, receipt=signed(receipt)), status, location)
