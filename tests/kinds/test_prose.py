"""What people read of numbers and of each other's texts."""

import html

from hypothesis import example, given
from hypothesis import strategies as st

from pamong.kinds import prose


@given(st.text(alphabet="ab<>&\"' \n", max_size=300))
@example("<b>" * 66 + '&"')  # as long as what is still remembered
@example("<b>" * 67)
def test_nothing_that_somebody_writes_is_html(text):
    assert prose.escape(text) == prose.escape(text) == html.escape(text)


def test_a_table_escapes_caption_heads_and_cells():
    shown = prose.table("<i>", ["<a>"], [["<b>", "<c>"], ["", "d"]])
    assert shown == (
        '<table><caption>&lt;i&gt;</caption><thead><tr><th scope="col">&lt;a&gt;</th></tr></thead><tbody>'
        '<tr><th scope="row">&lt;b&gt;</th><td>&lt;c&gt;</td></tr><tr><td></td><td>d</td></tr>'
        "</tbody></table>"
    )
