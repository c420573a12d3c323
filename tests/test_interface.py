"""Whether every text that the programme asks for is in its catalogues."""

import ast
import json
import shutil
from pathlib import Path

import pytest

from pamong import catalogue
from pamong.inspection import interface
from pamong.inspection.interface import asked_in_module, asked_in_script


def test_every_text_that_the_programme_asks_for_is_in_its_catalogue() -> None:
    assert [str(problem) for problem in interface.problems()] == []


def test_texts_that_a_script_asks_for_are_found_with_their_line() -> None:
    script = """
const a = say("view.one");
/* say("not.this") */
html`${say(several === "x" ? "view.a" : "view.b", { n: say("view.inner") })}
${say(`view.${kind}.title`, { kind })}`; say(code)
"""
    assert list(asked_in_script(script)) == [
        (2, r"view\.one"),
        (4, r"view\.a"),
        (4, r"view\.b"),
        (4, r"view\.inner"),
        (5, r"view\..+\.title"),
    ]


def test_texts_that_a_module_asks_for_are_found_with_their_area() -> None:
    code = """
def _say(key, **values):
    return messages("wrap")(key, **values)
def f(x):
    say = messages("area")
    say("one") if x else say.vary(f"two.{x}", "seed")
    say("a" if x else "b")
    messages("other")("three")
    _say("four")
    raise illegal(event, "illegal.five", "English")
"""
    assert sorted(asked_in_module(ast.parse(code), "kind")) == [
        (6, "area", "one"),
        (6, "area", r"two\..+"),
        (7, "area", "a"),
        (7, "area", "b"),
        (8, "other", "three"),
        (9, "wrap", "four"),
        (10, "kind", r"illegal\.five"),
    ]


def test_another_language_has_the_same_texts_with_the_same_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried on a copy of one area, of which the other language lacks a text and a blank."""
    shared = tmp_path / "messages"
    for language, entries in {
        "id": {"a": "Halo {name}", "b": ["Satu {n}", "Dua {n}"], "c": "Tiga"},
        "en": {"a": "Hello", "b": ["One {n}"]},
    }.items():
        (shared / language).mkdir(parents=True)
        shutil.copy(catalogue.source("inspection"), shared / language)
        (shared / language / "area.json").write_text(json.dumps(entries), encoding="utf-8")
    for module in (interface, catalogue):
        monkeypatch.setattr(module, "PACKAGE", tmp_path)
    monkeypatch.setattr(interface, "STATIC", tmp_path / "static")
    catalogue.messages.cache_clear()
    found = [f"{each.field}: {each.message}" for each in interface._languages()]
    catalogue.messages.cache_clear()
    assert found == [
        "a: bagian isian dalam kurung kurawal berbeda dari teks bahasa Indonesia (bahasa “en”)",
        "c: teks ini belum diterjemahkan ke bahasa “en”",
    ]
