"""The summary says something true in every state that a course can be in, however large."""

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pamong.catalogue import messages
from pamong.reports import paper, summary
from pamong.reports.everybody import programme
from pamong.reports.facts import Opinion
from pamong.reports.standing import Standing

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 12, 12, 3, 30, tzinfo=UTC)


def page(facts, cohort="a03", edition="facilitator", module=""):
    place = Standing(whole=facts, cohort=cohort, edition=edition, module=module)
    return {section.__name__: section(place) for section in summary.SECTIONS}


def heading(html):
    return re.search(r"<h2>(.*?)</h2>", html)[1]


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def everything(made):
    return made.everybody(absent=0.1, essay="marked").cases().evaluate().snapshot()


def alike(invent, ability):
    """Forty-eight people who all know everything, or nothing."""
    made = invent(people=48, cohorts=4)
    made.ability = dict.fromkeys(made.ability, ability)
    return everything(made)


STATES = {
    "nobody": lambda invent: invent().snapshot(people=()),
    "nothing": lambda invent: invent().snapshot(),
    "one person": lambda invent: everything(invent(people=1, cohorts=1)),
    "one cohort": lambda invent: everything(invent(people=30, cohorts=1)),
    "no first test": lambda invent: (
        invent(people=48, cohorts=4).everybody(pretest=False).cases().snapshot()
    ),
    "all perfect": lambda invent: alike(invent, 50.0),
    "all zero": lambda invent: alike(invent, -50.0),
    "unmarked": lambda invent: invent(people=48, cohorts=4).everybody().cases().snapshot(),
    "ungraded": lambda invent: invent(people=48, cohorts=4).everybody().snapshot(grades=()),
    "several modules": lambda invent: everything(
        invent(people=48, cohorts=4, modules=("m1", "m5", "m6"))
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_every_section_of_every_edition_can_be_read_and_printed(invent, state):
    facts = STATES[state](invent)
    for edition in ("facilitator", "leadership"):
        for cohort in (facts.cohorts[0][0], ""):
            for module in ("", facts.modules[-1].id):
                made = page(facts, cohort, edition, module)
                whole = "".join(made.values())
                assert not re.search(r"\bnan\b|\{[a-z]+\}|None|Traceback", text(whole))
                ids = re.findall(r' id="([^"]+)"', whole)
                assert len(ids) == len(set(ids))
                if not module and (edition == "facilitator") == bool(cohort):
                    assert printed(made).startswith(b"%PDF-")


def printed(made):
    shown = [html._repr_html_() for html in made.values()]
    return paper.pdf(paper.content(shown, "Ringkasan", "Kaki"), REPOSITORY, NOW)


def test_every_graph_states_its_values_and_has_them_in_a_table(invent):
    for name, html in page(everything(invent())).items():
        if name == "people" or "<svg" not in html:
            continue
        assert re.search(r"<title[^>]*>[^<]*\d", html) or name == "distractors"
        assert "<table" in html


def test_all_perfect_and_all_zero_are_told_as_they_are(invent):
    perfect, zero = (page(STATES[it](invent), "a02") for it in ("all perfect", "all zero"))
    assert (
        heading(perfect["gain"]) == "Tes awal sudah dijawab penuh, jadi kenaikan tidak dapat diukur"
    )
    assert heading(zero["gain"]) == "Pengetahuan tidak berubah dari tes awal ke tes akhir"
    assert "Hampir semua benar" in perfect["items"]
    assert "Di bawah 20%" in zero["items"]


def test_essays_without_a_mark_keep_their_owners_waiting_and_not_failing(invent):
    facts = invent(people=48, cohorts=4).everybody(absent=0).snapshot()
    closing = text(page(facts, "a02")["eligibility"])
    assert heading(page(facts, "a02")["eligibility"]) == "0 dari 12 peserta layak diusulkan"
    assert "belum dinilai 12 ada jawaban yang masih menunggu penilai" in closing


def test_a_mark_of_one_module_of_two_is_called_a_part(invent):
    facts = invent(people=24, cohorts=2, modules=("m1", "m5")).everybody(absent=0, essay="marked")
    facts.grades = [it for it in facts.grades if it.module == "m1"]
    here = tuple(it for it in facts.submissions if it.module == "m1")
    for edition in ("facilitator", "leadership"):
        made = page(facts.snapshot(submissions=here), "a02", edition)
        told = text(made["eligibility"])
        assert "Belum jatuh tempo: Negosiasi dan Mediasi." in told
        assert "rata-rata nilai sementara" in made["key_numbers"]
        if edition == "facilitator":
            assert heading(made["eligibility"]).startswith("Sejauh ini ")
            assert "layak diusulkan, baru sebagian" in text(made["record"])
            assert re.search(r"\d,\d\d \(sementara\)", text(made["record"]))


def test_a_module_without_marks_is_named_and_keeps_nobody_waiting(invent):
    made = invent(people=24, cohorts=2, modules=("m1", "m5")).everybody(absent=0, essay="marked")
    made.grades = [it for it in made.grades if it.module == "m5"]
    facts = made.snapshot()
    bare = dataclasses.replace(facts.modules[0], cells=(), graded=False)
    shown = page(dataclasses.replace(facts, modules=(bare, facts.modules[1])), "a02")
    assert "belum dinilai 0 ada" in text(shown["eligibility"])
    assert "Tidak masuk nilai akhir: Komunikasi dan Kolaborasi." in text(shown["eligibility"])
    assert "belum dinilai sama sekali" not in text(shown["meeting"])


def test_one_person_is_never_called_all_of_them(invent):
    facts = invent(people=1, cohorts=1, modules=("m1", "m5")).everybody(absent=0).snapshot()
    words = text("".join(page(facts, "a01").values()))
    assert "Satu-satunya peserta mengumpulkan 2 modul yang berjalan" in words
    assert "Semua 1" not in words


def test_remarks_stand_under_their_questions_and_every_question_has_its_turn(invent):
    made = invent(people=40, cohorts=1).everybody(absent=0).evaluate()
    more = [dataclasses.replace(it, question="Yang paling berguna", answer=f"Bagian {n}")
            for n, it in enumerate(made.opinions) if it.place < 0]  # fmt: skip
    shown = page(made.snapshot(opinions=(*made.opinions, *more)), "a01")["evaluation"]
    quoted = re.findall(r'<p class="asked">(.*?)</p><ul class="voices">(.*?)</ul>', shown)
    assert [(question, its.count("<li>")) for question, its in quoted] == [
        ("Saran", 6),
        ("Yang paling berguna", 6),
    ]
    assert "Tanggapan bebas (12 dari 80)" in shown


def test_the_programme_as_a_whole_has_a_summary_of_its_own(invent):
    facts = everything(invent())
    made = page(facts, "")
    assert "Ringkasan seluruh angkatan" in made["header"]
    assert "160 peserta" in text(made["header"])
    assert made["record"] == ""
    done = len({it.participant for it in facts.submissions})
    assert (
        heading(made["completion"]) == f"{done} dari 160 peserta mengumpulkan Negosiasi dan Mediasi"
    )


def test_a_module_has_a_summary_of_its_own(invent):
    facts = everything(invent(modules=("m1", "m5", "m6")))
    made = page(facts, "a03", module="m6")
    assert "Integritas dan Pelayanan" in made["header"]
    words = text("".join(made.values()))
    assert "Komunikasi dan Kolaborasi" not in words
    handed_in = sum(it.module == "m6" and it.participant in {p.id for p in facts.people
                    if p.cohort == "a03"} for it in facts.submissions)  # fmt: skip
    assert heading(made["completion"]).startswith(f"{handed_in} dari 20 peserta mengumpulkan")


def test_paths_tell_what_was_decided_and_where_it_led(invent):
    made = everything(invent())
    mine = {person.id for person in made.people if person.cohort == "a03"}
    ended = [it for it in made.plays if it.exercise == "kasus" and it.participant in mine]
    bad = sum(it.ending == "buruk" for it in ended)
    html = page(made)["paths"]
    assert heading(html) in {
        f"Malam banjir: {bad} dari {len(ended)} berakhir pada “Meluap”",
        f"Malam banjir: {len(ended) - bad} dari {len(ended)} berakhir pada “Surut”",
    }
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    waited = next(text(row) for row in rows if "Tunggu" in row)
    assert f" {bad} " in waited


def test_the_weakest_part_of_plans_is_the_heading(invent):
    html = page(everything(invent()))["quality"]
    assert heading(html).startswith("Paling lemah: Peran pada “Rencana aksi” (2")


def test_time_is_compared_with_what_was_planned(invent):
    made = page(everything(invent()))["time"]
    assert heading(made) == "“Malam banjir” memakan waktu lebih lama dari rencana (1 dari 5)"
    assert "Malam banjir 20, rencana 10" in made


def test_an_evaluation_is_anonymous_and_told_of_five_and_more_only(invent):
    made = page(everything(invent()))
    assert heading(made["evaluation"]).startswith("Paling rendah dalam evaluasi: “Ruang nyaman” (")
    assert "Saran &lt;b&gt;" in made["evaluation"]
    assert "Peserta Contoh" not in made["evaluation"]
    leadership = page(everything(invent()), edition="leadership")["evaluation"]
    assert "Saran" not in leadership
    few = everything(invent(people=32, cohorts=8))
    assert heading(page(few)["evaluation"]) == "Evaluasi penyelenggaraan: belum cukup jawaban"
    assert "Saran" not in page(few)["evaluation"]


def test_the_same_question_of_two_modules_keeps_two_answers(invent):
    made = invent(people=40, cohorts=2, modules=("m1", "m5")).everybody(absent=0)
    facts = made.snapshot(
        opinions=tuple(
            Opinion(module=module, cohort="a01", group="Umum", question="Ruang nyaman",
                    answer=str(place + 1), place=place, offered=5)
            for module, place in (("m1", 0), ("m5", 4))
            for _ in range(8)
        )
    )  # fmt: skip
    html = page(facts, "a01")["evaluation"]
    assert heading(html) == "Paling rendah dalam evaluasi: “M1 · Ruang nyaman” (1,0)"
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?>Umum<.*?class="right">(.*?)<', html)
    assert rows == [("M1 · Ruang nyaman", "1,0"), ("M5 · Ruang nyaman", "5,0")]


def test_a_cohort_that_few_have_judged_is_not_found_from_all_the_others(invent):
    made = invent().everybody(absent=0).evaluate()
    few = [it for n, it in enumerate(made.opinions) if it.cohort != "a01" or n < 9]
    facts = made.snapshot(opinions=tuple(few))
    assert heading(page(facts, "")["evaluation"]) == "Evaluasi penyelenggaraan: belum cukup jawaban"
    assert heading(page(facts, "a02")["evaluation"]).startswith("Paling rendah")


def test_the_record_lists_everybody_once_with_a_qualification_or_a_reason(invent):
    facts = everything(invent())
    html = page(facts)["record"]
    mine = sorted(person.name for person in facts.people if person.cohort == "a03")
    assert [name for _, name in re.findall(r"(\d+)\. (Peserta Contoh \d+)<", html)] == mine
    everybody = programme(facts)
    row = next(row for row, it in enumerate(facts.people) if it.cohort == "a03")
    status = {"eligible": "layak diusulkan", "remedial": "remedial", "postponed": "ditunda"}
    line = next(
        it for it in re.findall(r"<tr>.*?</tr>", html) if f" {facts.people[row].name}<" in it
    )
    assert status[str(everybody.verdicts.statuses[row])] in line


def test_no_mark_is_told_by_office(invent):
    facts = everything(invent())
    html = page(facts)["groups"]
    offices = html[html.index("Menurut jabatan") :]
    assert "Rata-rata" not in offices
    assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', offices) == [
        "Jabatan", "Peserta", "Mengumpulkan semua", "Porsi",
    ]  # fmt: skip


def test_forty_cohorts_are_compared_at_once(invent):
    facts = invent(people=400, cohorts=40).everybody().snapshot()
    made = page(facts, "a40")
    assert printed(made).startswith(b"%PDF-")
    assert made["cohorts"].count("</tr>") == 41
    assert "Angkatan 40" in made["cohorts"]


def test_five_thousand_people_fit_into_one_page(invent):
    facts = invent(people=5000, cohorts=40).everybody(essay="marked").snapshot()
    for edition in ("facilitator", "leadership"):
        made = page(facts, "", edition)
        assert len(printed(made)) < 2_000_000
        whole = "".join(made.values())
        assert len(whole) < 1_500_000
        assert "5000 peserta" in whole


def test_all_texts_of_the_reports_are_used():
    """A text stands in the code by its name, or by the beginning of it before a computed end."""
    folder = Path(summary.__file__).parents[1]
    code = "".join(path.read_text("utf-8") for path in folder.rglob("*.py")).replace("'", '"')
    unused = [
        key
        for key in messages("report").entries
        if f'"{key}"' not in code and not used_by_its_beginning(key, code)
    ]
    assert unused == []


def used_by_its_beginning(key, code):
    parts = key.split(".")
    key = key.removesuffix(".text")
    return f'"{key}"' in code or any(
        f'"{".".join(parts[:n])}.{{' in code for n in range(1, len(parts))
    )


def test_qualifications_are_cut_at_two_decimals(invent):
    made = invent(people=8, cohorts=1).everybody(absent=0, essay="marked")
    facts = made.snapshot()
    points = {"relokasi": 40.0, "sikap": 30.0, "postes": 20.0}
    for total, label in ((80.006, "Memuaskan"), (80.004, "Cukup Memuaskan")):
        grades = tuple(
            dataclasses.replace(it, score=points.get(it.cell, total - 90 + 10.0 * 0))
            if it.participant == "p000" and it.cell != "esai"
            else dataclasses.replace(it, score=0.0)
            if it.participant == "p000"
            else it
            for it in facts.grades
        )
        grades = tuple(
            dataclasses.replace(it, score=total - 50.0) if it.participant == "p000"
            and it.cell == "relokasi" else it
            for it in grades
        )  # fmt: skip
        html = page(dataclasses.replace(facts, grades=grades), "a01")["record"]
        line = next(it for it in re.findall(r"<tr>.*?</tr>", html) if "Peserta Contoh 0<" in it)
        assert f">{label}<" in line


def test_people_within_the_error_of_a_limit_are_counted(invent):
    facts = everything(invent())
    place = Standing(whole=facts, cohort="a03")
    values = place.all.final[place.here]
    values = values[~np.isnan(values)]
    _, error = place.all.reliability
    near = int((np.abs(values - 70) <= error).sum())
    html = summary.boundaries(place)
    assert heading(html) == f"{near} peserta berada dalam galat ukur dari batas 70"
    counts = re.findall(r'data-label="Peserta"[^>]*>(\d+)<', html)
    assert sum(map(int, counts)) == values.size
    assert next(int(it) for it in counts) == int((values >= 90.005).sum())


def test_a_cohort_with_lower_marks_is_named_and_the_others_are_not(invent):
    made = invent(people=160).everybody(absent=0, essay="marked")
    cohorts = {person.id: person.cohort for person in made.people}
    lower = tuple(
        dataclasses.replace(it, score=0.55 * it.score) if cohorts[it.participant] == "a05" else it
        for it in made.grades
    )
    html = page(made.snapshot(grades=lower), "a05")["cohorts"]
    assert heading(html) == "Angkatan 5 nyata di bawah rata-rata program"
    assert heading(page(made.snapshot(), "a05")["cohorts"]) == (
        "Tidak ada angkatan yang nyata berbeda; urutannya bukan peringkat"
    )


def test_the_questions_of_doubtful_items_are_quoted_with_their_options(invent):
    made = invent(people=317).everybody()
    turned = [
        dataclasses.replace(play, items=play.items | {"s4": 1 - play.items["s4"]})
        if play.exercise == "postes"
        else play
        for play in made.plays
    ]
    html = page(made.snapshot(plays=tuple(turned)))["distractors"]
    assert "Pertanyaan 4?" in html
    assert "Pilihan A" in html
    assert "Pertanyaan 5?" not in html


def test_a_leak_is_told_to_the_facilitator_with_what_to_do(invent):
    made = invent(people=317).everybody(absent=0)
    cohorts = {person.id: person.cohort for person in made.people}
    known = [
        dataclasses.replace(play, items=play.items | {"s2": 1.0})
        if play.exercise == "postes" and cohorts[play.participant] == "a06"
        else play
        for play in made.plays
    ]
    facts = made.snapshot(plays=tuple(known))
    assert heading(page(facts, "a06")["drift"]) == (
        "1 butir dijawab lebih baik daripada yang diharapkan di 1 angkatan"
    )
    assert "Jawabannya mungkin sudah beredar di Angkatan 6" in page(facts, "a06")["meeting"]
    assert "beredar" not in page(facts, "a01")["meeting"]
    assert page(facts, "a06", "leadership")["drift"] == ""
