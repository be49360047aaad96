"""Quality: what checks of the read models found. All shops are in them, so it is for the platform's own people."""

import re
from typing import Final

from apiflask import APIBlueprint
from flask import Response

from api.http.answer_words import in_words
from api.http.bodies.quality import CertifiedAnswer, CheckAnswer, ModelQualityAnswer, QualityAnswer
from api.http.dependencies import dependencies
from api.http.security import requires
from api.use_cases.read_models.report_quality import QualityPageAsked, report_quality, show_quality_page
from sinks.duckdb.certified_snapshots import Certified

quality = APIBlueprint("quality", __name__, url_prefix="/v1/analytics/quality", tag="Analytics")

_NOT_YET: Final = '<!doctype html><html lang="en"><title>Not yet</title><p>Nothing was checked yet.</p></html>'
#: Pages have no scripts, and nothing from elsewhere.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LINK: Final = re.compile(r'href="([a-z_]+)\.html"')


@quality.get("")
@requires("quality:read")
@quality.output(QualityAnswer)
def get_quality() -> QualityAnswer:
    """Whether what analysts read was found sound: of each model the newest check, and what is certified"""
    return QualityAnswer(
        items=[
            ModelQualityAnswer(
                model=one.model,
                certified=None if one.certified is None else _certified(one.certified),
                newest=None if one.newest is None else CheckAnswer.model_validate(one.newest),
            )
            for one in report_quality(dependencies().analytics)
        ]
    )


@quality.get("/docs")
@requires("quality:read")
@quality.input(QualityPageAsked, location="query")
@quality.doc(responses=in_words("A page", "text/html"))
def get_quality_page(query_data: QualityPageAsked) -> Response:
    """What the newest check found, as a page to read"""
    found = show_quality_page(dependencies().analytics, query_data) or _NOT_YET
    linked = _LINK.sub(lambda one: f'href="?model={query_data.model}&amp;page={one[1]}"', found)
    return Response(linked, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})


def _certified(one: Certified) -> CertifiedAnswer:
    return CertifiedAnswer(
        snapshot=one.path.name,
        as_of=one.as_of,
        certified_at=one.certified_at,
        age_s=max(0, round((dependencies().clock() - one.as_of).total_seconds())),
    )
