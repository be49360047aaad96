"""The audit trail: a shop's people read their own, the platform's own people all."""

from collections.abc import Iterator

from apiflask import APIBlueprint
from flask import Response, stream_with_context

from api.http.answer_words import in_words
from api.http.audited_calls import concerns
from api.http.bodies.audit import AuditAnswer, AuditPage
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import access, requires
from api.use_cases.audit import read_audit
from api.use_cases.audit.commands import AuditAsked, AuditPageAsked

audit = APIBlueprint("audit", __name__, url_prefix="/v1/audit", tag="Audit")


@audit.get("")
@requires("audit:read")
@audit.input(AuditPageAsked, location="query")
@audit.output(AuditPage)
def list_audit(query_data: AuditPageAsked) -> AuditPage:
    """Who did what, the newest first"""
    concerns(query_data.tenant)
    page = look_up(lambda view: read_audit.list_audit(view, query_data))
    return AuditPage(items=[AuditAnswer.of(shown) for shown in page.items], next_cursor=page.next_cursor)


@audit.get("/export")
@requires("audit:export")
@audit.input(AuditAsked, location="query")
@audit.doc(responses=in_words("A row a line", "application/x-ndjson"))
def export_audit(query_data: AuditAsked) -> Response:
    """All rows that match, the newest first, a JSON document a line"""
    concerns(query_data.tenant)
    exported = read_audit.export_audit(dependencies().store, access(), query_data)

    def lines() -> Iterator[str]:
        for shown in exported:
            yield f"{AuditAnswer.of(shown).model_dump_json()}\n"

    return Response(stream_with_context(lines()), content_type="application/x-ndjson")
