"""Shows what can be asked: the OpenAPI document, and a page to read and try it, which works without internet."""

from importlib.resources import files
from typing import Final, cast

import orjson
from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, send_from_directory

from api.http.answer_words import in_words
from api.http.security import public

documents = APIBlueprint("documents", __name__, tag="Documents")
_KEPT: Final = "rustok_document"
_WHY: Final = "the description of the API is no secret"
_SWAGGER_UI: Final = str(files("flask_swagger_ui") / "dist")
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>RusToK API</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
  <div id="api"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
"""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@documents.get("/openapi.json")
@public(_WHY)
@documents.doc(responses=in_words("OpenAPI 3.1", "application/json"))
def openapi() -> Response:
    """What can be asked, as an OpenAPI document"""
    app = cast(APIFlask, current_app)
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = orjson.dumps(app.spec)  # the same as long as the process lives, and dear to make
    return Response(app.extensions[_KEPT], content_type="application/json")


@documents.get("/docs")
@public(_WHY)
@documents.doc(responses=in_words("A page", "text/html"))
def docs() -> Response:
    """A page to read it on and try it, which works without internet"""
    return Response(_PAGE, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})


@documents.get("/docs/start.js")
@public(_WHY)
@documents.doc(responses=in_words("A script", "text/javascript"))
def start() -> Response:
    """What starts that page"""
    return Response(_START, content_type="text/javascript; charset=utf-8")


@documents.get("/docs/<name>")
@public(_WHY)
@documents.doc(responses=in_words("A file", "application/octet-stream"))
def swagger_ui(name: str) -> Response:
    """What that page is made of"""
    return send_from_directory(_SWAGGER_UI, name, max_age=3600)
