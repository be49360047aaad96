"""What a shop says of its search: words, redirects, rules and weights, in effect for every query within seconds."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.bodies.read_models import SearchAnswer
from api.http.bodies.search_settings import SearchSettingAnswer, SearchSettingDone, SearchSettingPage
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.read_model_answers import respond
from api.http.routes.search import found_products
from api.http.security import access, requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.search_settings import manage_search_settings as managing
from api.use_cases.search_settings.commands import SearchSettingSaid, SearchSettingsAsked
from api.use_cases.search_settings.preview_setting import PreviewAsked, preview_setting
from schemas.events.search_setting import AGGREGATE, SearchSetting

search_settings = APIBlueprint("search_settings", __name__, url_prefix="/v1/search/settings", tag="Search")


@search_settings.post("")
@requires("search_settings:create")
@search_settings.input(SearchSettingSaid)
@search_settings.output(SearchSettingDone, HTTPStatus.CREATED)
def create_search_setting(json_data: SearchSettingSaid) -> Response:
    """Say something of the search: synonyms, stop words, where it leads, a rule, or weights"""
    return carry_out(lambda work: _done(work, managing.create_search_setting(work, json_data), made=True))


@search_settings.post("/preview")
@requires("search_settings:read")
@search_settings.input(PreviewAsked)
@search_settings.output(SearchAnswer)
def preview_search_setting(json_data: PreviewAsked) -> Response:
    """Search as if a setting that is not saved were in effect"""
    made = dependencies()
    found = preview_setting(made.search, access(), json_data, made.search_settings.of, made.clock())
    return respond(found_products(found, json_data.page, json_data.per_page))


@search_settings.put("/<uuid:setting_id>")
@requires("search_settings:update")
@search_settings.input(SearchSettingSaid)
@search_settings.output(SearchSettingDone)
def replace_search_setting(setting_id: UUID, json_data: SearchSettingSaid) -> Response:
    """Say it anew, all of it; its kind stays"""
    return carry_out(
        lambda work: _done(work, managing.replace_search_setting(work, setting_id, json_data, expected()), made=False)
    )


@search_settings.delete("/<uuid:setting_id>")
@requires("search_settings:delete")
@search_settings.output(SearchSettingDone)
def delete_search_setting(setting_id: UUID) -> Response:
    """Delete it; the answer is what it was"""
    return carry_out(lambda work: _done(work, managing.delete_search_setting(work, setting_id, expected()), made=False))


@search_settings.get("")
@requires("search_settings:list")
@search_settings.input(SearchSettingsAsked, location="query")
@search_settings.output(SearchSettingPage)
def list_search_settings(query_data: SearchSettingsAsked) -> SearchSettingPage:
    """What is said of the search, oldest first"""
    page = look_up(lambda view: managing.list_search_settings(view, query_data))
    return SearchSettingPage(items=[SearchSettingAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@search_settings.get("/<uuid:setting_id>")
@requires("search_settings:read")
@search_settings.output(SearchSettingAnswer)
def get_search_setting(setting_id: UUID) -> Response:
    """One search setting"""
    held = look_up(lambda view: managing.get_search_setting(view, setting_id))
    return entity(SearchSettingAnswer.of(held), held.version)


def _done(work: UnitOfWork, held: Versioned[SearchSetting], *, made: bool) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    location = url_for("search_settings.get_search_setting", setting_id=held.value.id) if made else None
    status = HTTPStatus.CREATED if made else HTTPStatus.OK
    return CommandAnswer(SearchSettingDone.of(held, receipt=receipt.text), receipt, status, location)
