import pytest

from api.use_cases.product_files.html_text import html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain & simple", "plain & simple"),
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("<ul><li>salt</li><li>flour</li></ul>", "- salt\n\n- flour"),
        ("fish &amp; chips&nbsp;&lt;fresh&gt;", "fish & chips <fresh>"),
        ('<a href="https://shop.example">here</a>', "here"),
        ("<style>p {}</style>seen<script>alert(1)</script>", "seen"),
        ("3 < 4 and <b>bold", "3 < 4 and bold"),
    ],
)
def test_a_description_is_what_a_reader_of_the_page_would_see(html: str, text: str) -> None:
    assert html_text(html) == text
