"""The catalogue tree of a shop."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.answer_words import in_words
from api.http.bodies.categories import CategoryAnswer, CategoryDone, CategoryPage
from api.http.changed_addresses import ELSEWHERE, elsewhere
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.entity_answers import entity, look_up
from api.http.exported_lines import LINES, ExportPage, exported
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.categories import change_category as changing
from api.use_cases.categories import create_category as creating
from api.use_cases.categories import delete_category as deleting
from api.use_cases.categories import move_category as moving
from api.use_cases.categories import read_categories
from api.use_cases.categories.commands import (
    CategoriesAsked,
    CategoriesExported,
    CategoryAddress,
    CategoryChange,
    CategoryDeletion,
    CategoryMove,
    NewCategory,
)
from api.use_cases.exports.import_forms import importable_categories
from schemas.events.category import AGGREGATE, Category

categories = APIBlueprint("categories", __name__, url_prefix="/v1/categories", tag="Categories")


@categories.post("")
@requires("categories:create")
@categories.input(NewCategory)
@categories.output(CategoryDone, HTTPStatus.CREATED)
def create_category(json_data: NewCategory) -> Response:
    """Put a category into the tree"""
    return carry_out(lambda work: _done(work, creating.create_category(work, json_data), HTTPStatus.CREATED))


@categories.patch("/<uuid:category_id>")
@requires("categories:update")
@categories.input(CategoryChange)
@categories.output(CategoryDone)
def change_category(category_id: UUID, json_data: CategoryChange) -> Response:
    """Change texts or position of a category"""
    return carry_out(lambda work: _done(work, changing.change_category(work, category_id, json_data, expected())))


@categories.post("/<uuid:category_id>/move")
@requires("categories:update")
@categories.input(CategoryMove)
@categories.output(CategoryDone)
def move_category(category_id: UUID, json_data: CategoryMove) -> Response:
    """Put it, with all that is in it, into another category, or make it a root"""
    return carry_out(lambda work: _done(work, moving.move_category(work, category_id, json_data, expected())))


@categories.delete("/<uuid:category_id>")
@requires("categories:delete")
@categories.input(CategoryDeletion, location="query")
@categories.output(CategoryDone)
def delete_category(category_id: UUID, query_data: CategoryDeletion) -> Response:
    """Delete an empty category, or with `reparent` put what is in it into its parent; the answer is what it was"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        gone = deleting.delete_category(work, category_id, reparent=query_data.reparent, expected=expected())
        return _done(work, gone)

    return carry_out(decide)


@categories.get("/by-slug/<slug>")
@requires("categories:read")
@categories.input(CategoryAddress, location="query")
@categories.output(CategoryAnswer)
@categories.doc(responses=ELSEWHERE)
def get_category_by_slug(slug: str, query_data: CategoryAddress) -> Response:
    """The category of a slug; `301` from one that it had before"""
    found = look_up(lambda view: read_categories.category_of_slug(view, slug, query_data.locale))
    if slug in {text.slug for text in found.held.value.translations}:
        return entity(CategoryAnswer.of(found.held), found.held.version)
    return elsewhere(url_for(".get_category_by_slug", slug=found.slugs[-1], locale=query_data.locale))


@categories.get("/by-path/<path:path>")
@requires("categories:read")
@categories.input(CategoryAddress, location="query")
@categories.output(CategoryAnswer)
@categories.doc(responses=ELSEWHERE)
def get_category_by_path(path: str, query_data: CategoryAddress) -> Response:
    """The category at the end of a path of slugs; `301` from one that is not its own any more"""
    slugs = path.split("/")
    found = look_up(lambda view: read_categories.category_of_path(view, slugs, query_data.locale))
    if tuple(slugs) == found.slugs:
        return entity(CategoryAnswer.of(found.held), found.held.version)
    return elsewhere(url_for(".get_category_by_path", path="/".join(found.slugs), locale=query_data.locale))


@categories.get("")
@requires("categories:list")
@categories.input(CategoriesAsked, location="query")
@categories.output(CategoryPage)
def list_categories(query_data: CategoriesAsked) -> CategoryPage:
    """All categories, oldest first"""
    page = look_up(lambda view: read_categories.list_categories(view, query_data))
    return CategoryPage(items=[CategoryAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@categories.get("/export")
@requires("categories:export")
@categories.input(CategoriesExported, location="query")
@categories.doc(responses=in_words("A category a line", LINES))
def export_categories(query_data: CategoriesExported) -> Response:
    """All categories, a JSON document a line, oldest first"""

    def page(cursor: str | None, view: View) -> ExportPage:
        found = read_categories.list_categories(view, CategoriesAsked.whole(query_data, cursor))
        if query_data.form == "import":
            return importable_categories(view, found.items), found.next_cursor
        return [CategoryAnswer.of(held) for held in found.items], found.next_cursor

    return exported(page)


@categories.get("/<uuid:category_id>")
@requires("categories:read")
@categories.output(CategoryAnswer)
def get_category(category_id: UUID) -> Response:
    """One category"""
    held = look_up(lambda view: read_categories.get_category(view, category_id))
    return entity(CategoryAnswer.of(held), held.version)


def _done(work: UnitOfWork, held: Versioned[Category], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = url_for("categories.get_category", category_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(CategoryDone.of(held, receipt=receipt.text), receipt, status, location)
