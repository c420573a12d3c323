"""The instructor guide: what it shows can be typed, parses, and is what the programme really says."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pamong import authoring, document
from pamong.cli import app
from pamong.errors import AuthoringError
from pamong.kinds import KINDS
from pamong.legal import LegalCards
from pamong.place import places
from pamong.score import above_baseline, footrule, footrule_by_chance

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDE = (DOCS / "panduan-instruktur.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?ms)^ *```([^\n]*)\n(.*?)^ *```$")


def typed(text: str) -> list[str]:
    """The command lines in the blocks of ``text``."""
    lines = [line.strip() for _, block in BLOCK.findall(text) for line in block.splitlines()]
    return [line for line in lines if line.startswith("pamong ")]


TYPED = typed(GUIDE)
NAMED = sorted(set(re.findall(r"(?<!`)`(pamong [^`\n]+)`(?!`)", GUIDE)))
EXCERPTS = [(mark.split()[1:], text) for mark, text in BLOCK.findall(GUIDE) if "yaml" in mark]
NOT_UNDERSTOOD = "there is no|No such option|valid number|unexpected extra argument"
MISTAKES = [
    ("  name: Lurah", "\tname: Lurah"),
    ("  name: Lurah", "   name: Lurah"),
    ("title: Pasar malam di lapangan kelurahan", "title: Pasar malam: babak satu"),
    ("title: Pasar malam di lapangan kelurahan", 'title: "Pasar" malam'),
    ("minutes: 15", "menit: 15"),
    ("minutes: 15", "minutes: lima belas"),
    ("minutes: 15", "minutes: 15\nminutes: 15"),
    ("visibility: marker", "visibility: semua"),
    ("jam: [20, 17, 12, 6, 0]", "jam: [20, 17, 12, 6, 0"),
    ("title: Pasar malam di lapangan kelurahan", "title:"),
]


def understood(line: str) -> None:
    """Parse a command line as the programme would, without running it; UsageError if it cannot.

    A command without any word after it is only mentioned: it is enough that there is one.
    """
    command, words = typer.main.get_command(app), shlex.split(line)[1:]
    while words and (known := getattr(command, "commands", {})):
        name, *words = words
        assert name in known, f"{line}: there is no {name}"
        command = known[name]
    if words:
        command.make_context(line, words)


def numberless(text: str) -> str:
    """A text in which every line number is the same: the worked example may grow."""
    return re.sub(r"baris \d+", "baris 0", text)


JSON = {dict: "object", list: "array"}


def resolved(schema: dict, node: dict) -> dict:
    """What a node stands for, if it refers to another."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def unknown(data: object, schema: dict, node: dict, place: str = "") -> list[str]:
    """The fields in ``data`` that the JSON Schema ``node`` does not have."""
    node = resolved(schema, node)
    choices = [resolved(schema, each) for each in node.get("anyOf") or node.get("oneOf") or ()]
    if meant := [each for each in choices if each.get("type") == JSON.get(type(data))]:
        return min((unknown(data, schema, each, place) for each in meant), key=len)
    if isinstance(data, list):
        each = node.get("items", {})
        return [name for item in data for name in unknown(item, schema, each, f"{place}[]")]
    if not isinstance(data, dict):
        return []
    fields, rest = node.get("properties", {}), node.get("additionalProperties", True)
    found = []
    for name, value in data.items():
        inner = fields.get(name, rest if isinstance(rest, dict) else {} if rest is True else None)
        here = f"{place}.{name}"
        found += [here] if inner is None else unknown(value, schema, inner, here)
    return found


def test_each_command_an_author_needs_is_shown() -> None:
    assert {line.split()[1] for line in TYPED} == {
        *("new", "check", "playtest", "preview", "release", "worksheets"),
        *("export-items", "import-items"),
    }


@pytest.mark.parametrize("line", dict.fromkeys(TYPED))
def test_a_command_that_is_shown_is_understood_as_it_stands(line: str) -> None:
    understood(line)


@pytest.mark.parametrize("line", NAMED)
def test_a_command_that_is_mentioned_exists(line: str) -> None:
    understood(line)


@pytest.mark.parametrize(
    "line",
    [
        "pamong chek m7-pasar-tertib",
        "pamong new latihan choice m7-pasar-tertib/uji",
        "pamong check m7-pasar-tertib --quickly",
        "pamong new exercise choice m7-pasar-tertib/uji --points banyak",
        "pamong preview m7-pasar-tertib m8-semua-jenis",
    ],
)
def test_a_command_that_does_not_exist_would_be_noticed(line: str) -> None:
    with pytest.raises(Exception, match=NOT_UNDERSTOOD):
        understood(line)


def test_following_the_guide_from_nothing_leads_to_a_release(small, monkeypatch) -> None:
    monkeypatch.chdir(small.root)
    first_time = GUIDE.partition("## Sesudah rilis")[0]
    for line in typed(first_time):
        if line.startswith("pamong preview"):  # it ends only when somebody ends it
            continue
        ran = CliRunner().invoke(app, shlex.split(line)[1:])
        assert ran.exit_code == 0, f"{line}: {ran.output}{ran.exception!r}"
    assert (small.release("m7-pasar-tertib") / "pasar-malam.brief.yaml").is_file()
    assert (small.keys("m7-pasar-tertib") / "released" / "pasar-malam.v1.key.yaml").is_file()


def test_every_kind_has_an_excerpt_and_every_excerpt_says_whose_it_is() -> None:
    assert [marks for marks, _ in EXCERPTS if len(marks) != 1] == []
    assert sorted(marks[0] for marks, _ in EXCERPTS) == sorted([*KINDS, "legal"])


@pytest.mark.parametrize(("marks", "text"), EXCERPTS, ids=lambda it: it[0] if len(it) == 1 else "")
def test_an_excerpt_parses_and_names_only_fields_that_there_are(marks, text, tmp_path) -> None:
    path = tmp_path / "excerpt.yaml"
    path.write_text(text, encoding="utf-8")
    data = document.read(path).data
    kind = KINDS.get(marks[0])
    assert data.get("kind", "legal") == marks[0]
    schema = authoring.schema(kind.brief if kind else LegalCards)
    assert unknown(data, schema, schema) == []


def test_an_excerpt_with_a_field_that_there_is_not_would_be_noticed() -> None:
    schema = authoring.schema(KINDS["choice"].brief)
    wrong = {"items": [{"id": "a", "soal": "?"}], "model": {"items": {"a": {"right": ["a"]}}}}
    assert unknown(wrong, schema, schema) == [".items[].soal", ".model.items.a.right"]


@pytest.mark.parametrize(("before", "after"), MISTAKES)
def test_a_mistake_is_answered_with_the_words_that_the_guide_quotes(
    before, after, tmp_path
) -> None:
    text = (ROOT / "templates/exercises/negotiation.brief.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "negotiation.brief.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        authoring.read_brief(path)
    told = {numberless(problem.message) for problem in caught.value.problems}
    assert [each for each in told if f"| {each} |" in numberless(GUIDE)] != [], told


def test_the_figures_worked_out_in_the_guide_are_right() -> None:
    assert above_baseline(0.70, 0.40) == pytest.approx(0.50)
    assert footrule("BACD", "ABCD") == 0.75
    assert footrule_by_chance(4) == 0.375
    assert above_baseline(0.75, 0.375) == pytest.approx(0.60)


def test_every_link_leads_somewhere() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", GUIDE)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        file, _, anchor = target.partition("#")
        assert not file or (DOCS / file).exists(), target
        assert not anchor or anchor in anchors, target


def test_what_is_hidden_in_a_shown_cell_asks_for_the_exercises_that_the_form_shows() -> None:
    cells = [text for mark, text in BLOCK.findall(GUIDE) if mark == "python"]
    assert len(cells) == 2
    for cell in cells:
        assert places(cell, "exercise") == places(cell, "points") != ()
