"""The storefront as an application of its own: pages for people, which ask the API in their name."""

from apiflask import APIFlask

from api.http import security
from api.http.application import bare_app
from api.http.dependencies import Dependencies
from api.http.server.wsgi_call import Wsgi
from api.storefront.pages import error_pages
from api.storefront.pages.assets import assets
from api.storefront.pages.cart_pages import cart_pages
from api.storefront.pages.checkout_pages import checkout_pages
from api.storefront.pages.content_pages import content_pages
from api.storefront.pages.instantsearch_page import instantsearch_page
from api.storefront.pages.product_pages import product_pages
from api.storefront.pages.search_pages import search_pages
from api.storefront.visit import API
from api.storefront.words import own_name


def create_storefront(dependencies: Dependencies, api: Wsgi) -> APIFlask:
    """`api` is what its pages ask."""
    app = bare_app(__name__, dependencies)
    app.extensions[API] = api
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["own_name"] = own_name
    error_pages.register(app)
    for blueprint in (
        search_pages,
        instantsearch_page,
        product_pages,
        content_pages,
        cart_pages,
        checkout_pages,
        assets,
    ):
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    return app
