"""The API of the shops as an application: its routes, and around them problems, conditional reads and the document."""

from collections.abc import Sequence
from typing import Final

from apiflask import APIFlask

from api.http import audited_calls, openapi, problems, security
from api.http.application import bare_app
from api.http.dependencies import Dependencies
from api.http.middleware import chosen_fields, conditional_reads, includes, query_parameters
from api.http.routes.access import access
from api.http.routes.account import account
from api.http.routes.analytics import analytics
from api.http.routes.audit import audit
from api.http.routes.carts import carts
from api.http.routes.categories import categories
from api.http.routes.checkout_settings import checkout_settings
from api.http.routes.collections import collections, product_collections
from api.http.routes.dead_letters import dead_letters
from api.http.routes.discounts import discounts
from api.http.routes.documentation import documents
from api.http.routes.file_imports import file_imports
from api.http.routes.guest_orders import guest_orders
from api.http.routes.guest_payments import guest_payments
from api.http.routes.health import API_NEEDS, READ_MODELS, health
from api.http.routes.imports import imports
from api.http.routes.line_imports import line_imports
from api.http.routes.locations import locations
from api.http.routes.order_contacts import order_contacts
from api.http.routes.orders import orders
from api.http.routes.page_search import page_search
from api.http.routes.pages import pages
from api.http.routes.payments import payments
from api.http.routes.price_lists import price_lists
from api.http.routes.prices import prices
from api.http.routes.products import products
from api.http.routes.published_keys import published_keys
from api.http.routes.quality import quality
from api.http.routes.rebuilds import rebuilds
from api.http.routes.roles import roles
from api.http.routes.search import search
from api.http.routes.search_settings import search_settings
from api.http.routes.service_tokens import service_tokens
from api.http.routes.shop import shop
from api.http.routes.sign_in import sign_in
from api.http.routes.staff_search import staff_search
from api.http.routes.stock import stock
from api.http.routes.tenants import tenants
from api.http.routes.users import users
from api.http.routes.webhooks import webhooks

BLUEPRINTS: Final = (
    tenants,
    shop,
    categories,
    products,
    price_lists,
    prices,
    collections,
    product_collections,
    pages,
    orders,
    order_contacts,
    carts,
    checkout_settings,
    discounts,
    guest_orders,
    guest_payments,
    payments,
    stock,
    locations,
    imports,
    line_imports,
    file_imports,
    search,
    page_search,
    staff_search,
    search_settings,
    analytics,
    quality,
    dead_letters,
    rebuilds,
    audit,
    service_tokens,
    webhooks,
    sign_in,
    account,
    users,
    roles,
    access,
    health(API_NEEDS, READ_MODELS),
    published_keys,
    documents,
)


def create_commerce(dependencies: Dependencies, documented: Sequence[APIFlask] = ()) -> APIFlask:
    """`documented` are those that its document tells of, too. Raises `Undeclared` for a view nobody may call."""
    app = bare_app(__name__, dependencies)
    conditional_reads.register(app)
    chosen_fields.register(app)
    includes.register(app)
    query_parameters.register(app)
    problems.register(app)
    openapi.register(app, documented)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    audited_calls.register(app)
    return app
