"""Makes a product of what a client sent: names looked up, variants recognised, handles made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from api.domain.errors import FieldError, Invalid
from api.domain.handles import made_handle
from api.domain.products import DRAFT, with_ancestors
from api.http.bodies.products import NewProduct, ProductChange, ProductParts, ProductTextBody, VariantBody
from api.store.unit_of_work import UnitOfWork
from schemas.events.product import Image, Price, Product, ProductText, Variant

Path = tuple[UUID, ...]


def paths(work: UnitOfWork, category_ids: Sequence[UUID]) -> list[Path]:
    """The way to each category. Raises `Invalid` that names those which are not there."""
    found = work.categories.paths(category_ids)
    wrong = [
        FieldError(f"category_ids.{at}", "unknown_category", f"There is no category {category_id}.")
        for at, category_id in enumerate(category_ids)
        if category_id not in found
    ]
    if wrong:
        raise Invalid("Some categories are not there.", wrong)
    return [found[category_id] for category_id in dict.fromkeys(category_ids)]


def new_product(work: UnitOfWork, given: NewProduct, placed: Sequence[Path]) -> Product:
    return assemble(
        given,
        product_id=work.new_id(),
        external_id=given.external_id,
        status=DRAFT,
        translations=given.translations,
        given_variants=given.variants,
        placed=placed,
        work=work,
        old=None,
    )


def assemble(
    given: ProductParts,
    *,
    product_id: UUID,
    external_id: str | None,
    status: str,
    translations: Sequence[ProductTextBody],
    given_variants: Sequence[VariantBody],
    placed: Sequence[Path],
    work: UnitOfWork,
    old: Product | None,
) -> Product:
    """A whole product, as wanted. With `old`, its variants are recognised by SKU and its handles are kept."""
    made = variants(work, given_variants, () if old is None else old.variants)
    return Product(
        id=product_id,
        external_id=external_id,
        status=status,
        brand=given.brand,
        translations=texts(product_id, translations, made[0].sku, () if old is None else old.translations),
        category_ids=tuple(path[-1] for path in placed),
        category_path_ids=with_ancestors(placed),
        options=options(made) if given.options is None else tuple(given.options),
        variants=made,
        images=tuple(Image(url=image.url, alt=image.alt) for image in given.images),
        tags=tuple(given.tags),
        attributes=given.attributes,
        created_at=work.now if old is None else old.created_at,
        updated_at=work.now,
    )


def changed_product(work: UnitOfWork, old: Product, given: ProductChange, placed: Sequence[Path]) -> Product:
    """The old product with what the client named."""
    new = old
    named = given.model_fields_set
    if "brand" in named:
        new = replace(new, brand=given.brand)
    if "variants" in named:
        new = replace(new, variants=variants(work, given.variants, old.variants))
        new = replace(new, options=tuple(dict.fromkeys((*old.options, *options(new.variants)))))
    if "options" in named:
        new = replace(new, options=tuple(given.options))
    if "translations" in named:
        new = replace(new, translations=texts(old.id, given.translations, new.variants[0].sku, old.translations))
    if "category_ids" in named:
        new = replace(new, category_ids=tuple(path[-1] for path in placed), category_path_ids=with_ancestors(placed))
    if "images" in named:
        new = replace(new, images=tuple(Image(url=image.url, alt=image.alt) for image in given.images))
    if "tags" in named:
        new = replace(new, tags=tuple(given.tags))
    if "attributes" in named:
        new = replace(new, attributes=given.attributes)
    return new


def variants(work: UnitOfWork, given: Sequence[VariantBody], old: Sequence[Variant]) -> tuple[Variant, ...]:
    known = {variant.sku: variant.id for variant in old}
    return tuple(
        Variant(
            id=known.get(one.sku) or work.new_id(),
            sku=one.sku,
            barcode=one.barcode,
            option_values=one.option_values,
            prices=tuple(
                Price(currency=price.currency, amount_minor=price.amount_minor, compare_at_minor=price.compare_at_minor)
                for price in one.prices
            ),
        )
        for one in given
    )


def texts(
    product_id: UUID, given: Sequence[ProductTextBody], first_sku: str, old: Sequence[ProductText]
) -> tuple[ProductText, ...]:
    """A handle that nobody chose is made once: the address of a product does not change with its title."""
    known: Mapping[str, str] = {text.locale: text.handle for text in old}
    return tuple(
        ProductText(
            locale=text.locale,
            title=text.title,
            handle=text.handle or known.get(text.locale) or made_handle(product_id, text.title, first_sku),
            subtitle=text.subtitle,
            description=text.description,
        )
        for text in given
    )


def options(made: Sequence[Variant]) -> tuple[str, ...]:
    """Every option the variants name, in the order they come up."""
    return tuple(dict.fromkeys(name for variant in made for name in variant.option_values))
