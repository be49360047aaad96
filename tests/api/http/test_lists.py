"""What a list can be asked for is the same in its table and in the model of its question."""

from apiflask import APIFlask

from api.use_cases.pages import PageAsked
from tests.support.asked_lists import lists, sorts


def test_every_list_is_read_by_the_one_mechanism(app: APIFlask) -> None:
    paged = {
        path
        for path, calls in app.spec["paths"].items()  # type: ignore[index,attr-defined]
        for one in calls.get("get", {}).get("parameters", ())
        if one["name"] == "cursor"
    }

    found = {route.path for route, _ in lists(app)}

    own_order = {"/v1/collections/{collection_id}/products", "/v1/collections/by-handle/{handle}/products"}
    in_search = {"/v1/search/products"}
    assert paged - found == own_order | in_search
    assert len(found) >= 20


def test_each_filter_and_order_is_in_the_table_and_in_the_model(app: APIFlask) -> None:
    by_table: dict[str, set[str]] = {}
    for route, model in lists(app):
        table = model.TABLE
        assert set(model.filter_names()) <= table.filters.keys(), route.name
        assert sorts(model) == tuple(table.sorts), route.name
        assert model.model_fields["sort"].default == next(iter(table.sorts)), route.name
        by_table.setdefault(table.name, set()).update(model.filter_names())

    tables = {model.TABLE.name: model.TABLE for _, model in lists(app)}
    assert {name: set(table.filters) for name, table in tables.items()} == by_table


def test_no_two_tables_have_one_name(app: APIFlask) -> None:
    models: list[type[PageAsked]] = [model for _, model in lists(app)]

    names = {id(model.TABLE): model.TABLE.name for model in models}

    assert len(set(names.values())) == len(names)


def test_the_document_says_what_may_be_asked(app: APIFlask) -> None:
    asked = {
        one["name"]: one["schema"]
        for one in app.spec["paths"]["/v1/orders"]["get"]["parameters"]  # type: ignore[index]
    }

    assert asked["sort"]["enum"] == ["newest", "oldest", "placed_desc", "placed_asc", "total_desc", "total_asc"]
    assert {"status", "placed_since", "total_max", "payment", "limit", "cursor"} <= asked.keys()
