from flask.testing import FlaskClient


def test_requests_are_counted_by_pattern_not_by_path(client: FlaskClient) -> None:
    client.get("/v1/products/0197a000-0000-7000-8000-000000000000")
    client.get("/no/such/path")

    text = client.get("/metrics").text

    assert 'route="/v1/products/{product_id}"' in text
    assert 'route="unmatched"' in text
    assert "0197a000" not in text
    assert "no/such" not in text


def test_health_names_each_check(client: FlaskClient) -> None:
    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert {name: check["ok"] for name, check in answer.json["checks"].items()} == {
        "postgres": False,
        "schemas": False,
        "keys": True,
        "log": False,
        "search": True,
        "sales": True,
        "searches": True,
        "pages": True,
    }


def test_a_method_that_somebody_made_up_makes_no_series_of_its_own(client: FlaskClient) -> None:
    for number in range(300):
        client.open("/v1/products", method=f"BREW{number}")
        client.open("/no/such/path", method=f"BREW{number}")

    text = client.get("/metrics").text

    assert "BREW" not in text
    assert 'method="other",route="unmatched",status="404"' in text
