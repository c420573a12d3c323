"""What a page shows of a released notebook, without running a line of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pamong.outline import Code, Law, Spot, Text, outline, uncounted
from pamong.place import Person, lot

LURAH, CAMAT = Person("p001", "lurah"), Person("p001", "camat")


def text(source: str, id: str = "t", **mark) -> dict:
    return {"cell_type": "markdown", "id": id, "metadata": {"pamong": mark}, "source": source}


def code(source: str, **metadata) -> dict:
    return {"cell_type": "code", "id": "c", "metadata": metadata, "source": source}


def pieces(*cells, person=LURAH, played=()):
    return outline({"nbformat": 4, "cells": list(cells)}, "m1", person, played)


def test_texts_exercises_and_legal_cards_come_in_the_order_of_the_notebook():
    found = pieces(
        text("# Judul", "a"),
        code('import pamong\n\nmodule = pamong.open_module("m1")'),
        code('module.exercise("kasus")'),
        code("module.legal()"),
    )
    assert found == (
        Text(part="", id="a", markdown="# Judul"),
        Spot(part="", exercise="kasus"),
        Law(part=""),
    )


def test_a_part_lasts_until_the_next_one_begins():
    found = pieces(
        text("Mula."),
        text("Sendiri.", part="mandiri"),
        code('module.exercise("a")'),
        text("Bersama.", part="kelas"),
        text("Lagi."),
    )
    assert [piece.part for piece in found] == ["", "mandiri", "mandiri", "kelas", "kelas"]


def test_an_unknown_part_begins_nothing():
    assert [piece.part for piece in pieces(text("A", part="mandiri"), text("B", part=7))] == [
        "mandiri",
        "mandiri",
    ]


def test_the_office_decides_and_what_has_been_played_stays():
    cell = code('module.exercise(module.by_role(lurah="a", camat="b"))')
    assert pieces(cell) == (Spot(part="", exercise="a"),)
    assert pieces(cell, person=CAMAT) == (Spot(part="", exercise="b"),)
    assert pieces(cell, person=CAMAT, played={"a"}) == (Spot(part="", exercise="a"),)


def test_the_lot_is_the_one_that_the_notebook_draws():
    cells = [code(f'module.exercise(module.by_lot("{x}", "{y}"))') for x, y in ("ab", "ba")]
    first = "ab"[lot("m1", "p001", 2)]
    assert [piece.exercise for piece in pieces(*cells)] == [first, {"a": "b", "b": "a"}[first]]


def test_a_place_worth_no_points_changes_no_grade_unless_another_does():
    def graded(source, points):
        return code(source, nbgrader={"grade": True, "grade_id": "x", "points": points})

    lots = [f'module.exercise(module.by_lot("{x}", "{y}"))' for x, y in ("ab", "ba")]
    first = "ab"[lot("m1", "p001", 2)]
    found = pieces(graded(lots[0], 0), code('module.exercise("c")'), graded(lots[1], 20))
    assert uncounted(found) == {first}
    assert uncounted([*found, Spot(part="", exercise=first)]) == frozenset()


def test_what_only_graders_or_markers_need_is_not_shown():
    essay = text("*Jawaban Anda tersimpan melalui formulir di atas.*")
    essay["metadata"]["nbgrader"] = {"solution": True, "grade": True}
    assert pieces(essay, text("   "), code('module.points("kasus", 20)')) == ()


def test_code_of_participants_is_said_to_need_a_kernel():
    answer = code("jawaban = ...", nbgrader={"solution": True})
    check = code("module.credit(1, 2)", pamong={"values": ["jawaban"]})
    assert pieces(answer, check) == (Code(part=""), Code(part=""))


@given(st.lists(st.text()))
def test_no_code_however_broken_stops_a_page(sources):
    assert all(isinstance(piece, Spot | Law) for piece in pieces(*map(code, sources)))
