from dataclasses import replace

import pytest

from api.domain import tenants
from api.domain.errors import Invalid
from tests.api.conftest import NOW, SHOP


def test_a_shop_opens_at_version_one() -> None:
    assert tenants.create(SHOP, NOW).version == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "Cheese"}, "slug"),
        ({"slug": "-cheese"}, "slug"),
        ({"slug": "c" * 64}, "slug"),
        ({"slug": "admin"}, "slug"),
        ({"default_locale": "de"}, "default_locale"),
        ({"locales": ("en", "en")}, "locales"),
        ({"domains": ("a.example", "a.example")}, "domains"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_a_shop_that_breaks_a_rule_is_refused_by_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        tenants.create(replace(SHOP, **wrong), NOW)  # type: ignore[arg-type]  # one field of its own type

    assert [one.field for one in refused.value.errors] == [field]
