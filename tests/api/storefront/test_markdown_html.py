"""Markdown of a shop becomes HTML of a page, and can bring nothing into it that runs."""

import pytest

from api.storefront.markdown_html import markdown_html


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("*two* days", "<p><em>two</em> days</p>\n"),
        ("# Soon", "<h2>Soon</h2>\n"),
        ("###### Later", "<h6>Later</h6>\n"),
        ("[map](https://maps.example/?a=1&b=2)", '<p><a href="https://maps.example/?a=1&amp;b=2">map</a></p>\n'),
        ("~~old~~", "<p><s>old</s></p>\n"),
        ('<b onclick="x()">bold</b>', "<p>&lt;b onclick=&quot;x()&quot;&gt;bold&lt;/b&gt;</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](JaVaScRiPt&#58;alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>\n"),
        ("![x](data:text/html,<b>)", "<p>![x](data:text/html,&lt;b&gt;)</p>\n"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
        (
            '![a" onerror="x](https://x.example/a.png)',
            '<p><img src="https://x.example/a.png" alt="a&quot; onerror=&quot;x" /></p>\n',
        ),
        (
            '```"><script>\n</code>\n```',
            '<pre><code class="language-&quot;&gt;&lt;script&gt;">&lt;/code&gt;\n</code></pre>\n',
        ),
    ],
)
def test_what_is_shown_is_safe(source: str, shown: str) -> None:
    assert markdown_html(source) == shown


def test_a_table_has_no_styles() -> None:
    shown = markdown_html("| a | b |\n|:-:|--:|\n| c | d |")

    assert "<td>d</td>" in shown
    assert "style" not in shown
