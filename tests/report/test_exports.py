"""Exports: every format says the same, texts stay texts, nobody is given away, nothing is half written."""

import csv
import json
import re
import resource
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pamong.cli.exports import app
from pamong.errors import CourseError
from pamong.event import Event
from pamong.exports import dictionary, events, formats, pseudonym
from pamong.exports.export import export
from pamong.exports.folder import whole
from pamong.exports.formats import FORMATS, WORKBOOK, guarded, printed, writer
from pamong.reports.facts import Deal, Play
from pamong.reports.suppression import SMALLEST, hidden
from pamong.reports.tidy import DTYPES, EVENTS, TABLES, define, frames
from pamong.roster import Participant
from tests.values import replace

ROOT = Path(__file__).resolve().parents[2]
NIP = "198003122006041001"
SECRET = b"s" * 32
WORDS = "Saya akan lebih dahulu mendengarkan Bu Ratna."
HOSTILE = define("hostile", "", id="text", n="integer", x="number", done="boolean", at="moment")
NASTY = (NIP, "007", '=HYPERLINK("http://x")', "+62", "-1", "@SUM(A1)", "\t=1", "'=1", "1e5",
         "mei-10", "TRUE", "#N/A", "NA", "a;b,\"c\"\nd", "Ny. Sulistyaningsih", "", "_x0041_", "Ω…")  # fmt: skip


def load(folder, table, **options):
    """The function that docs/data.md gives its readers."""
    told = {}
    exec(dictionary.READING.rpartition("\n\n\n")[0], told)  # noqa: S102  # what the page gives to its readers
    return told["load"](folder, table, **options)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def typed(frame, table):
    return frame.astype({column.name: DTYPES[column.type] for column in table.columns})


def hostile_frame():
    rows = [(text, n or None, n / 7 - 1 if n % 5 else None, bool(n % 2) if n % 3 else None,
             f"2026-12-{n + 1:02}T23:59:59.123Z" if n % 4 else "kemarin")
            for n, text in enumerate(NASTY)]  # fmt: skip
    return HOSTILE.frame(rows)


@pytest.fixture
def written(tmp_path):
    """The hostile table in every format, in two pieces, beside its dictionary."""
    frame = hostile_frame()
    told = [("hostile", it.name, it.type, False, "") for it in HOSTILE.columns]
    for format in FORMATS:
        folder = tmp_path / format
        folder.mkdir()
        out = writer(format, folder)
        for table, pieces in (
            (HOSTILE, (frame[:5], frame[5:])),
            (dictionary.DICTIONARY, (dictionary.DICTIONARY.frame(told),)),
            (EVENTS, (EVENTS.frame(()),)),
        ):
            out.begin(table)
            for piece in pieces:
                out.add(piece)
            out.end()
        out.finish()
    return tmp_path


def sheet(path, name):
    book = openpyxl.load_workbook(path)
    return list(book[name].iter_rows())


def test_every_format_read_back_is_the_frame_that_was_written(written):
    frame = hostile_frame()
    parquet = pd.read_parquet(written / "parquet" / "hostile.parquet")
    rows = json.loads((written / "json" / "hostile.json").read_text("utf-8"))
    cells = [[cell.value for cell in row] for row in sheet(written / "xlsx" / WORKBOOK, "hostile")]
    book = pd.DataFrame(cells[1:], columns=cells[0])
    book["id"] = book["id"].fillna("").str.replace("_x005F_", "_")  # as Excel reads it
    back = {
        "csv": load(written / "csv", "hostile"),
        "csv-semicolon": load(written / "csv-semicolon", "hostile", sep=";", decimal=","),
        "parquet": parquet,
        "json": HOSTILE.frame([row.values() for row in rows]),
        "xlsx": HOSTILE.frame(book.itertuples(index=False)),
    }
    assert set(back) == set(FORMATS)
    for name, found in back.items():
        assert_frame_equal(typed(found, HOSTILE), frame, obj=name)
    assert load(written / "csv", "events").empty
    assert json.loads((written / "json" / "events.json").read_text("utf-8")) == []
    assert pd.read_parquet(written / "parquet" / "events.parquet").columns.tolist() == [
        column.name for column in EVENTS.columns
    ]


def test_a_workbook_holds_texts_as_texts_and_no_formula(written):
    rows = sheet(written / "xlsx" / WORKBOOK, "hostile")[1:]
    cells = [row[0] for row in rows if row[0].value is not None]
    assert len(cells) == len(NASTY) - 1
    assert {(cell.data_type, cell.number_format) for cell in cells} <= {
        ("s", "@"),
        ("inlineStr", "@"),
    }
    assert [cell.value for cell in cells][:3] == [NIP, "007", '=HYPERLINK("http://x")']


def test_a_spreadsheet_takes_no_text_of_ours_for_anything_else(written):
    with (written / "csv" / "hostile.csv").open(encoding="utf-8-sig", newline="") as file:
        found = [row["id"] for row in csv.DictReader(file)]
    tame = {"NA", 'a;b,"c"\nd', "Ny. Sulistyaningsih", "", "_x0041_", "Ω…"}
    assert [text for text in found if not text.startswith("'")] == [
        it for it in NASTY if it in tame
    ]
    assert (written / "csv" / "hostile.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


@given(st.text())
def test_whatever_a_text_is_it_comes_back_from_behind_its_guard(text):
    found = guarded(text)
    assert found.removeprefix("'") == text
    assert found[:1] not in {*"=+-@\t\r\n0123456789"}


@settings(max_examples=25)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_a_workbook_can_hold_whatever_somebody_writes(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("book")
    out = writer("xlsx", folder)
    table = define("t", "", id="text", after="text")
    out.begin(table)
    out.add(table.frame([(text, "a")]))
    out.end()
    out.finish()
    (cell, after) = sheet(folder / WORKBOOK, "t")[1]
    kept = printed(text).replace("\r\n", "\n").replace("\r", "\n")  # as XML reads them
    assert ((cell.value or "").replace("_x000D_", "").replace("\r", "\n"), after.value) == (
        kept,
        "a",
    )


def test_a_cell_that_is_too_long_says_that_it_was_cut():
    assert printed("a" * formats.CELL) == "a" * formats.CELL
    assert printed("a" * (formats.CELL + 1)) == "a" * (formats.CELL - 1) + "…"


def test_a_table_that_is_too_long_goes_on_in_another_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "ROWS", 3)
    out, table = writer("xlsx", tmp_path), define("t", "", n="integer")
    out.begin(table)
    out.add(table.frame([(n,) for n in range(5)]))
    out.end()
    out.finish()
    book = openpyxl.load_workbook(tmp_path / WORKBOOK)
    found = {name: [row[0].value for row in book[name]] for name in book.sheetnames}
    assert found == {"t": ["n", 0, 1], "t 2": ["n", 2, 3], "t 3": ["n", 4]}


# ---------------------------------------------------------------- a course


@pytest.fixture
def course(on_disk):
    """Eight people in two cohorts of four, graded; one wrote a reflection, one played for a coach only."""
    on_disk.graded()
    for name, acts in (
        ("refleksi", [("system", "open", {}), ("participant", "text", {"prompt": "q1", "text": WORDS}),
                      ("participant", "finish", {})]),
        ("sikap", [("system", "open", {"order": {"s1": ["a", "b", "c", "d"]}})]),
    ):  # fmt: skip
        lines = [
            {"n": n, "id": f"e{n}", "at": f"2026-12-10T08:00:{n:02}.000Z", "who": who, "act": act,
             "data": data, "exercise": name, "version": 1, "attempt": 1}
            for n, (who, act, data) in enumerate(acts, 1)
        ]  # fmt: skip
        path = on_disk.hand_in("p003") / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return on_disk.course


def everything(folder):
    return b"".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    ).decode()


def test_an_export_names_nobody_and_tells_no_key_and_no_words(course, tmp_path):
    made = export(course, tmp_path / "out", ["csv", "json"])
    told = everything(tmp_path / "out")
    assert not any(f"p{n:03}" in told or f"Peserta Rekaan {n}" in told for n in range(8))
    for secret in (WORDS, "Ratna", "Surat itu untuk warga", "Itu pembiaran", "correct"):
        assert secret not in told
    who = pseudonym.pseudonym(course.secret(), "p003")
    grades = load(tmp_path / "out" / "csv", "grades").set_index(["participant", "exercise"])
    assert grades.loc[(who, "pemahaman"), "points"] == 20.0
    assert pd.isna(grades.loc[(who, "uraian-q1"), "points"])
    assert bool(grades.loc[(who, "uraian-q1"), "pending"])
    happened = load(tmp_path / "out" / "csv", "events")
    assert set(happened["form"]) == {"pemahaman", "refleksi"}
    mine = happened[(happened["participant"] == who) & (happened["form"] == "refleksi")]
    assert mine[["act", "data", "withheld"]].values.tolist() == [
        ["open", "{}", 0], ["text", '{"prompt":"q1","text":null}', 1], ["finish", "{}", 0]
    ]  # fmt: skip
    assert set(load(tmp_path / "out" / "csv", "plays")["exercise"]) == {"pemahaman", "refleksi"}
    assert made.rows["participants"] == 8
    assert ("note.small.cohort", {"count": 8}) in made.notes


def test_the_committee_gets_ids_names_and_what_was_written(course, tmp_path):
    export(course, tmp_path / "out", cohorts=["a02"], named=True, texts=True)
    people = load(tmp_path / "out" / "csv", "participants")
    assert people[["participant", "name", "cohort"]].values.tolist() == [
        [f"p{n:03}", f"Peserta Rekaan {n}", "a02"] for n in (1, 3, 5, 7)
    ]
    happened = load(tmp_path / "out" / "csv", "events")
    assert WORDS in "".join(happened["data"])
    assert set(happened["participant"]) == {"p001", "p003", "p005", "p007"}
    assert set(happened["form"]) == {"pemahaman", "refleksi"}


def test_a_forged_clock_empties_one_moment_and_the_reader_is_told(on_disk, tmp_path):
    course = on_disk.graded().course
    path = course.submitted("p003", "m0-contoh") / "pemahaman.jsonl"
    path.write_text(path.read_text().replace("2026-12-10T08:00:02", "9999-12-31T23:59:59", 1))
    path = course.submitted("p004", "m0-contoh") / "pemahaman.jsonl"
    path.write_text(path.read_text().replace("2026-12-10T08:00:02", "0001-01-01T00:00:00", 1))
    made = export(course, tmp_path / "keluar", FORMATS, named=True)
    told = load(tmp_path / "keluar" / "csv", "events")
    assert told["at"].isna().sum() == 2
    assert told["at"].dropna().dt.year.unique().tolist() == [2026]
    assert ("note.clock", {"count": 2}) in made.notes


def test_the_number_of_a_civil_servant_is_in_a_named_export_only(on_disk, tmp_path):
    roster = on_disk.course.roster
    first, *lines = roster.read_text("utf-8").splitlines()
    rows = [
        f"{first},nip",
        *(f"{line},{NIP}" if n == 0 else f"{line}," for n, line in enumerate(lines)),
    ]
    roster.write_text("\n".join([*rows, ""]), "utf-8")
    export(on_disk.course, tmp_path / "bernama", named=True)
    export(on_disk.course, tmp_path / "samaran")
    named = load(tmp_path / "bernama" / "csv", "participants")
    assert sorted(named["nip"]) == [""] * 7 + [NIP]
    assert set(load(tmp_path / "samaran" / "csv", "participants")["nip"]) == {""}
    assert NIP not in (tmp_path / "samaran" / "csv" / "participants.csv").read_text("utf-8")


def test_every_table_has_its_columns_and_its_key(course, tmp_path):
    export(course, tmp_path / "out")
    told = load(tmp_path / "out" / "csv", "dictionary")
    for table in TABLES:
        found = load(tmp_path / "out" / "csv", table.name)
        names = [column.name for column in table.columns]
        assert (
            found.columns.tolist()
            == names
            == told[(told["table"] == table.name) & (told["column"] != "")]["column"].tolist()
        )
        assert not found.duplicated(list(table.key)).any(), table.name
        assert found[list(table.key)].equals(found[list(table.key)].sort_values(list(table.key)))
    assert (told["meaning"] != "").all()


def test_pseudonyms_stay_the_same_and_need_the_secret(course, tmp_path):
    found = []
    for name in ("one", "two"):
        export(course, tmp_path / name)
        found.append(load(tmp_path / name / "csv", "participants")["participant"].tolist())
    assert (
        found[0]
        == found[1]
        == sorted({pseudonym.pseudonym(course.secret(), f"p{n:03}") for n in range(8)})
    )
    assert pseudonym.pseudonym(SECRET, "p003") not in found[0]
    assert guarded(found[0][0]) == found[0][0]


def test_the_page_about_the_data_is_what_the_definition_says_today():
    assert (ROOT / "docs" / "data.md").read_text("utf-8") == dictionary.page()


# ---------------------------------------------------------------- who may be known

people = st.lists(
    st.tuples(st.sampled_from(["a01", "a02", "a03"]), st.sampled_from(["lurah", "camat", "bupati"]),
              st.sampled_from(["Utara", "Selatan", "Timur"])),
    min_size=SMALLEST, max_size=60,
)  # fmt: skip


@given(people, st.sets(st.sampled_from(["a01", "a02", "a03"]), min_size=1))
def test_of_nobody_is_said_what_fewer_than_four_others_share(rows, cohorts):
    everybody = [
        Participant(
            id=f"p{n:03}", name="N", role=role, region=region, cohort=cohort, superior="p000"
        )
        for n, (cohort, role, region) in enumerate(rows)
    ]
    try:
        shown = pseudonym.disguised(everybody, cohorts, SECRET)
    except CourseError:
        sizes = Counter(person.cohort for person in everybody)
        together = hidden(sizes)
        assert sum(sizes[it] for it in cohorts) < SMALLEST or (
            together & cohorts and together - cohorts
        )
        return
    assert set(shown) == {person.id for person in everybody if person.cohort in cohorts}
    for level in (("cohort",), ("cohort", "role"), ("cohort", "role", "region")):
        classes = Counter(tuple(getattr(it, field) for field in level) for it in shown.values())
        assert all(count >= SMALLEST for count in classes.values())
    for person in everybody:
        if person.id in shown:
            it = shown[person.id]
            assert (it.cohort in ("", person.cohort), it.role in ("", person.role)) == (True, True)
            assert (it.name, it.superior, it.zone) == ("", "", "")


def test_few_people_are_not_exported_under_pseudonyms():
    four = [
        Participant(id=f"p{n}", name="", role="lurah", region="U", cohort="a01") for n in range(4)
    ]
    many = [replace(it, id=f"q{n}{it.id}", cohort="a02") for n in range(3) for it in four]
    with pytest.raises(CourseError, match=r"^An export of 4 people gives them away"):
        pseudonym.disguised([*four, *many], ["a01"], SECRET)
    with pytest.raises(CourseError, match=r"^Cohort a02 would show by subtraction who is in a01"):
        pseudonym.disguised([*four, *many], ["a02"], SECRET)
    assert len(pseudonym.disguised([*four, *many], ["a01", "a02"], SECRET)) == 16


def test_an_exercise_for_one_office_does_not_give_away_who_holds_it(invent):
    made = invent(people=30, cohorts=1).everybody(absent=0)
    facts = made.snapshot()
    chief = made.people[0]
    played = Play(participant=chief.id, module="m5", exercise="lapor", finished=True,
                  form="lapor-walikota", items={"s1": 1.0}, ending="baik", minutes=3.0)  # fmt: skip
    deal = Deal(participant=chief.id, module="m5", exercise="lapor-walikota", variant="a", agreed=True,
                zone=True, within=True, own=0.5, other=0.5, left=0)  # fmt: skip
    facts = replace(facts, plays=(*facts.plays, played), deals=(*facts.deals, deal))
    shown = {it.id: replace(it, id=f"P{n}", role="" if it is chief else it.role)
             for n, it in enumerate(facts.people)}  # fmt: skip
    office = {"lapor-walikota"}
    told = frames(pseudonym.retold(facts, shown, office), facts)
    assert not any("walikota" in frame.drop(columns="role", errors="ignore").to_csv()
                   for frame in told.values())  # fmt: skip
    mine = told["plays"][told["plays"]["exercise"] == "lapor"]
    assert mine[["form", "ending", "minutes"]].values.tolist() == [["lapor", "", 3.0]]
    assert "lapor" not in set(told["responses"]["exercise"])
    assert played not in [play for play, _ in pseudonym.open_plays(facts, shown, office)]
    assert "lapor-walikota" in set(frames(facts)["responses"]["form"])


def test_an_evaluation_is_nobodys(invent):
    made = invent(people=6, cohorts=1)
    made.play(made.people[0], "m5", "evaluasi-akhir", 3)
    told = frames(made.snapshot())
    assert told["plays"].empty
    assert told["responses"].empty
    assert (
        list(pseudonym.open_plays(made.snapshot(), {made.people[0].id: made.people[0]}, ())) == []
    )


# ---------------------------------------------------------------- what an event may say


def event(who="participant", act="cell", **data):
    return Event(
        n=1, id="e", at="", who=who, act=act, data=data, exercise="x", version=1, attempt=1
    )


@pytest.mark.parametrize(
    ("it", "told", "withheld"),
    [
        (event(item="s1", chosen=["b", "c"]), '{"chosen":["b","c"],"item":"s1"}', 0),
        (event(field="nama", value="budi"), '{"field":"nama","value":null}', 1),
        (event(field="nama", value="Tim Inti"), '{"field":"nama","value":"Tim Inti"}', 0),
        (event(value="2026-07-15", n=3, ok=True), '{"n":3,"ok":true,"value":"2026-07-15"}', 0),
        (event(strategy="monitor", why="Saya yakin"), '{"strategy":"monitor","why":null}', 1),
        (event(deep={"Budi Santoso": [1, {"text": "rahasia"}]}), '{"deep":{}}', 1),
        (event(who="counterpart", act="reply", re="moved", lines=["Baik."]), '{"lines":[null],"re":"moved"}', 1),
        (event(who="counterpart", act="debrief", headline="x", best=[1]), "{}", 2),
    ],
)  # fmt: skip
def test_an_event_tells_choices_and_numbers_and_counts_the_rest(it, told, withheld):
    assert events.told(it, {"Tim Inti"}, texts=False) == (told, withheld)


@pytest.mark.parametrize("text", ["a;=cmd|x", "b, @SUM(1)", "c;-x", "d\t+1"])
def test_no_part_of_a_text_becomes_a_formula_where_fields_are_separated_otherwise(text):
    found, _ = events.told(event(text=text), (), texts=True)
    assert json.loads(found) == {"text": text}
    assert not re.search(r"[;,\t]\s*[=+@-]", found)


def test_with_texts_only_the_participants_own_words_come_along():
    assert events.told(event(text=WORDS), (), texts=True) == (
        json.dumps({"text": WORDS}, separators=(",", ":")),
        0,
    )
    assert events.told(event(who="counterpart", text=WORDS), (), texts=True) == ('{"text":null}', 1)
    assert events.told(event(text=WORDS), None, texts=True) == ("{}", 1)
    assert events.told(event(act="debrief", text=WORDS), (), texts=True) == ("{}", 1)


# ---------------------------------------------------------------- the folder


def fill(folder, text="1"):
    with whole(folder) as inside:
        (inside / "csv").mkdir()
        (inside / "csv" / "a.csv").write_text(text, "utf-8")


def test_an_earlier_export_is_replaced_and_nothing_else_ever(tmp_path):
    target = tmp_path / "deep" / "out"
    fill(target)
    fill(target, "2")
    assert (target / "csv" / "a.csv").read_text("utf-8") == "2"
    (target / "csv" / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(
        CourseError, match=r"did not write, or what was changed since: csv/notes.txt\."
    ):
        fill(target)
    (target / "csv" / "notes.txt").unlink()
    (target / "csv" / "a.csv").write_text("3", "utf-8")
    with pytest.raises(
        CourseError, match=r"changed since: csv/a.csv\. Name another folder with --to"
    ):
        fill(target)
    assert names(target.parent) == ["out"]


def test_a_folder_or_file_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("x", "utf-8")
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match=r"thesis\.docx"):
        fill(tmp_path / "mine")
    for name in ("file", "link"):
        with pytest.raises(CourseError, match=f"{name} is no folder"):
            fill(tmp_path / name)
    fill(tmp_path / "empty")
    assert names(tmp_path / "empty") == ["csv", "export.json"]


@pytest.mark.parametrize("before", [True, False])
def test_after_ctrl_c_everything_is_as_it_was(tmp_path, before):
    if before:
        fill(tmp_path / "out", "old")
    with pytest.raises(KeyboardInterrupt), whole(tmp_path / "out") as inside:
        (inside / "half").write_text("x", "utf-8")
        raise KeyboardInterrupt
    assert names(tmp_path) == (["out"] if before else [])
    if before:
        assert (tmp_path / "out" / "csv" / "a.csv").read_text("utf-8") == "old"


@contextmanager
def full_disk(limit):
    """No file may grow beyond ``limit`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_nothing_is_left_and_the_message_says_so(course, tmp_path):
    course.secret()
    place = tmp_path / "place"
    with (
        pytest.raises(
            CourseError, match=r"out was not written: File too large\. Nothing was changed"
        ),
        full_disk(4096),
    ):
        export(course, place / "out", ["csv", "json"])
    assert names(place) == []


def test_an_export_lies_nowhere_that_participants_read(course):
    with pytest.raises(CourseError, match=r"lies in course/exchange, which is not for data"):
        export(course, course.exchange / "out")


def test_what_is_not_there_is_named_with_what_there_is(course, tmp_path):
    with pytest.raises(
        CourseError, match=r"^No format pdf\. There are: csv, csv-semicolon, xlsx, json, parquet\.$"
    ):
        export(course, tmp_path / "out", ["pdf"])
    with pytest.raises(CourseError, match=r"^No cohort a09 in the programme\. It has: a01, a02\.$"):
        export(course, tmp_path / "out", cohorts=["a09"])
    assert not (tmp_path / "out").exists()


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CourseError, match=r"^Parquet needs the package pyarrow.*pamong\[parquet\]"):
        writer("parquet", tmp_path)


def test_the_command_says_how_much_it_wrote_and_what_is_withheld(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    app(["--to", "out", "--format", "xlsx", "--format", "parquet"], standalone_mode=False)
    told = capsys.readouterr().out.splitlines()
    assert "participants          8 rows" in told
    assert told[-1] == "out"
    assert any(
        line.startswith("Names and ids are disguised, but this is no anonymous data")
        for line in told
    )
    assert names(course.root / "out") == ["export.json", "parquet", "xlsx"]
    book = openpyxl.load_workbook(course.root / "out" / "xlsx" / WORKBOOK, read_only=True)
    assert book.sheetnames == ["about", "dictionary", *(table.name for table in TABLES)]
