"""Pages and posts over HTTP: what a shop writes for people to read."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.bodies.content_pages import (
    ContentPageAnswer,
    ContentPageDone,
    ContentPageInLocale,
    ContentPages,
    ListedContentPage,
)
from api.http.changed_addresses import ELSEWHERE, as_asked, elsewhere
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.content import change_pages, read_pages
from api.use_cases.content.commands import ContentPageAddress, ContentPageChange, ContentPagesAsked, NewContentPage
from api.use_cases.handle_lookup import Moved
from schemas.events.page import AGGREGATE, Page

pages = APIBlueprint("pages", __name__, url_prefix="/v1/pages", tag="Pages")


@pages.post("")
@requires("pages:create")
@pages.input(NewContentPage)
@pages.output(ContentPageDone, HTTPStatus.CREATED)
def create_page(json_data: NewContentPage) -> Response:
    """Make a page or a post, as a draft"""
    return carry_out(lambda work: _done(work, change_pages.create_page(work, json_data), HTTPStatus.CREATED))


@pages.patch("/<uuid:page_id>")
@requires("pages:update")
@pages.input(ContentPageChange)
@pages.output(ContentPageDone)
def change_page(page_id: UUID, json_data: ContentPageChange) -> Response:
    """Change its texts, its tags or its place; its kind stays"""
    return carry_out(lambda work: _done(work, change_pages.change_page(work, page_id, json_data, expected())))


@pages.post("/<uuid:page_id>/publish")
@requires("pages:update")
@pages.output(ContentPageDone)
def publish_page(page_id: UUID) -> Response:
    """Show it: draft → published"""
    return carry_out(lambda work: _done(work, change_pages.publish_page(work, page_id, expected())))


@pages.post("/<uuid:page_id>/archive")
@requires("pages:update")
@pages.output(ContentPageDone)
def archive_page(page_id: UUID) -> Response:
    """Show it no longer: published → archived"""
    return carry_out(lambda work: _done(work, change_pages.archive_page(work, page_id, expected())))


@pages.post("/<uuid:page_id>/restore")
@requires("pages:update")
@pages.output(ContentPageDone)
def restore_page(page_id: UUID) -> Response:
    """Work on it again: archived → draft"""
    return carry_out(lambda work: _done(work, change_pages.restore_page(work, page_id, expected())))


@pages.delete("/<uuid:page_id>")
@requires("pages:delete")
@pages.output(ContentPageDone)
def delete_page(page_id: UUID) -> Response:
    """Delete it, unless it is published or others are below it; the answer is what it was"""
    return carry_out(lambda work: _done(work, change_pages.delete_page(work, page_id, expected())))


@pages.get("")
@requires("pages:list")
@pages.input(ContentPagesAsked, location="query")
@pages.output(ContentPages)
def list_pages(query_data: ContentPagesAsked) -> ContentPages:
    """Pages and posts without what they say, oldest first"""
    page = look_up(lambda view: read_pages.list_pages(view, query_data))
    return ContentPages(items=[ListedContentPage.of(held) for held in page.items], next_cursor=page.next_cursor)


@pages.get("/<uuid:page_id>")
@requires("pages:read")
@pages.output(ContentPageAnswer)
def get_page(page_id: UUID) -> Response:
    """One page or post, in all its languages"""
    held = look_up(lambda view: read_pages.get_page(view, page_id))
    return entity(ContentPageAnswer.of(held), held.version)


@pages.get("/by-handle/<handle>")
@requires("pages:read")
@pages.input(ContentPageAddress, location="query")
@pages.output(ContentPageInLocale)
@pages.doc(responses=ELSEWHERE)
def get_page_by_handle(handle: str, query_data: ContentPageAddress) -> Response:
    """One page or post in one locale, by its address; 301 to the one that it has now, if it was changed"""
    found = look_up(lambda view: read_pages.page_by_handle(view, handle, query_data))
    if isinstance(found, Moved):
        return elsewhere(as_asked(url_for(".get_page_by_handle", handle=found.handle)))
    return entity(ContentPageInLocale.of(found), f"{found.held.version}-{found.text.locale}")


def _done(work: UnitOfWork, held: Versioned[Page], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = url_for("pages.get_page", page_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(ContentPageDone.of(held, receipt=receipt.text), receipt, status, location)
