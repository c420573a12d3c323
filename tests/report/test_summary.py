"""What the sections say, and that they say something in every state a course can be in."""

import dataclasses
import re

import numpy as np
import pytest

from pamong.errors import CourseError
from pamong.reports import statistics, summary
from pamong.reports.contacts import contacts
from pamong.reports.everybody import programme
from pamong.reports.markup import Html, Table, number, percent
from pamong.reports.standing import Standing
from pamong.reports.summary.findings import findings


def standing(facts, cohort="a03", edition="facilitator"):
    return Standing(whole=facts, cohort=cohort, edition=edition)


def headings(place):
    whole = "".join(section(place) for section in summary.SECTIONS)
    return re.findall(r"<h2>(.*?)</h2>", whole)


def texts(place):
    return re.sub(r"<[^>]+>", " ", "".join(section(place) for section in summary.SECTIONS))


def test_a_course_before_the_first_submission_says_so(invent):
    assert headings(standing(invent().snapshot())) == [
        "Untuk rapat evaluasi",
        "Belum ada peserta yang mengumpulkan",
        "Tidak ada peserta yang perlu dihubungi",
        "Belum ada nilai",
        "Batas kualifikasi belum dapat diperiksa",
        "Kenaikan pengetahuan belum dapat dihitung",
        "Belum ada angkatan lain untuk dibandingkan",
        "Belum ada butir tes yang dijawab",
        "Pengecoh belum dapat dinilai",
        "Belum ada butir yang dapat dibandingkan antarangkatan",
        "Belum ada perundingan yang selesai",
        "Belum ada kasus bercabang yang selesai",
        "Mutu rencana dan pemetaan pihak belum dapat dilihat",
        "Waktu kerja belum diketahui",
        "Penyelesaian merata di semua wilayah",
        "Evaluasi fasilitator dan penyelenggara tidak diadakan",
        "Kelulusan belum dapat diusulkan",
        "Catatan metode",
    ]
    (finding,) = findings(standing(invent().snapshot()))
    assert finding.title == "Belum ada jawaban yang dikumpulkan."


def test_a_cohort_without_anybody_renders(invent):
    facts = invent().snapshot(people=())
    assert "Belum ada peserta terdaftar." in texts(standing(facts))


def test_one_participant_is_a_cohort_too(invent):
    facts = invent(people=1, cohorts=1).everybody(absent=0).snapshot()
    found = headings(standing(facts, "a01"))
    assert found[1] == "Satu-satunya peserta mengumpulkan Negosiasi dan Mediasi"
    assert "Kenaikan pengetahuan belum dapat dihitung" in found
    assert "Belum cukup jawaban untuk menilai butir" in found


def test_submissions_without_any_grade_are_called_ungraded(invent):
    facts = invent().everybody(absent=0).snapshot(grades=())
    place = standing(facts)
    assert "Belum ada nilai" in headings(place)
    assert findings(place)[0].title == "20 kumpulan jawaban belum dinilai sama sekali."


def test_essays_that_wait_are_called_ungraded_and_do_not_count(invent):
    facts = invent().everybody(absent=0).snapshot()
    place = standing(facts)
    assert "20 jawaban belum dinilai dan tidak dihitung." in texts(place)
    assert "belum dinilai: 160" in texts(place)
    assert "rata-rata nilai sementara" in texts(place)
    # 90 of 100 points are decided: the percentage is over those.
    first = facts.people[0].id
    decided = sum(g.score for g in facts.grades if g.participant == first and not g.pending)
    assert programme(facts).final[0] == pytest.approx(100 * decided / 90)


def test_a_cell_with_waiting_marks_is_not_compared_with_the_others(invent):
    """The known marks of such a cell are the zeros of those who wrote nothing."""
    made = invent().everybody(absent=0)
    waiting = [
        dataclasses.replace(grade, pending=False, score=0.0)
        if grade.cell == "esai" and grade.participant in {"p002", "p010"}
        else grade
        for grade in made.grades
    ]
    place = standing(made.snapshot(grades=tuple(waiting)))
    assert "Refleksi" not in " ".join([*headings(place), *(it.title for it in findings(place))])
    assert ("m5", "esai") not in place.all.components


def test_a_course_where_everything_is_right_has_no_gain_to_measure(invent):
    made = invent().everybody(absent=0)
    ones = [dataclasses.replace(play, items=dict.fromkeys(play.items, 1.0)) for play in made.plays]
    facts = made.snapshot(plays=tuple(ones))
    found = headings(standing(facts))
    assert "Tes awal sudah dijawab penuh, jadi kenaikan tidak dapat diukur" in found
    assert "0 dari 16 butir sehat; 16 perlu diperiksa" in found


def test_a_missing_pretest_leaves_the_gain_open(invent):
    facts = invent().everybody(pretest=False).snapshot()
    place = standing(facts)
    assert "Kenaikan pengetahuan belum dapat dihitung" in headings(place)
    assert "sejauh ini 0 orang" in texts(place)


def test_headings_state_what_was_computed(invent):
    facts = invent().everybody(absent=0.2).snapshot()
    place = standing(facts)
    done = sum(it.participant in {p.id for p in place.people} for it in facts.submissions)
    agreed = [deal for deal in place.deals if deal.agreed]
    left = np.mean([deal.left for deal in agreed])
    found = headings(place)
    assert found[1] == f"{done} dari 20 peserta mengumpulkan Negosiasi dan Mediasi"
    gain = place.gain
    assert found[5] == (
        f"Pengetahuan naik {number(100 * (gain.after - gain.before), 0)} poin; "
        f"gain {number(gain.gain, 2)} tergolong sedang"
    )
    assert found[10] == (
        f"{len(agreed)} dari {done} perundingan sepakat; "
        f"rata-rata {number(left, 0)} poin tertinggal di meja"
    )


def test_several_modules_are_compared_by_module(invent):
    facts = invent(modules=("m1", "m5", "m6")).everybody(absent=0).snapshot()
    found = headings(standing(facts))
    assert found[1] == "Semua 20 peserta mengumpulkan 3 modul yang berjalan"
    assert "M5 · Tes akhir, butir s1" in texts(standing(facts))


def test_a_weak_cohort_is_found_and_only_that_one(invent):
    facts = invent(people=317).everybody(weak="a03").snapshot()
    titles = {
        cohort: [found.title for found in findings(standing(facts, cohort))]
        for cohort, _ in facts.cohorts
    }
    weak = "Kenaikan pengetahuan di bawah angkatan lain."
    assert [cohort for cohort, found in titles.items() if weak in found] == ["a03"]


def test_a_reversed_key_is_found_and_named(invent):
    made = invent(people=317).everybody()
    turned = [
        dataclasses.replace(play, items=play.items | {"s4": 1 - play.items["s4"]})
        if play.exercise == "postes"
        else play
        for play in made.plays
    ]
    place = standing(made.snapshot(plays=tuple(turned)))
    (found,) = [item for item in place.all.items if item.flag]
    assert (found.exercise, found.id, found.flag) == ("postes", "s4", "negative")
    assert "Periksa kunci butir s4 pada “Tes akhir”." in [it.title for it in findings(place)]
    assert "15 dari 16 butir sehat; 1 perlu diperiksa" in headings(place)


def test_guessed_easy_and_hard_items_get_their_own_advice(invent):
    made = invent(people=317).everybody()
    rng = np.random.default_rng(3)

    def seeded(play):
        if play.exercise != "postes":
            return play
        defects = {"s1": float(rng.random() < 0.5), "s2": 1.0, "s3": 0.0}
        return dataclasses.replace(play, items=play.items | defects)

    facts = made.snapshot(plays=tuple(map(seeded, made.plays)))
    flags = {item.id: item.flag for item in programme(facts).items if item.exercise == "postes"}
    assert [flags[item] for item in ("s1", "s2", "s3", "s5")] == ["weak", "easy", "hard", ""]


def test_healthy_items_are_left_alone(invent):
    facts = invent(people=317, seed=5).everybody().snapshot()
    assert [item.id for item in programme(facts).items if item.flag] == []


def test_the_list_of_contacts_gives_each_reason(invent):
    facts = invent().everybody(absent=0.3).snapshot()
    found = contacts(standing(facts))
    submitted = {it.participant for it in facts.submissions}
    absent = [c for c in found if c.person.id not in submitted]
    assert absent
    assert {(r.text, r.urgent) for c in absent for r in c.reasons} == {("belum mengumpulkan", True)}
    assert {c.step for c in absent} == {"missing"}


def test_somebody_who_handed_in_half_of_it_is_called_for_the_other_half(invent):
    made = invent().everybody(absent=0)
    half = [
        dataclasses.replace(play, finished=False, items={})
        if play.participant == "p002" and play.exercise in {"sikap", "postes", "pretes"}
        else play
        for play in made.plays
    ]
    found = contacts(standing(made.snapshot(plays=tuple(half))))
    (contact,) = [it for it in found if it.person.id == "p002"]
    assert contact.reasons[0].text == "2 latihan belum tuntas"
    assert (contact.urgent, contact.step) == (True, "missing")


def test_nobody_is_called_before_the_deadline(invent):
    made = invent().everybody(absent=0.3)
    facts = made.snapshot()
    later = tuple(
        dataclasses.replace(module, due="2026-12-31T16:59:00+00:00") for module in facts.modules
    )
    found = contacts(standing(made.snapshot(modules=later)))
    assert not [reason for c in found for reason in c.reasons if reason.step == "missing"]


def test_the_leadership_edition_names_nobody(invent):
    facts = invent().everybody(absent=0.1).snapshot()
    words = texts(standing(facts, edition="leadership"))
    assert "Peserta Contoh" not in words
    assert "lurah" not in words
    assert "Jumlah yang mengumpulkan dari 20 peserta disamarkan" in words


@pytest.mark.parametrize("people", [1, 3, 4])
def test_the_leadership_edition_of_a_tiny_cohort_tells_no_marks(invent, people):
    facts = invent(people=people, cohorts=1).everybody(absent=0).snapshot()
    place = standing(facts, "a01", "leadership")
    assert place.values(place.all.final)[0].size == 0
    assert "Kurang dari lima perundingan" in texts(place)


def test_small_regions_are_masked_together_with_the_next_one(invent):
    facts = invent(people=317).everybody().snapshot()
    mine = [p for p in facts.people if p.cohort == "a03"]
    moved = {p.id: "Kabupaten Rekaan" if n < 2 else "Kota Contoh" for n, p in enumerate(mine)}
    people = tuple(dataclasses.replace(p, region=moved.get(p.id, p.region)) for p in facts.people)
    words = summary.groups(standing(invent(people=317).everybody().snapshot(people=people)))
    # The small one and the next, in two columns each.
    assert words.count("disamarkan</td>") == 4


def test_what_people_wrote_is_shown_as_text(invent):
    facts = invent().everybody(absent=0.5).snapshot()
    nasty = tuple(
        dataclasses.replace(p, name="<script>alert(1)</script>", region='"><img src=x>')
        for p in facts.people
    )
    whole = "".join(
        section(standing(invent().everybody(absent=0.5).snapshot(people=nasty)))
        for section in summary.SECTIONS
    )
    assert "<script" not in whole
    assert "<img" not in whole
    assert "&lt;script&gt;" in whole


def test_ids_are_unique_on_a_page_and_the_same_in_every_run(invent):
    place = standing(invent().everybody().snapshot())
    again = standing(invent().everybody().snapshot())
    whole, repeated = (
        "".join(section(it) for section in summary.SECTIONS) for it in (place, again)
    )
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    assert whole == repeated
    assert all(f'id="{name}"' in whole for name in re.findall(r'(?:href="#|url\(#)([^")]+)', whole))


def test_every_chart_states_its_values_in_words(invent):
    whole = "".join(
        section(standing(invent().everybody().snapshot())) for section in summary.SECTIONS
    )
    assert whole.count("<svg role=") == whole.count("<title id=") + whole.count(
        '<svg role="img" aria-label='
    )
    assert "Sebaran nilai, satu titik satu peserta. Median: Nilai modul" in whole


def test_an_unknown_cohort_is_refused_with_the_ones_there_are(invent):
    with pytest.raises(CourseError, match=r"^No cohort 'x' in the programme\. It has: a01, a02\.$"):
        standing(invent(cohorts=2).snapshot(), "x")


def test_participants_words_are_kept_out_of_the_leadership_edition_and_jargon_out_of_both(invent):
    for edition in ("facilitator", "leadership"):
        words = texts(standing(invent().everybody().snapshot(), edition=edition)).lower()
        assert not re.search(r"\b(pareto|nash|batna|traceback|nan|none)\b", words)


def test_numbers_are_written_the_indonesian_way():
    assert [number(-0.324, 2), number(78.06), number(-0.04), number(float("nan"))] == [
        "−0,32",
        "78,1",
        "0,0",
        "–",
    ]
    assert percent(0.875, 1) == "87,5%"


def test_only_markup_goes_unescaped_into_a_table():
    html = Table(("A & B", "C"), [("<b>", Html("<b>"))]).html()
    assert html.count("<b>") == 1
    assert "A &amp; B" in html


def test_the_share_of_points_counts_only_what_is_decided(invent):
    facts = invent(people=8, cohorts=1).everybody(absent=0, essay="marked").snapshot()
    place = standing(facts, "a01")
    assert place.pending == 0
    assert not np.isnan(place.all.final).any()
    reliability, error = place.all.reliability
    weights = np.array([40, 30, 20, 10]) / 100
    cells = np.array(
        [place.all.cells["m5", cell] for cell in ("relokasi", "sikap", "postes", "esai")]
    )
    assert reliability == pytest.approx(statistics.alpha(cells.T * weights))
    assert error == pytest.approx((cells.T @ weights).std(ddof=1) * np.sqrt(1 - reliability))
