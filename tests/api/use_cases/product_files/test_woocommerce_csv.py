from api.use_cases.product_files.csv_rows import read_csv
from api.use_cases.product_files.foreign_products import ForeignProduct
from api.use_cases.product_files.systems import system_of

HEAD = (
    'ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,"Short description",Description,"Date sale price starts",'
    'Stock,"Sale price","Regular price",Categories,Tags,Images,Parent,Position,"Attribute 1 name",'
    '"Attribute 1 value(s)","Attribute 2 name","Attribute 2 value(s)",Brands'
)


def read(*rows: str, more: str = "") -> list[ForeignProduct]:
    file = read_csv("\n".join([HEAD + more, *rows]).encode())
    system = system_of(file)
    assert system.name == "woocommerce"
    return system.read(file, "EUR", "de")


def test_a_simple_product_is_a_row() -> None:
    [album] = read(
        '7,"simple, virtual",alb,4006381333931,Album,1,<b>Live</b>,<p>Loud</p>,,3,"12,50","15,00",'
        '"Music > Live, Gifts",loud,"https://cdn.example/1.jpg, https://cdn.example/2.jpg",,0,Colour,"Red, Blue",,,Band'
    )

    assert (album.external_id, album.lines) == ("woocommerce:7", [2])
    assert album.paths == [("Music", "Live"), ("Gifts",)]
    assert album.body == {
        "external_id": "woocommerce:7",
        "status": "active",
        "brand": "Band",
        "translations": [{"locale": "de", "title": "Album", "subtitle": "Live", "description": "Loud"}],
        "options": [],
        "variants": [
            {
                "sku": "alb",
                "barcode": "4006381333931",
                "option_values": {},
                "prices": [{"currency": "EUR", "amount_minor": 1250, "compare_at_minor": 1500}],
            }
        ],
        "images": [{"url": "https://cdn.example/1.jpg"}, {"url": "https://cdn.example/2.jpg"}],
        "tags": ["loud"],
        "attributes": {"Colour": ["Red", "Blue"]},
    }


def test_variations_are_variants_of_their_parent_wherever_they_stand() -> None:
    [shirt] = read(
        "9,variation,s-r,,Shirt - Red,1,,,,,,20,,,https://cdn.example/r.jpg,shirt,2,colour,Red,,,",
        '8,variable,SHIRT,,Shirt,1,,,,,,,Clothing,,https://cdn.example/s.jpg,,0,Colour,"Red, Blue",Fabric,Cotton,',
        "10,variation,,,Shirt - Blue,1,,,,,,21.50,,,,id:8,1,Colour,Blue,,,",
    )

    assert (shirt.lines, shirt.body["options"]) == ([3, 2, 4], ["Colour"])
    assert shirt.body["attributes"] == {"Fabric": "Cotton"}
    assert [(one["sku"], one["option_values"], one["prices"][0]["amount_minor"]) for one in shirt.body["variants"]] == [
        ("woocommerce-8-Blue", {"Colour": "Blue"}, 2150),
        ("s-r", {"Colour": "Red"}, 2000),
    ]
    assert [image["url"] for image in shirt.body["images"]] == [
        "https://cdn.example/s.jpg",
        "https://cdn.example/r.jpg",
    ]


def test_what_cannot_be_sold_here_is_refused_by_its_line() -> None:
    products = read(
        "1,grouped,g,,Set,1,,,,,,,,,,,0,,,,,",
        "2,external,e,,Pennant,1,,,,,,11,,,,,0,,,,,",
        "3,variable,v,,Lonely,1,,,,,,,,,,,0,,,,,",
        "4,variation,o,,Orphan,1,,,,,,5,,,,nobody,0,,,,,",
        "5,simple,n,,,1,,,,,,5,,,,,0,,,,,",
        "6,simple,d,,Dated,-1,,,2026-01-01,,3,5,,,,,0,,,,,",
    )

    assert {one.refused.line for one in products if one.refused} == {2, 3, 4, 5, 6}
    dated = next(one for one in products if not one.refused)
    assert (dated.body["status"], dated.body["variants"][0]["prices"][0]["amount_minor"]) == ("draft", 500)
    assert [(note.line, "dates" in note.text) for note in dated.notes] == [(7, True)]


def test_a_comma_in_a_name_of_a_category_is_no_end_of_it() -> None:
    [one] = read(r'1,simple,s,,S,1,,,,,,5,"Fruit\, fresh > Apples, Food",,,,0,,,,,')

    assert one.paths == [("Fruit, fresh", "Apples"), ("Food",)]


def test_measures_are_in_the_units_of_the_columns_and_of_the_parent_where_a_variation_has_none() -> None:
    more = ",Weight (lbs),Length (cm),Width (in),Height (m),Meta: _yoast_wpseo_title,Meta: _yoast_wpseo_metadesc"

    [shirt] = read(
        "8,variable,SHIRT,,Shirt,1,,,,,,,,,,,0,Colour,,,,,2,30.5,10,,Best shirt | %%sitename%%,A  good shirt",
        '9,variation,s-r,,Shirt - Red,1,,,,,,20,,,"https://c.example/r.jpg, https://c.example/2.jpg",shirt,1,Colour,Red'
        ',,,,"0,5",,,tall,,',
        "10,variation,s-b,,Shirt - Blue,1,,,,,,20,,,,shirt,2,Colour,Blue,,,,0,,,0.1,,",
        more=more,
    )

    red, blue = shirt.body["variants"]
    assert {name: red[name] for name in ("weight_g", "length_mm", "width_mm", "image_url")} == {
        "weight_g": 227,
        "length_mm": 305,
        "width_mm": 254,
        "image_url": "https://c.example/r.jpg",
    }
    assert "height_mm" not in red
    assert "weight_g" not in blue
    assert (blue["height_mm"], "image_url" in blue) == (100, False)
    assert shirt.body["translations"][0] == {"locale": "de", "title": "Shirt", "seo_description": "A good shirt"}
    assert [(note.line, "left out" in note.text) for note in shirt.notes] == [(2, True), (3, True)]
