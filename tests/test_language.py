"""Every text in every language, one language for each reader, figures and days as that language writes them."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from random import Random
from string import Formatter
from threading import Barrier

import pytest
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from pamong import locale
from pamong.catalogue import (
    LANGUAGE,
    PACKAGE,
    areas,
    is_translated,
    languages,
    messages,
    source,
    speaking,
    spoken,
)  # fmt: skip
from pamong.play import play
from pamong.programme import language_at
from pamong.view.site import LOCALES
from tests.kinds.cases import NAMES, case

OTHERS = tuple(sorted(set(languages()) - {LANGUAGE}))
BABEL = {"id": "id", "en": "en_GB"}
REACTIVE = [name for name in NAMES if case(name)[0].reactive]
QUOTED = re.compile(r"“[^”]*”|`[^`]*`|\"[^\"]*\"|\{[^}]*\}|<[^>]*>|\*\*[^*]*\*\*|https?:\S+")
"""Parts of a text that may be in any language: names, examples, what a file says."""
TELLTALE = {
    "id": re.compile(
        r"\b(yang|dan|tidak|untuk|dengan|pada|anda|belum|dari|sudah|adalah|atau|latihan|ini|itu)\b",
        re.I,
    ),
    "en": re.compile(r"\b(the|and|of|is|are|not|you|your|with|please|this|that|from|must)\b", re.I),
}
"""Small words that give a language away."""


def texts(area: str, language: str) -> dict[str, list[str]]:
    """The texts of one file, each as the list of its variants."""
    path = source(area, language)
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {key: [text] if isinstance(text, str) else text for key, text in entries.items()}


def blanks(text: str) -> list[tuple[str, str]]:
    return sorted(
        (name, f"{kind}{form}") for _, name, form, kind in Formatter().parse(text) if name
    )


# ---------------------------------------------------------------- complete


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("area", areas())
def test_every_text_is_in_every_language_with_the_same_blanks_and_variants(area, language):
    here, there = texts(area, LANGUAGE), texts(area, language)
    wanted = {key: variants for key, variants in here.items() if is_translated(area, key)}
    assert sorted(there) == sorted(wanted)
    for key, variants in wanted.items():
        assert len(there[key]) == len(variants), key
        for text, other in zip(variants, there[key], strict=True):
            assert blanks(other) == blanks(text), key
            assert bool(other.strip()) == bool(text.strip()), key


@pytest.mark.parametrize("area", areas())
def test_what_becomes_part_of_a_log_is_in_no_other_language(area):
    kept = [key for key in texts(area, LANGUAGE) if not is_translated(area, key)]
    for language, key in ((language, key) for language in OTHERS for key in kept):
        assert messages(area, language).entries[key] == messages(area, LANGUAGE).entries[key]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("area", areas())
def test_no_text_is_in_another_language_than_its_file(area, language):
    strange = [
        (key, found[0])
        for key, variants in texts(area, language).items()
        for text in variants
        for other in TELLTALE.keys() - {language}
        if (found := TELLTALE[other].search(QUOTED.sub(" ", text))) and (area, key) not in KNOWN
    ]
    assert strange == []


KNOWN: set[tuple[str, str]] = set()
"""Texts that name something by what it is called in another language."""


@pytest.mark.parametrize("language", languages())
def test_the_guide_for_participants_is_in_every_language(language):
    guide = PACKAGE / "messages" / language / "panduan-peserta.md"
    known = (PACKAGE / "messages" / LANGUAGE / guide.name).read_text(encoding="utf-8")
    text = guide.read_text(encoding="utf-8")
    assert re.findall(r"^#+|^\|", text, re.M) == re.findall(r"^#+|^\|", known, re.M)
    other = TELLTALE[(set(TELLTALE) - {language}).pop()]
    assert other.findall(re.sub(r"\*[^*]+\*", "", text)) == []


# ---------------------------------------------------------------- asked for


def code() -> Iterator[Path]:
    for suffix in ("py", "js", "html", "typ"):
        yield from (path for path in PACKAGE.rglob(f"*.{suffix}") if "vendor" not in path.parts)
    yield from (PACKAGE.parent / "templates").rglob("*.html")
    yield from (PACKAGE.parent / "templates").rglob("*.ipynb")


def asked(path: Path) -> Iterator[str]:
    """Every literal in a file as a pattern; what is filled in may be anything."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                    for part in node.values
                )
        return
    for quote in "\"'`":
        for found in re.findall(rf"(?={quote}([^{quote}\n]+){quote})", text):
            yield ".+".join(map(re.escape, re.split(r"\$\{.*?\}|%[sd]", found)))
    yield from (
        rf"{re.escape(key)}.+" for key in re.findall(r"[\"']([\w.]+\.)[\"'] (?:[~+]|if)", text)
    )


BY_NAME = {
    "document": "yaml: ", "schema": "field.", "normative": "", "reflection_person": "", "authoring": "",
}  # fmt: skip
"""Areas whose texts are found by the name of what they are about, and how those begin."""


def owner(path: Path) -> str:
    """The kind whose own code a file is; its parts of keys say nothing about other areas."""
    parts = path.with_suffix("").parts
    return parts[parts.index("kinds") + 1] if "kinds" in parts[:-1] else ""


def test_every_text_is_used_somewhere():
    patterns = {(owner(path), pattern) for path in code() for pattern in asked(path)}
    plain = {re.sub(r"\\(.)", r"\1", pattern) for _, pattern in patterns if ".+" not in pattern}
    open_ = [(kind, re.compile(p)) for kind, p in patterns if re.match(r"[a-z_]+\\\..*\.\+", p)]

    def used(key: str, area: str) -> bool:
        base, _, end = key.rpartition(".")
        return (
            key in plain
            or any(kind in ("", area) and pattern.fullmatch(key) for kind, pattern in open_)
            or (bool(base) and (rf".+\.{end}" in ends or f".{end}" in plain) and used(base, area))
        )

    ends = {pattern for _, pattern in patterns if pattern.startswith(".+")}
    idle = [
        f"{area}: {key}"
        for area in areas()
        for key in texts(area, LANGUAGE)
        if not used(key, area) and not (area in BY_NAME and key.startswith(BY_NAME[area]))
    ]
    assert idle == []


@pytest.mark.parametrize(
    "path",
    [*PACKAGE.rglob("templates/*.html"), *(PACKAGE.parent / "templates").rglob("*.html")],
    ids=lambda path: str(path.relative_to(PACKAGE.parent)),
)
def test_every_text_that_a_template_asks_for_exists(path):
    known = {key for area in areas() for key in texts(area, LANGUAGE)}
    template = path.read_text(encoding="utf-8")
    named = re.findall(r"\b(?:say|home|tell)\(\"([a-z]+(?:\.[\w-]+)*)\"", template)
    chosen = re.findall(
        r"\b(?:say|home|tell)\(\"([\w.-]+)\" if [^()]+ else \"([\w.-]+)\"", template
    )
    asked_for = {*named, *(key for pair in chosen for key in pair)}
    assert asked_for - known == set()


# ---------------------------------------------------------------- no text outside catalogues


def literal_text(path: Path) -> Iterator[str]:
    """Words that a reader would see and that stand in the code itself."""
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        content = re.sub(r"/\*.*?\*/|(?<=\s)//.*", "", content, flags=re.DOTALL)
        yield from re.findall(
            r"(?:textContent|innerText|title|ariaLabel|placeholder) = \"([^\"]*[A-Za-z]{2}[^\"]*)\"",
            content,
        )
        yield from re.findall(r"(?:alert|confirm)\(\"([^\"]+)\"", content)
        for template in re.findall(
            r"html`((?:[^`\\]|\$\{(?:[^{}`]|`[^`]*`|\{[^}]*\})*\})*)`", content
        ):
            yield from shown(re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "", template))
    else:
        content = re.sub(
            r"<(style|script)\b.*?</\1>|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
            "",
            content,
            flags=re.DOTALL,
        )
        yield from shown(content)


def shown(markup: str) -> Iterator[str]:
    for found in re.findall(r">([^<>{}]*[A-Za-z]{3}[^<>{}]*)<", markup):
        yield re.sub(r"[\w-]+=\"\"", "", found).strip()  # attributes that a template adds
    yield from re.findall(
        r"\b(?:title|alt|placeholder|aria-label|label)=\"([^\"{}]*[A-Za-z]{3}[^\"{}]*)\"", markup
    )


PAGES = sorted(
    {
        *(path for path in PACKAGE.glob("static/**/*.js") if "vendor" not in path.parts),
        *PACKAGE.glob("labextension/**/*.js"),
        *PACKAGE.glob("hub/*.js"),
        *PACKAGE.rglob("templates/*.html"),
        *(PACKAGE.parent / "templates").rglob("*.html"),
    }
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_no_text_for_readers_stands_in_the_code(path):
    assert [text for text in literal_text(path) if text] == []


def test_text_in_the_code_would_be_found(tmp_path):
    script, page = tmp_path / "a.js", tmp_path / "a.html"
    script.write_text(
        'x.textContent = "Simpan"; html`<p title="Judul">Halo ${say("a")} dunia</p>`;'
    )
    page.write_text('<h1>{{ say("a") }}</h1><img alt="Gambar"><p>Halo</p>')
    assert sorted(literal_text(script)) == ["Halo  dunia", "Judul", "Simpan"]
    assert sorted(literal_text(page)) == ["Gambar", "Halo"]


# ---------------------------------------------------------------- whose language


def test_what_is_spoken_holds_inside_and_not_after():
    assert spoken() == LANGUAGE
    say = messages("course")
    with speaking("en"):
        assert say("interrupted").startswith("Stopped.")
        with speaking("id"):
            assert say("interrupted").startswith("Dihentikan.")
        with speaking(""):
            assert spoken() == "en"
    assert say("interrupted").startswith("Dihentikan.")


def test_a_language_without_texts_is_indonesian():
    with speaking("xx"):
        assert spoken() == LANGUAGE
    assert messages("course", "xx")("interrupted").startswith("Dihentikan.")


def test_two_people_are_served_in_two_languages_at_once():
    both = Barrier(2)

    def serve(language: str) -> list[str]:
        with speaking(language):
            both.wait(10)
            return [messages("form")("use.practice") + locale.decimal(1.5) for _ in range(500)]

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(serve, ("id", "en")))
    assert [set(each) for each in said] == [{"Latihan1,5"}, {"Practice1.5"}]


@pytest.mark.parametrize("name", REACTIVE)
def test_a_counterpart_says_the_same_whatever_language_the_page_is_in(name):
    kind, brief, key = case(name)
    logs = []
    for language in languages():
        with speaking(language):
            events = play(kind, brief, key, kind.bots["person"], rng=Random(5), skill=0.8)
        logs.append([(event.act, event.data) for event in events])
    assert any(event for event in logs[0])
    assert logs[0] == logs[1]


def pamong(*arguments: str, folder: Path, **environment: str) -> str:
    """What the command line says, with its errors."""
    command = [sys.executable, "-c", "from pamong.cli import main; main()", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_command_line_fails_in_the_language_of_the_programme_or_of_who_calls(tmp_path):
    settings = tmp_path / "course" / "programme.yaml"
    settings.parent.mkdir()
    settings.write_text("title: x\nlanguage: en\n", encoding="utf-8")
    assert "the field “course_id” must be filled in" in pamong("check", folder=tmp_path)
    assert "wajib diisi" in pamong("check", folder=tmp_path, PAMONG_LANGUAGE="id")
    settings.write_text("title: x\n", encoding="utf-8")
    assert "wajib diisi" in pamong("check", folder=tmp_path)
    assert "must be filled in" in pamong("check", folder=tmp_path, PAMONG_LANGUAGE="en")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("language: en", "en"),
        ('language: "en"', "en"),
        ("# language: en", ""),
        ("x: {language: en}", ""),
    ],
)
def test_the_programmes_language_is_found_before_the_file_is_understood(tmp_path, line, found):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "programme.yaml").write_text(f"title: [\n{line}\n", encoding="utf-8")
    assert language_at(tmp_path) == found
    assert language_at(Path("/")) == ""


def test_jupyters_own_dialogs_are_in_the_participants_language():
    packs = {point.name for point in entry_points(group="jupyterlab.languagepack")}
    assert {LOCALES[language] for language in languages() if language != "en"} <= packs
    assert "en" not in LOCALES  # what Jupyter speaks by itself


# ---------------------------------------------------------------- figures and days


def test_a_kernel_imports_no_babel():
    told = "import sys, pamong.module; print('babel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("language", languages())
@given(value=st.floats(-1e9, 1e9), digits=st.integers(0, 3))
def test_numbers_are_as_babel_writes_them(language, value, digits):
    form = "#,##0" + ("." + "#" * digits if digits else "")
    with speaking(language):
        exact = float(f"{value:.{digits}f}") + 0.0
        assert locale.decimal(value, digits) == format_decimal(exact, form, BABEL[language])
        assert locale.decimal(exact, digits, least=digits) == format_decimal(
            exact, f"#,##0.{'0' * digits}" if digits else form, BABEL[language]
        )


@pytest.mark.parametrize("language", languages())
@given(on=st.dates(date(1900, 1, 1), date(2199, 12, 31)), minutes=st.integers(0, 1439))
def test_days_and_hours_are_as_babel_writes_them(language, on, minutes):
    at = datetime.combine(on, datetime.min.time()) + timedelta(minutes=minutes)
    with speaking(language):
        assert locale.day(on) == format_date(on, "long", BABEL[language])
        assert locale.day(on.isoformat()) == locale.day(on)
        assert locale.weekday(at) == format_date(at, "EEEE, d MMMM y", BABEL[language])
        assert locale.clock(at) == format_time(at, "short", locale=BABEL[language])


@pytest.mark.parametrize("language", languages())
def test_money_shares_lists_and_distances_are_as_babel_writes_them(language):
    tag = BABEL[language]
    with speaking(language):
        told = format_currency(1250000, "IDR", "¤#,##0", tag, currency_digits=False)
        assert locale.rupiah(1250000) == told.replace("IDR", "Rp")
        assert locale.percent(0.615, 1) == format_percent(0.615, "#,##0.#%", tag)
        assert locale.percent(0.62) == format_percent(0.62, locale=tag)
        for count in range(1, 5):
            assert locale.listing("abcd"[:count]) == format_list(
                list("abcd"[:count]), "standard", tag
            )
        for count in (2, 40):
            ahead = format_timedelta(
                timedelta(days=count), "day", 99, add_direction=True, locale=tag
            )
            assert locale.days(count) == ahead
            ago = format_timedelta(
                timedelta(days=-count), "day", 99, add_direction=True, locale=tag
            )
            assert locale.days(-count) == ago


def test_moments_are_told_on_the_wall_clock_of_the_reader():
    at = datetime(2026, 12, 11, 17, 14, tzinfo=UTC)
    assert locale.hour(at, "Asia/Makassar") == "pukul 01.14 WITA"
    assert locale.moment(at, "Asia/Jakarta") == "12 Desember 2026 pukul 00.14 WIB"
    assert locale.moment(at, "Asia/Singapore") == "12 Desember 2026 pukul 01.14 UTC+0800"
    with speaking("en"):
        assert locale.moment(at, "Asia/Jayapura") == "12 December 2026 at 02:14 WIT"
    assert [locale.days(count) for count in (-1, 0, 1)] == ["kemarin", "hari ini", "besok"]
