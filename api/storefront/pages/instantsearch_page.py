"""A page of stock InstantSearch over the same shop, where the packages that it loads were fetched."""

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import NotFound

from api.http.dependencies import dependencies
from api.http.security import public
from api.http.server.mounted_applications import INSTANTSEARCH_ROOT, STOREFRONT_ROOT
from api.storefront.pages.assets import FETCHED
from api.storefront.pages.search_pages import WHY
from api.storefront.visit import Visit, shop_of_host

instantsearch_page = APIBlueprint("instantsearch_page", __name__, url_prefix=STOREFRONT_ROOT)


@instantsearch_page.get("/instantsearch")
@public(WHY)
def show_instantsearch() -> Response:
    """Widgets as npm has them, which ask the shop's own host; in a language that the visitor has, or the shop's own."""
    packages = dependencies().page_packages
    if packages is None or not all((packages / file).is_file() for file in FETCHED.values()):
        raise NotFound
    shop = shop_of_host()
    best = request.accept_languages.best_match(shop.locales) or shop.default_locale
    visit = Visit(shop=shop, locale=best, request=request)
    answer = visit.page(
        "instantsearch.html", view=f"{best}/{visit.currency}", root=INSTANTSEARCH_ROOT.rstrip("/"), languages=[]
    )
    answer.headers["Vary"] = "Accept-Language"
    return answer
