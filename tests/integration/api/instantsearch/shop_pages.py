"""What a shop's own server would give a browser: pages with the widgets, and the packages as npm has them."""

import json
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

PAGES: Final = Path(__file__).parent / "pages"
_VENDOR: Final = re.compile(r"/vendor/(@?[^@]+)@([\d.]+)/(.+)")
_CLIENT: Final = "algoliasearch/dist/lite/builds/browser.umd.js"
_WIDGETS: Final = "instantsearch.js/dist/instantsearch.production.min.js"
#: Of each page: the packages' own files, then the scripts of the page.
SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    "widgets": (
        _CLIENT,
        _WIDGETS,
        "insights.js",
        "search-insights/dist/search-insights.iife.min.js",
        "shop.js",
        "widgets.js",
    ),
    "more_widgets": (_CLIENT, _WIDGETS, "shop.js", "more_widgets.js"),
    "related": (_CLIENT, _WIDGETS, "shop.js", "related.js"),
    "autocomplete": (_CLIENT, "@algolia/autocomplete-js/dist/umd/index.production.js", "shop.js", "autocomplete.js"),
    "autocomplete_sources": (
        _CLIENT,
        "@algolia/autocomplete-js/dist/umd/index.production.js",
        "@algolia/autocomplete-plugin-query-suggestions/dist/umd/index.production.js",
        "shop.js",
        "autocomplete_sources.js",
    ),
    "react": ("react_page.js",),
}
_HTML: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,"><style>svg {{ max-width: 20px; max-height: 20px }}</style>
<body>{scripts}</body></html>"""


@dataclass(frozen=True, slots=True)
class ShopPages:
    """`packages`: the folder with `node_modules`. `written`: whole pages by name. `made`: scripts by name."""

    origin: str
    packages: Path
    written: dict[str, str]
    made: dict[str, Path]

    def address(self, page: str, **parameters: Any) -> str:
        return f"{self.origin}/{page}?{urlencode(parameters)}"

    def __call__(self, address: str) -> tuple[str, bytes] | None:
        path = urlsplit(address).path
        name = path.strip("/")
        if name in self.written:
            return "text/html; charset=utf-8", self.written[name].encode()
        if name in SCRIPTS:
            scripts = "".join(f'<script src="/script/{one}"></script>' for one in SCRIPTS[name])
            return "text/html; charset=utf-8", _HTML.format(scripts=scripts).encode()
        file = self._file(path)
        if file is None:
            return None
        return f"{mimetypes.guess_type(file.name)[0]}; charset=utf-8", file.read_bytes()

    def _file(self, path: str) -> Path | None:
        if vendor := _VENDOR.fullmatch(path):
            name, version, inside = vendor.groups()
            folder = self.packages / "node_modules" / name
            held = json.loads((folder / "package.json").read_text())["version"]
            assert held == version, f"the page asks for {name} {version}, and here is {held}"
            return folder / inside
        if not path.startswith("/script/"):
            return None
        script = path.removeprefix("/script/")
        own = self.made.get(script, PAGES / script)
        return own if own.is_file() else self.packages / "node_modules" / script
