"""The style and the scripts of the pages, the same for every shop; those of npm packages, where they were fetched."""

from pathlib import Path
from typing import Final

from apiflask import APIBlueprint
from flask import Response, send_from_directory

from api.http.dependencies import dependencies
from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ASSETS

_FOLDER: Final = Path(__file__).parents[1] / "assets"

#: What the page of InstantSearch loads, by the name it has there.
FETCHED: Final = {
    "algoliasearch.js": "algoliasearch/dist/lite/builds/browser.umd.js",
    "instantsearch.js": "instantsearch.js/dist/instantsearch.production.min.js",
}

assets = APIBlueprint("assets", __name__, url_prefix=STOREFRONT_ASSETS)


@assets.get("/<name>")
@public("it is the same for everybody")
def send_asset(name: str) -> Response:
    """Asked for again each time, and sent only when it is another one."""
    packages = dependencies().page_packages
    if name in FETCHED and packages is not None:
        answer = send_from_directory(packages, FETCHED[name])
    else:
        answer = send_from_directory(_FOLDER, name)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
