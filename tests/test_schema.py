"""JSON Schemas for editors."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pamong import document, schema
from pamong.course import Course
from pamong.errors import CourseError
from pamong.kinds import KINDS

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates" / "exercises").glob("*.brief.yaml"))
COURSE = Course.load(ROOT)
SCHEMAS = schema.schemas(COURSE)


def fields(node: object) -> list[str]:
    """Every description in a schema."""
    if isinstance(node, dict):
        own = [node["description"]] if isinstance(node.get("description"), str) else []
        return own + [text for inner in node.values() for text in fields(inner)]
    if isinstance(node, list):
        return [text for inner in node for text in fields(inner)]
    return []


def test_every_kind_has_a_schema_for_its_brief_and_its_key() -> None:
    assert {f"{kind}.{part}" for kind in KINDS for part in ("brief", "key")} <= set(SCHEMAS)
    assert {"brief", "legal", "programme"} <= set(SCHEMAS)
    for each in SCHEMAS.values():
        Draft202012Validator.check_schema(each)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name.partition(".")[0])
def test_a_worked_example_fits_its_schema_and_a_misspelt_field_does_not(path: Path) -> None:
    data = document.read(path).data
    brief = Draft202012Validator(SCHEMAS[f"{data['kind']}.brief"])
    brief.validate(data)
    Draft202012Validator(SCHEMAS[f"{data['kind']}.key"]).validate(data["model"])
    with pytest.raises(ValidationError):
        brief.validate({**data, "menit": 5})
    with pytest.raises(ValidationError):
        brief.validate({**data, "kind": "soal"})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_fields_are_described_in_the_words_of_the_worked_example(kind: str) -> None:
    found = SCHEMAS[f"{kind}.brief"]["properties"]
    assert found["version"]["description"]
    assert found["minutes"]["description"]
    assert "Why the participant" not in json.dumps(found)


def test_a_comment_beside_a_field_is_its_description_also_below_a_free_name(tmp_path: Path) -> None:
    path = tmp_path / "templates" / "exercises" / "choice.brief.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "# Kepala berkas\n"
        "kind: choice\n"
        "# soal-soal\n"
        "items: # satu butir, satu soal\n"
        "  # nama\n"
        "  - id: a\n"
        '    stem: "Rapat # 3?" # soalnya\n'
        "    options:\n"
        "      - {id: x, text: y} # pilihan\n"
        "model:\n"
        "  items:\n"
        "    a:\n"
        "      correct: [x] # yang benar\n",
        encoding="utf-8",
    )
    found = schema.schemas(Course(tmp_path, COURSE.programme))
    brief, key = found["choice.brief"], found["choice.key"]
    item = brief["$defs"]["Item"]["properties"]
    assert brief["properties"]["items"]["description"] == "satu butir, satu soal"
    assert (item["id"]["description"], item["stem"]["description"]) == ("nama", "soalnya")
    assert key["$defs"]["ItemKey"]["properties"]["correct"]["description"] == "yang benar"
    assert brief["properties"]["kind"]["description"] == "Jenis latihan"


def test_no_english_docstring_is_shown_to_authors() -> None:
    texts = [text for each in SCHEMAS.values() for text in fields(each)]
    assert texts
    assert [text for text in texts if " the " in f" {text} "] == []


def test_schemas_are_written_beside_one_another_and_refer_to_one_another(tmp_path: Path) -> None:
    written = {path.name for path in schema.write(COURSE, tmp_path / "skema")}
    content = json.loads((tmp_path / "skema" / "brief.schema.json").read_text(encoding="utf-8"))
    assert {rule["then"]["$ref"] for rule in content["allOf"]} <= written


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(
        CourseError, match="Skema “soal” tidak ada; pilih salah satu: branching.brief"
    ):
        schema.one(COURSE, "soal")
