"""A body for every call that takes one, and a value for every parameter of an address, all of one small bakery.

The document shows them. Each is sent to the API by a test, with ids of things that are there.
"""

from collections.abc import Mapping
from typing import Any, Final

_TEXT: Final = [{"locale": "en", "title": "Rye bread"}, {"locale": "de", "title": "Roggenbrot"}]
_BREADS: Final = [{"locale": "en", "name": "Bread"}, {"locale": "de", "name": "Brot"}]
_PRICED: Final = [{"currency": "EUR", "amount_minor": 420}]
_RYE: Final = {"sku": "RYE-500", "barcode": "4006381333931", "prices": _PRICED, "weight_g": 500}
_FACTS: Final = {"organic": True, "flours": ["rye", "wheat"], "fat_percent": {"number": "1.2"}}
_PERSON: Final = {"name": "Anna Köhler", "email": "anna@example.org"}
_CLERK: Final = {"name": "Returns clerk", "grants": [{"resource": "orders", "actions": ["read", "list", "cancel"]}]}
_SCHEMA: Final = {"schema": '{"type": "record", "name": "Loaf", "fields": [{"name": "grams", "type": "int"}]}'}
_PAST_ORDER: Final = {
    "external_id": "till-4711",
    "lines": [
        {
            "sku": "RYE-500",
            "quantity": 2,
            "unit": "piece",
            "unit_price_minor": 420,
            "list_price_minor": 450,
            "adjustment_minor": -15,
            "discount_minor": 40,
        }
    ],
    "placed_at": "2026-03-01T10:00:00Z",
}
_ARTICLE: Final = {"external_id": "article-1", "translations": _TEXT, "variants": [{"sku": "RYE-750"}]}
_DEPARTMENT: Final = {"external_id": "department-1", "translations": _BREADS}
_SEASON: Final = [{"locale": "en", "title": "Season", "handle": "season"}]
_TAGGED: Final = {"match": "all", "conditions": [{"field": "tag", "values": ["rye"]}, {"field": "in_stock"}]}
_SHOWN: Final = {"external_id": "collection-1", "translations": _SEASON, "rule": _TAGGED}
_LOAF: Final = "01970000-0000-7000-8000-000000000003"
_SHELF: Final = "01970000-0000-7000-8000-000000000005"
_OF_ONE: Final = {"product_ids": [_LOAF]}
_COUNTED: Final = {"sku": "RYE-500", "on_hand": 40}
_REDUCED: Final = {"sku": "RYE-500", "amount_minor": 380, "compare_at_minor": 420}
_LISTED: Final = {"price_list": "Friday bread", **_REDUCED}
_PAID: Final = {
    "id": "01970000-0000-7000-8000-000000000002",
    "external_id": None,
    "customer_ref": "anna",
    "status": "paid",
    "currency": "EUR",
    "lines": [
        {
            "product_id": "01970000-0000-7000-8000-000000000003",
            "variant_id": "01970000-0000-7000-8000-000000000004",
            "sku": "RYE-500",
            "title": "Rye bread",
            "category": "Bread",
            "category_path": ["Bread", "Rye"],
            "brand": None,
            "quantity": 3,
            "unit": "piece",
            "unit_price_minor": 420,
            "list_price_minor": 420,
            "adjustment_minor": 0,
            "discount_minor": 0,
            "total_minor": 1260,
        }
    ],
    "tax_minor": 0,
    "shipping_minor": 0,
    "discount_minor": 0,
    "total_minor": 1260,
    "placed_at": "2026-03-01T10:00:00Z",
    "confirmed_at": "2026-03-01T10:01:00Z",
    "paid_at": "2026-03-01T10:02:00Z",
    "payment_id": "till-4711",
    "cancelled_at": None,
    "cancel_reason": None,
    "refund_minor": None,
    "parcels": [],
    "shipped_at": None,
    "delivered_at": None,
    "refunds": [],
    "refunded_minor": 0,
}
PASSWORD: Final = "rye bread, with butter"  # noqa: S105  # of nobody

#: Of a call by its operation id, where the model of the body has no example of its own.
BODIES: Final[Mapping[str, Any]] = {
    "addShopDomain": {"domain": "bakery.example"},
    "addTenantDomain": {"domain": "bakery.example"},
    "adjustStock": {"delta": -2, "reason": "broken"},
    "askForPasswordReset": {"email": "anna@example.org", "shop": "bakery"},
    "beginStock": {"sku": "RYE-500", "on_hand": 40, "low_threshold": 5},
    "bulkAdjustStock": {
        "items": [
            {"action": "count", "id": _SHELF, "on_hand": 38, "reason": "counted on Monday"},
            {"action": "adjust", "id": _SHELF, "delta": -2, "reason": "broken"},
        ]
    },
    "bulkChangeProducts": {
        "items": [
            {"action": "add_tags", "id": _LOAF, "tags": ["vegan"]},
            {"action": "publish", "id": _LOAF},
        ]
    },
    "cancelOrder": {"reason": "the customer changed their mind"},
    "changeCategory": {"position": 2},
    "changeCollection": {"translations": _SEASON},
    "changeLocation": {"name": "Oven"},
    "changePassword": {"old": PASSWORD, "new": "rye bread, without butter"},
    "changePriceList": {"ends_at": "2026-04-01T00:00:00+02:00", "priority": 5},
    "changeProduct": {"brand": "Ringstraße Bakery", "tags": ["vegan"]},
    "changeRole": _CLERK,
    "changeShop": {"name": "Bakery", "time_zone": "Europe/Vienna"},
    "changeStock": {"low_threshold": 8, "backorder": True},
    "changeTenant": {"name": "Bakery", "time_zone": "Europe/Vienna"},
    "changeUser": {"name": "Anna Köhler"},
    "changeWebhook": {"event_types": ["order.*", "stock.low"], "active": False},
    "checkAll": _SCHEMA,
    "checkOne": _SCHEMA,
    "claimOrder": {"claim_token": "rto_claim"},
    "countStock": {"on_hand": 38, "reason": "counted on Monday"},
    "createCategory": {"translations": _BREADS},
    "createCollection": {"translations": _SEASON, "rule": _TAGGED},
    "createPriceList": {"name": "Friday bread", "starts_at": "2026-03-06T06:00:00+01:00", "priority": 10},
    "createProduct": {
        "brand": "Ringstraße Bakery",
        "translations": _TEXT,
        "variants": [_RYE],
        "tags": ["vegan"],
        "attributes": _FACTS,
    },
    "createTenant": {"slug": "bakery", "name": "Bakery", "default_locale": "de", "locales": ["de", "en"]},
    "discardDeadLetter": {"reason": "a test that nobody needs"},
    "discardDeadLetters": {"feed": "sales", "reason": "tests that nobody needs"},
    "editDeadLetter": {"event": {"order": _PAID}},
    "editOrderLines": {"lines": [{"sku": "RYE-500", "quantity": 2}]},
    "eraseTenant": {"slug": "bakery"},
    "erasePerson": {"person": "anna@example.org"},
    "exportPerson": {"person": "anna@example.org"},
    "importCategories": {"items": [_DEPARTMENT]},
    "importCategoryLines": _DEPARTMENT,
    "importCollectionLines": _SHOWN,
    "importCollections": {"items": [_SHOWN]},
    "importOrderLines": _PAST_ORDER,
    "importOrders": {"items": [_PAST_ORDER]},
    "importPriceLines": _LISTED,
    "importPrices": {"items": [_LISTED]},
    "importProductFile": "Handle,Title,Variant SKU,Variant Price\nrye-bread,Rye bread,RYE-750,4.20\n",
    "importProductLines": _ARTICLE,
    "importProducts": {"items": [_ARTICLE]},
    "importStock": {"items": [_COUNTED]},
    "importStockLines": _COUNTED,
    "inviteUser": {"email": "ben@example.org", "name": "Ben", "role": "manager"},
    "logIn": {"email": "anna@example.org", "password": PASSWORD, "shop": "bakery"},
    "logOut": {"refresh_token": "rtr_refresh"},
    "lookUpSchema": _SCHEMA,
    "makeLocation": {"name": "Oven"},
    "makeRole": _CLERK,
    "makeServiceToken": {"name": "Till", "permissions": ["orders:import"], "expires_at": "2027-06-01T00:00:00Z"},
    "makeWebhook": {"url": "https://bakery.example/hook", "event_types": ["order.*"], "active": False},
    "moveCategory": {"parent_id": None, "position": 1},
    "moveProductsInCollection": {**_OF_ONE, "position": 0},
    "payOrder": {"payment_id": "till-4711"},
    "placeGuestOrder": {"lines": [{"sku": "RYE-500", "quantity": 3}], "contact": _PERSON},
    "placeOrder": {"lines": [{"sku": "RYE-500", "quantity": 3}], "contact": _PERSON},
    "putConfig": {"compatibility": "BACKWARD"},
    "putMode": {"mode": "READWRITE"},
    "putProductsIntoCollection": {**_OF_ONE, "position": 0},
    "putSubjectConfig": {"compatibility": "FULL"},
    "putSubjectMode": {"mode": "READWRITE"},
    "refreshTokens": {"refresh_token": "rtr_refresh"},
    "refundOrder": {"reason": "one was burnt", "lines": [{"line_no": 1, "amount_minor": 100}]},
    "registerSchema": _SCHEMA,
    "replayDeadLetters": {"feed": "sales"},
    "setPassword": {"token": "rtl_invitation", "password": PASSWORD},
    "setPrices": {"items": [_REDUCED]},
    "shipOrder": {"lines": [{"line_no": 1, "quantity": 1}], "carrier": "Parcel Post", "tracking_number": "PP-4711"},
    "signUp": {"email": "cleo@example.org", "password": PASSWORD, "name": "Cleo", "shop": "bakery"},
    "startPayment": {"token": "test_success"},
    "startGuestPayment": {"token": "test_success"},
    "sendRefundByHand": {"reason": "Sent by bank transfer"},
    "takeProductsOutOfCollection": _OF_ONE,
    "transferStock": {"to_location_id": "01970000-0000-7000-8000-000000000009", "quantity": 5},
    "verifyEmail": {"token": "rtl_address"},
}
_ID: Final = "01970000-0000-7000-8000-000000000001"
#: What stands in addresses; ids are those of nobody.
PARAMETERS: Final[Mapping[str, str]] = {
    "domain": "bakery.example",
    "facet": "brand",
    "guid": _ID,
    "handle": "rye-bread",
    "index": "products",
    "name": "swagger-ui.css",
    "namespace": "-",
    "path": "food/bread",
    "provider": "test",
    "resource": "rustok.order",
    "schema_id": "1",
    "sku": "RYE-500",
    "slug": "bread",
    "subject_name": "loaf.baked",
    "tenant_id": "bakery",
    "version": "latest",
}


def parameter(name: str) -> str:
    """Those that end in `_id` are ids."""
    return PARAMETERS.get(name, _ID)
