"""What is printed is what the page shows, whatever people wrote, and can be read by a machine."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.errors import CourseError
from pamong.reports import paper, summary
from pamong.reports.elements import letters, read
from pamong.reports.markup import Html, Section, Table, paragraph
from pamong.reports.standing import Standing

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 12, 12, 3, 30, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    '#panic("x") #import "/etc/passwd" #{sys.inputs}',
    "$ a_b $ *bold* _it_ @ref <label> [x] \\ // /* ` ~ = - + 1. \n\n == judul",
    "\x00\x07\x1b[31m\ufffe",
    "terima kasih 🙏 شكرا 谢谢 Ω≥→",
    "\u202egnol yrev\u202c " + "a" * 400,
    "]]></svg><!-- &amp; &nbsp; &#0; \"' -->",
)


def shown(html):
    return paper.content([html._repr_html_()], "Judul", "Kaki")


def document(content):
    return paper.pdf(content, REPOSITORY, NOW)


@pytest.fixture(scope="module")
def sections(invent):
    facts = invent(people=64, cohorts=4).everybody(absent=0.1).cases().evaluate().snapshot()
    standing = Standing(whole=facts, cohort="a03")
    return [section(standing)._repr_html_() for section in summary.SECTIONS]


def nodes(part):
    """Every node of a document."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from nodes(each)


def test_a_document_shows_the_drawings_and_tables_of_its_page_and_no_other(sections):
    content = paper.content(sections, "Judul", "Kaki")
    whole = "".join(sections)
    found = list(nodes(content))
    drawings = [it for it in found if it.get("tag") == "svg"]
    assert len(drawings) == whole.count("<svg")
    charts = [it for it in drawings if "<title" in it["svg"]]
    assert charts
    assert all(it["svg"] in whole and re.search(r"\d", it["alt"]) for it in charts)
    assert all(it["alt"] for it in drawings if "aria-hidden" not in it["svg"])
    assert not any("class=" in it["svg"] for it in drawings)
    assert sum("head" in it for it in found) == whole.count("<table")
    annex = content["annex"]["tables"]
    assert len(annex) == whole.count('<details class="data">')
    assert (annex[0]["number"], annex[0]["name"]) == (1, "Tabel data")
    cells = [letters(cell) for it in found if "rows" in it for row in it["rows"] for cell in row]
    assert sorted(cells) == sorted(
        re.sub(r"\s+", " ", plain(it))
        for it in re.findall(
            r"<t[hd]\b(?![^>]*scope=.col)[^>]*>(.*?)</t[hd]>", without_drawings(whole), re.DOTALL
        )
    )


def without_drawings(html):
    return re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)


def plain(html):
    for code, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        html = html.replace(code, letter)
    return re.sub(r"<[^>]+>", "", html).replace("&amp;", "&")


def test_what_is_signed_comes_last_and_starts_with_its_heading(sections):
    content = paper.content(sections, "Judul", "Kaki")
    (last,) = content["after"]
    assert letters(last["parts"][0]).startswith("Konsep berita acara")
    assert [it["tag"] for it in last["parts"][-3:]] == ["p", "div", "div"]


def test_a_document_is_one_that_machines_can_read_and_the_same_whenever_it_is_made(sections):
    content = paper.content(sections, "Judul", "Kaki")
    first = document(content)
    assert b"pdfuaid:part" in first
    assert b"/StructTreeRoot" in first
    assert b"/Lang (id)" in first or b"/Lang(id)" in first
    assert first == document(json.loads(json.dumps(content)))


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_wrote_is_printed_as_text(words):
    table = Table((words, "B"), [(words, words)])
    html = Section(
        id="x", heading=words, body=paragraph(words), note=words, data=table,
        after=table.html(), flows=True,
    ).html()  # fmt: skip
    content = shown(html)
    kept = re.sub(r"\s+", " ", re.sub("[\x00-\x08\x0b-\x1f\ufffe]", "", words))
    (part,) = content["before"]
    assert [letters(it) for it in part["parts"][:3]] == [kept] * 3
    assert document(content).startswith(b"%PDF-")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=200)
def test_any_text_is_read_back_as_it_was_but_for_what_cannot_be_printed(words):
    (node,) = read([paragraph(words)._repr_html_()])
    seen = letters(node)
    assert (
        seen.split()
        == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", "", words).split()
    )


def test_no_text_is_lost_wherever_it_stands():
    (node,) = read(['<div class="report"><div>satu <p>dua<b>tiga</b> empat</p> lima</div>\n</div>'])
    assert letters(node) == "satu duatiga empat lima"


def test_an_element_without_a_form_stops_the_document():
    message = r"report\.typ: .*there is no form for <marquee\.wild> in it$"
    with pytest.raises(CourseError, match=message):
        document(shown(Html('<p class="plain"><marquee class="wild">x</marquee></p>')))


def test_markup_that_is_not_closed_is_refused():
    with pytest.raises(CourseError, match="are no markup of ours"):
        shown(Html("<p>x"))


def test_without_a_layout_the_error_says_where_it_belongs(tmp_path):
    with pytest.raises(CourseError, match=r"report\.typ cannot be read .* Copy it from"):
        paper.pdf(shown(Html("<p>x</p>")), tmp_path, NOW)
