from api.http.bodies.imports import ProductImport


def test_one_bad_item_does_not_spoil_the_others() -> None:
    good = {"external_id": "a", "translations": [{"locale": "en", "title": "Brie"}], "variants": [{"sku": "s"}]}

    read = ProductImport.model_validate({"items": [good, {"external_id": "b", "surprise": 1}, "nonsense"]})

    assert [(item.external_id, item.value is not None) for item in read.items] == [
        ("a", True),
        ("b", False),
        (None, False),
    ]


def test_the_document_shows_what_an_item_is() -> None:
    schema = ProductImport.model_json_schema()

    assert schema["properties"]["items"]["items"] == {"$ref": "#/$defs/ImportedProduct"}
