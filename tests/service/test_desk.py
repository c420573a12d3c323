"""What staff see and do by clicking, and who may not."""

from __future__ import annotations

import re

import pytest

from pamong.catalogue import PACKAGE, messages
from pamong.service import audit, handover, login_cards, meetings, people, schedule
from pamong.service.desk.work import STEPS, Workshop
from pamong.service.progress import SMALLEST

START, MODULE = "pamong/staff/", "m0-contoh"


def lines(service, **wanted):
    with service.database.reading() as connection:
        return audit.read(connection, **wanted)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


@pytest.mark.parametrize(
    "page", ["", "people", "people/p001", "schedule", "meetings", "cards", "audit", "reports"]
)
def test_participants_and_strangers_see_no_page_of_staff(client, page):
    assert client.get(START + page).status == 403
    assert client.as_("nobody-known").get(START + page).status == 403
    assert client.as_("").get(START + page).status == 302


def test_leaders_see_sums_and_reports_and_nobody_by_name(client):
    leader = client.as_("g01")
    seen = leader.get(START)
    assert seen.status == 200
    assert "staff/work" not in seen.text
    assert "staff/people" not in seen.text
    for page in ("people", "people/p001", "schedule", "meetings", "cards", "audit"):
        assert leader.get(START + page).status == 403


def test_the_size_of_a_small_cohort_is_withheld_from_leaders_alone(service, client):
    cohort = next(it for it in service.course.programme.cohorts if it.id == "a01")
    with service.database.writing() as connection:
        here = len(people.listing(connection, cohort="a01"))
        for size in range(here, SMALLEST - 1):
            fresh = people.Person(id=f"x{size}", name="X", role="peserta", cohort="a01")
            people.add(connection, fresh)
    told = f"{cohort.title} {SMALLEST - 1} peserta"
    assert told in text(client.as_("w01").get(START))
    assert f"{cohort.title} disamarkan" in text(client.as_("g01").get(START))
    with service.database.writing() as connection:
        people.add(connection, people.Person(id="x9", name="X", role="peserta", cohort="a01"))
    assert f"{cohort.title} {SMALLEST} peserta" in text(client.as_("g01").get(START))


def test_leaders_get_the_edition_that_names_nobody(service, client):
    folder = service.course.reports
    folder.mkdir(parents=True)
    for edition in ("fasilitator", "pimpinan"):
        page = folder / f"angkatan-a01-{edition}.html"
        page.write_text(f"<title>Ringkasan {edition}</title>", encoding="utf-8")
    leader, staff = client.as_("g01"), client.as_("k01")
    assert "Ringkasan fasilitator" in staff.get(f"{START}reports").text
    assert "Ringkasan fasilitator" not in leader.get(f"{START}reports").text
    assert leader.get(f"{START}reports/angkatan-a01-fasilitator.html").status == 404
    told = leader.get(f"{START}reports/angkatan-a01-pimpinan.html")
    assert told.status == 200
    assert "sandbox" in told.headers["Content-Security-Policy"]
    for name in ("..%2Fprogramme.yaml", "gradebook.db", "snapshot.json"):
        assert staff.get(f"{START}reports/{name}").status == 404


def test_instructors_look_and_the_committee_changes(client):
    teacher = client.as_("w01")
    assert teacher.get(f"{START}schedule").status == 200
    for path in (
        "schedule",
        "extensions",
        "people/p001/extension",
        "people/p001/cohort",
        "meetings",
        "cards",
    ):
        assert teacher.form(START + path, cohort="a01").status == 403


def test_an_extension_for_one_is_kept_with_its_reason_and_told(service, client):
    staff = client.as_("k01")
    done = staff.form(
        f"{START}people/p001/extension",
        module="m0-contoh",
        until="2027-01-05T12:00",
        reason="dinas mendesak",
    )
    assert done.status == 200
    assert "Perpanjangan sampai Selasa, 5 Januari 2027 pukul 12.00 WIB sudah dicatat." in text(done)
    with service.database.reading() as connection:
        (given,) = schedule.given(connection)
    assert (given.person, given.by, given.reason) == ("p001", "k01", "dinas mendesak")
    assert lines(service, whom="p001")[0].act == "extension.given"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"until": "2020-01-01T00:00", "reason": "x"}, "Pilih waktu yang masih akan datang."),
        ({"until": "kemarin", "reason": "x"}, "“kemarin” bukan waktu yang dapat dibaca."),
        (
            {"until": "2027-01-05T12:00", "reason": " "},
            "Tulis alasannya, karena itulah yang akan ditanyakan kemudian.",
        ),
        (
            {"until": "2027-01-05T12:00", "reason": "x", "module": "m9"},
            "Modul itu tidak ada pada program ini.",
        ),
    ],
)
def test_a_form_that_cannot_be_is_refused_in_plain_words_and_changes_nothing(
    service, client, fields, told
):
    answer = client.as_("k01").form(
        f"{START}people/p001/extension", **{"module": "m0-contoh", **fields}
    )
    assert answer.status == 409
    assert told in text(answer)
    with service.database.reading() as connection:
        assert schedule.given(connection) == ()


def test_an_extension_for_many_needs_a_choice(service, client):
    staff = client.as_("k01")
    asked = {"module": "m0-contoh", "until": "2027-01-05T12:00", "reason": "banjir"}
    refused = staff.form(f"{START}extensions", **asked)
    assert refused.status == 409
    assert "Pilih sekurangnya satu" in text(refused)
    with service.database.reading() as connection:
        wanted = people.find(connection, "p001")
        same = people.listing(connection, region=wanted.region)
    given = staff.form(f"{START}extensions", **asked, region=wanted.region)
    assert f"{len(same)} dari {len(same)} peserta mendapat waktu sampai" in text(given)
    with service.database.reading() as connection:
        assert [it.person for it in schedule.given(connection)] == [it.id for it in same]


def test_ids_are_read_as_people_write_them_and_an_unknown_one_is_named(service, client):
    staff = client.as_("k01")
    asked = {"module": MODULE, "until": "2027-01-05T12:00", "reason": "banjir"}
    refused = staff.form(f"{START}extensions", **asked, ids="p001, p999")
    assert refused.status == 409
    assert "tidak memenuhi pilihan lain: p999. Tidak ada yang diubah." in text(refused)
    with service.database.reading() as connection:
        assert schedule.given(connection) == ()
    given = staff.form(f"{START}extensions", **asked, ids=" P001; p002 ")
    assert "2 dari 2 peserta mendapat waktu sampai" in text(given)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("feedback", "Langkah ini memperlihatkan jawaban yang benar kepada peserta yang sudah menyerahkan."),
        ("transcript", "Transkrip yang dibuat sekarang belum memuat nilai modul itu"),
    ],
)  # fmt: skip
def test_what_is_final_waits_for_a_second_word_while_somebody_can_still_hand_in(
    service, client, step, why
):
    staff = client.as_("k01")
    refused = staff.form(f"{START}work", step=step)
    assert refused.status == 409
    assert f"Masih ada peserta yang dapat menyerahkan Modul Contoh. {why}" in text(refused)
    assert 'name="sure"' in refused.text
    assert Workshop(service.course.root).recent() == ()


def test_a_schedule_is_shown_as_it_was_saved_and_in_order(client):
    staff = client.as_("k01")
    times = {
        "m0-contoh.opens": "2026-12-01T08:00",
        "m0-contoh.closes": "2026-12-20T17:00",
        "m0-contoh.grace": "60",
    }
    assert "1 modul berubah jadwalnya." in text(
        staff.form(f"{START}schedule", cohort="a01", **times)
    )
    page = staff.get(f"{START}schedule?cohort=a01").text
    assert all(f'value="{value}"' in page for value in times.values())
    assert "Tidak ada yang berubah." in text(staff.form(f"{START}schedule", cohort="a01", **times))
    wrong = staff.form(
        f"{START}schedule", cohort="a01", **{**times, "m0-contoh.opens": "2026-12-21T08:00"}
    )
    assert wrong.status == 409
    assert "dibuka, kelas dimulai, dan ditutup harus berurutan." in text(wrong)
    assert 'value="2026-12-21T08:00"' in wrong.text  # to be mended, not typed again


def test_a_module_is_taken_back_and_released_again(service, client):
    staff, page = client.as_("k01"), f"pamong/modules/{MODULE}/looks"
    with service.database.writing() as connection:
        handover.release(connection, service.course, MODULE, by="k01", at=service.clock())
    assert client.post(page, {}).status == 200
    assert "sudah ditarik kembali" in text(staff.form(f"{START}releases", module=MODULE, do="back"))
    assert client.post(page, {}).status == 404
    assert "sudah diterbitkan." in text(staff.form(f"{START}releases", module=MODULE))
    assert client.post(page, {}).status == 200


def test_cards_are_shown_once_and_reset_the_one_who_was_named(service, client):
    staff = client.as_("k01")
    made = staff.form(f"{START}cards", person="p001")
    (code,) = re.findall(r"Kode <code>([^<]+)</code>", made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert code not in staff.get(f"{START}cards").text
    with service.database.reading() as connection:
        assert login_cards.holder(connection, code, service.clock()) == "p001"
    assert [line.act for line in lines(service, whom="p001")] == ["account.reset"]
    assert code not in str(lines(service))
    assert staff.form(f"{START}cards", person="k01").status == 404


def test_a_code_on_the_screen_notes_who_is_there_and_an_old_one_does_not(service, client):
    staff = client.as_("k01")
    added = staff.form(
        f"{START}meetings", cohort="a01", module="", title="Kelas <b>pertama</b>",
        starts="2026-12-01T10:00", ends="2026-12-01T12:00",
    )  # fmt: skip
    assert "Kelas &lt;b&gt;pertama" in added.text
    with service.database.reading() as connection:
        (meeting,) = meetings.listing(connection)
        code = meetings.code(meetings.secret(connection, meeting.id), service.clock())
        who = next(it.id for it in people.listing(connection, cohort="a01"))
        other = next((it.id for it in people.listing(connection) if it.cohort != "a01"), None)
    screen = staff.get(f"{START}meetings/{meeting.id}/screen")
    assert code in screen.text
    here = f"pamong/hadir/{meeting.id}"
    assert "Kehadiran Anda tercatat" in text(client.as_(who).form(here, code=code))
    if other:
        assert "bukan untuk angkatan Anda" in text(client.as_(other).form(here, code=code))
    assert "hadir" in text(staff.get(f"{START}meetings/{meeting.id}"))
    service.clock.move(minutes=5)
    wrong = client.as_(who).form(here, code="salah")
    assert wrong.status == 409
    assert "Kode itu sudah berganti." in text(wrong)


def test_a_forged_form_changes_nothing(service, client):
    staff = client.as_("k01")
    assert staff.form(f"{START}cards", person="p001", _xsrf="x" * 20).status == 403
    assert lines(service, whom="p001") == ()


def test_every_act_that_is_recorded_is_told_in_words():
    code = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "service").rglob("*.py"))
    written = set(re.findall(r'act="([a-z]+\.[a-z.]+)"', code))
    written |= {f"work.{step}" for step in STEPS}
    assert "extension.given" in written
    entries = messages("desk", "id").entries
    assert [act for act in sorted(written) if f"act.{act}" not in entries] == []
