from api.use_cases.product_files.csv_rows import read_csv
from api.use_cases.product_files.foreign_products import ForeignProduct
from api.use_cases.product_files.systems import system_of

HEAD = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,"
    "Image Position,Image Alt Text,Status"
)


def read(*rows: str, head: str = HEAD) -> list[ForeignProduct]:
    file = read_csv("\n".join([head, *rows]).encode())
    system = system_of(file)
    assert system.name == "shopify"
    return system.read(file, "EUR", "en")


def test_rows_of_a_handle_are_one_product_with_its_variants_and_images() -> None:
    [bread] = read(
        'rye,Rye bread,<p>Dark</p>,Mill,Food > Bread,Loaf,"dark, rye",true,Size,Small,Cut,,R-S,5,2.50,3.00,'
        "'4006381333931,https://cdn.example/2.jpg,2,,active",
        "rye,,,,,,,,,Large,,Sliced,R-L,1,4,4.00,,https://cdn.example/1.jpg,1,Whole,",
        "rye,,,,,,,,,,,,,,,,,https://cdn.example/3.jpg,3,,",
    )

    assert (bread.external_id, bread.lines, bread.paths) == ("shopify:rye", [2, 3, 4], [("Food", "Bread")])
    assert bread.body == {
        "external_id": "shopify:rye",
        "status": "active",
        "brand": "Mill",
        "translations": [{"locale": "en", "title": "Rye bread", "handle": "rye", "description": "Dark"}],
        "options": ["Size", "Cut"],
        "variants": [
            {
                "sku": "R-S",
                "barcode": "4006381333931",
                "option_values": {"Size": "Small"},
                "prices": [{"currency": "EUR", "amount_minor": 250, "compare_at_minor": 300}],
            },
            {
                "sku": "R-L",
                "barcode": None,
                "option_values": {"Size": "Large", "Cut": "Sliced"},
                "prices": [{"currency": "EUR", "amount_minor": 400, "compare_at_minor": None}],
            },
        ],
        "images": [
            {"url": "https://cdn.example/1.jpg", "alt": "Whole"},
            {"url": "https://cdn.example/2.jpg", "alt": None},
            {"url": "https://cdn.example/3.jpg", "alt": None},
        ],
        "tags": ["dark", "rye"],
        "attributes": {"type": "Loaf"},
    }
    assert [(note.line, "4.00" in note.text) for note in bread.notes] == [(3, True)]


def test_a_variant_without_a_sku_gets_one_that_is_said_and_stays() -> None:
    rows = [
        "bun,Bun,,,,,,true,Title,Default Title,,,,,1,,,,,,",
        "cup,Cup,,,,,,true,Color,Sky blue,,,,,1,,,,,,",
        "cup,,,,,,,,,Red,,,,,1,,,,,,",
    ]

    products, again = read(*rows), read(*rows)

    skus = [variant["sku"] for product in products for variant in product.body["variants"]]
    assert skus == ["bun", "cup-Sky-blue", "cup-Red"]
    assert [product.body for product in again] == [product.body for product in products]
    assert products[0].body["options"] == []
    assert [note.line for product in products for note in product.notes] == [2, 3, 4]


def test_a_made_sku_is_no_others_in_another_case() -> None:
    rows = ["cup,Cup,,,,,,true,Size,s,,,CUP-S,,1,,,,,,", "cup,,,,,,,,,S,,,,,1,,,,,,", "cup,,,,,,,,,s,,,,,1,,,,,,"]

    [cup] = read(*rows)

    assert [variant["sku"] for variant in cup.body["variants"]] == ["CUP-S", "cup-S-2", "cup-s-3"]


def test_what_is_not_published_is_a_draft() -> None:
    statuses = [("true", "active"), ("false", "active"), ("true", "draft"), ("false", "archived"), ("", "")]

    read_ones = read(
        *(f"h{at},T,,,,,,{shown},,,,,S{at},,1,,,,,,{status}" for at, (shown, status) in enumerate(statuses))
    )

    assert [one.body["status"] for one in read_ones] == ["active", "draft", "draft", "archived", "active"]


def test_a_row_that_cannot_be_taken_says_why_by_its_line() -> None:
    products = read(
        ",Nameless,,,,,,true,,,,,N,,1,,,,,,",
        'dear,Dear,,,,,,true,,,,,D,,"1,234",,,,,,',
        "still,,,,,,,true,,,,,S,,1,,,,,,",
        "none,None,,,,,,true,,,,,,,,,,,,,",
    )

    assert {one.refused.line: one.refused.text.split()[0] for one in products if one.refused} == {
        2: "The",
        3: "'1,234'",
        4: "No",
        5: "No",
    }


def test_the_columns_of_its_newer_export_are_read_alike() -> None:
    [bread] = read(
        "Rye bread,rye,Dark,2.50,3,R-S,4006381333931,active,TRUE,https://cdn.example/1.jpg",
        head="Title,URL handle,Description,Price,Compare-at price,SKU,Barcode,Status,Published on online store,"
        "Product image URL",
    )

    assert bread.body["variants"][0]["prices"] == [{"currency": "EUR", "amount_minor": 250, "compare_at_minor": 300}]
    assert (bread.body["status"], bread.body["images"][0]["url"]) == ("active", "https://cdn.example/1.jpg")


def test_weights_images_of_variants_and_texts_for_search_engines_are_read_under_both_names() -> None:
    old = (
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Grams,Variant Image,SEO Title,"
        "SEO Description"
    )
    new = (
        "URL handle,Title,Option1 name,Option1 value,SKU,Price,Weight value (grams),Variant image URL,SEO title,"
        "SEO description"
    )
    rows = [
        "rye,Rye,Size,S,R-S,2,500.0,https://cdn.example/s.jpg,Rye bread,Dark and good",
        "rye,,,L,R-L,4,0,,,",
        "rye,,,XL,R-XL,5,a lot,,,",
    ]

    ([first], [second]) = read(*rows, head=old), read(*rows, head=new)

    assert first.body == second.body
    small, large, _ = first.body["variants"]
    assert (small["weight_g"], small["image_url"]) == (500, "https://cdn.example/s.jpg")
    assert "weight_g" not in large
    assert "image_url" not in large
    text = first.body["translations"][0]
    assert (text["seo_title"], text["seo_description"]) == ("Rye bread", "Dark and good")
    assert [note.line for note in first.notes] == [4]
