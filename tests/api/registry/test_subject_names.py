import pytest

from api.registry.subject_names import Subject, subject


@pytest.mark.parametrize(
    ("text", "within", "meant"),
    [
        ("stock", ".", Subject(".", "stock")),
        ("stock", ".shop", Subject(".shop", "stock")),
        (":.shop:stock", ".", Subject(".shop", "stock")),
        (":.shop:stock", ".other", Subject(".shop", "stock")),
        (":.:stock", ".shop", Subject(".", "stock")),
        (":.shop:", ".", Subject(".shop", "")),
        (":.shop:a:b", ".", Subject(".shop", "a:b")),
        ("a:b", ".", Subject(".", "a:b")),
        (":*:a", ".", Subject("*", "a")),
    ],
)
def test_a_name_means_a_subject_in_a_context(text: str, within: str, meant: Subject) -> None:
    assert subject(text, within) == meant


@pytest.mark.parametrize("text", ["stock", ":.shop:stock", ":.shop:"])
def test_a_subject_is_written_as_it_is_read(text: str) -> None:
    assert str(subject(text)) == text


@pytest.mark.parametrize("text", ["", "__GLOBAL", "__EMPTY", "a\tb", ":*:a", ":.a b:c", ":.shop:", "x" * 256])
def test_not_every_name_can_be_registered_under(text: str) -> None:
    assert not subject(text).usable
