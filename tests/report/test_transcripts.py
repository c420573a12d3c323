"""What participants take home: the reports' own results, on paper, under a seal that holds."""

import json
import re
import resource
import signal
import sys
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pamong import cli
from pamong.catalogue import speaking
from pamong.cli import transcripts as transcript_command
from pamong.errors import CourseError
from pamong.programme import Band, Bands
from pamong.reports import everybody
from pamong.reports.eligibility import qualification
from pamong.signing import Keyring, Signer, keyring, publish
from pamong.transcripts import paper, register, seal
from pamong.transcripts.issue import Place, issue
from pamong.transcripts.paper import Press, values
from pamong.transcripts.register import Entry, Register
from pamong.transcripts.transcript import Basis, Result, Transcript, transcripts
from pamong.transcripts.verification import Difference, Genuine, Refused, verify

LEVELS = (("Memuaskan", 80.01), ("Cukup", 70.01), ("Kurang", 0.0))
BASIS = Basis(
    pass_mark=70.0, bands=LEVELS, source="KepLAN 2/2023", status="contoh", since="2023-05-17"
)


def result(title, mark=85.0, state="done", jp=4):
    mark = mark if state in ("done", "below") else None
    band = "" if mark is None else qualification(LEVELS, mark)
    return Result(
        module=title.lower(), title=title, jp=jp, weight=1.0, state=state, mark=mark, band=band
    )


TRANSCRIPT = Transcript(
    course="uji-2026",
    programme="Pelatihan Contoh",
    participant="p001",
    name="Dr. Ani Rekaan, M.Si.",
    nip="197904122005011003",
    role="lurah",
    region="Kota Contoh",
    cohort="Angkatan I",
    starts="2026-11-23",
    ends="2026-12-11",
    results=(result("Komunikasi", 88.5), result("Negosiasi", 91.25)),
    status="eligible",
    final=89.88,
    band="Memuaskan",
    basis=BASIS,
    on="2026-12-14",
    number=1,
)
KEY = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
KEYS = Keyring({KEY.id: Ed25519PublicKey.from_public_bytes(KEY.public)})
STATED = seal.statement(TRANSCRIPT)
WRITTEN = (
    '{"code":"%s","name":"Dr. Ani Rekaan, M.Si.","nip":"197904122005011003","course":"uji-2026",'
    '"participant":"p001","cohort":"Angkatan I","on":"2026-12-14","number":1,"jp":8,'
    '"marks":[88.5,91.25],"final":89.88,"band":"Memuaskan","status":"eligible","format":1}'
)
"""What people hold in their hands stays as it is."""


@pytest.fixture(scope="module")
def press():
    return Press()


def entry(transcript, signer=KEY):
    written = seal.written(seal.statement(transcript), signer)
    return Entry(
        at="2026-12-14T03:00:00+00:00", by="panitia", transcript=transcript, written=written
    )


# ---------------------------------------------------------------- what it states


def test_a_transcript_says_what_the_committees_record_says(invent):
    facts = invent(people=40, cohorts=4, modules=("m1", "m5"), seed=3).everybody(
        absent=0.15, essay="marked"
    )
    late = facts.grades[2] = replace(facts.grades[2], pending=True)
    snapshot = facts.snapshot()
    all_ = everybody.programme(snapshot)
    bands = Bands(source="S", status="T", levels=(Band(label="x", start=1),), since="2023-05-17")
    made = list(transcripts(snapshot, "uji", bands, "2026-12-14"))
    assert [it.participant for it in made] == [person.id for person in snapshot.people]
    assert [it.status for it in made] == all_.verdicts.statuses.tolist()
    assert {"eligible", "remedial", "waiting", "postponed"} == {it.status for it in made}
    for row, it in enumerate(made):
        decided = it.status in ("eligible", "remedial")
        assert it.final == (pytest.approx(all_.final[row], abs=0.0051) if decided else None)
        assert bool(it.band) is decided
        for place, one in enumerate(it.results):
            waits = (it.participant, one.module) == (late.participant, late.module)
            assert (one.state == "waiting") == waits
            assert (one.state == "missing") == all_.verdicts.missing[row, place]
            assert (one.state == "below") == (one.mark is not None and one.mark < 70)
            assert (one.mark is None) == (one.state in ("missing", "waiting"))
    assert made[0].basis == Basis(
        pass_mark=70.0, bands=snapshot.bands, source="S", status="T", since="2023-05-17"
    )


def test_a_module_that_nobody_took_yet_is_open_and_bars_nobody(invent):
    facts = invent(people=3, cohorts=1, modules=("m1", "m5")).everybody(absent=0, essay="marked")
    here = [it for it in facts.submissions if it.module == "m1"]
    facts.grades = [replace(it, score=40.0 if it.cell == "relokasi" else it.score) for it in
                    facts.grades if it.module == "m1"]  # fmt: skip
    made = list(transcripts(facts.snapshot(submissions=tuple(here)), "uji", None, "2026-12-14"))
    assert {it.results[1].state for it in made} == {"open"}
    assert {it.part for it in made} == {True}
    assert made[0].titles("open") == ("Negosiasi dan Mediasi",)
    shown = values(made[0])
    assert shown["final"]["label"] == "Nilai sementara"
    assert "Belum ditempuh: Negosiasi dan Mediasi" in shown["status"]["open"]
    assert shown["status"]["name"] in ("Layak diusulkan, baru sebagian", "Remedial, baru sebagian")
    assert len(shown["basis"]) == 1


def test_a_module_without_marks_keeps_nobody_waiting_and_weighs_nothing(invent):
    facts = invent(people=3, cohorts=1, modules=("m1", "m5")).everybody(absent=0, essay="marked")
    facts.grades = [it for it in facts.grades if it.module == "m5"]
    made = facts.snapshot()
    bare = replace(made.modules[0], cells=(), graded=False)
    found = list(
        transcripts(replace(made, modules=(bare, made.modules[1])), "uji", None, "2026-12-14")
    )
    assert {it.status for it in found} <= {"eligible", "remedial"}
    assert {(it.results[0].state, it.results[0].weight) for it in found} == {("unmarked", 0.0)}
    assert values(found[0])["rows"][0]["note"] == "Tanpa nilai"
    assert values(found[0])["final"]["label"] == "Nilai akhir"


@pytest.mark.parametrize(
    ("mark", "band"),
    [(80.01, "Memuaskan"), (80.005, "Memuaskan"), (80.0049, "Cukup"), (70.01, "Cukup"),
     (70.0, "Kurang"), (0.0, "Kurang"), (100.0, "Memuaskan")],
)  # fmt: skip
def test_a_band_holds_from_its_start_after_rounding_half_up(mark, band):
    assert qualification(LEVELS, mark) == band
    assert qualification((), mark) == ""


# ---------------------------------------------------------------- on paper


def test_what_still_stands_in_the_way_is_said_in_the_words_of_the_record():
    shown = values(
        replace(
            TRANSCRIPT,
            nip="",
            results=(
                result("Komunikasi", 60.0, "below"),
                result("Perubahan", state="missing"),
                result("Negosiasi", state="waiting"),
                result("Integritas", 82.0, jp=6),
            ),
            status="postponed",
            final=None,
            band="",
        )
    )
    assert shown["status"] == {
        "label": "Usulan kelulusan",
        "name": "Ditunda",
        "open": [
            "Belum mengumpulkan Perubahan",
            "Di bawah batas pada Komunikasi",
            "Menunggu penilai: Negosiasi",
        ],
        "note": "Usulan menurut aturan program; yang memutuskan kelulusan adalah panitia.",
    }
    assert shown["final"] == {"label": "Nilai akhir", "mark": "", "band": "Belum dapat ditetapkan"}
    assert shown["nip"] == ""
    assert dict(shown["facts"])["Jam pelajaran"] == "14 dari 18 JP"
    assert [(row["mark"], row["note"]) for row in shown["rows"]] == [
        ("60,00", "Kurang"),
        ("–", "Belum dikumpulkan"),
        ("–", "Menunggu penilai"),
        ("82,00", "Memuaskan"),
    ]


def test_it_names_its_rules_with_source_and_day_and_is_no_sttp():
    shown = values(TRANSCRIPT)
    assert (
        shown["lead"] == "Catatan hasil belajar peserta, bukan Surat Tanda Tamat Pelatihan (STTP)."
    )
    assert shown["basis"][1:] == (
        "Kualifikasi: Memuaskan mulai 80,01, Cukup mulai 70,01, dan Kurang mulai 0.",
        "Sumber kualifikasi: KepLAN 2/2023, berlaku sejak 17 Mei 2023 (contoh).",
    )
    assert shown["nip"] == "NIP 19790412 200501 1 003"
    assert shown["total"] == {
        "name": "Seluruh program", "jp": "8", "weight": "100%", "mark": "89,88", "note": "Memuaskan",
    }  # fmt: skip
    with speaking("en"):
        assert values(TRANSCRIPT)["issue"] == "Issue 1, 14 December 2026"
    low = replace(TRANSCRIPT, status="remedial", final=69.0, results=(result("Satu", 70.0),))
    assert values(low)["status"]["open"] == ["Nilai akhir di bawah batas"]


@pytest.mark.parametrize(
    "name",
    [
        "Sukarti",
        "Prof. Dr. Ir. Raden Mas Haryo Sasongko Kusumodiningrat, S.Sos., M.Si., Ph.D.",
        "K" * 90,
        "N’Goran Þórðardóttir-Łukaszewicz, Иван",
    ],
)
def test_a_page_is_accessible_and_the_same_each_time_whatever_the_name(press, name):
    transcript = replace(TRANSCRIPT, name=name, nip="")
    written = seal.written(seal.statement(transcript), KEY)
    page = press.pdf(transcript, written, seal.keyword(written, KEY))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in page
    assert len(re.findall(rb"/Type\s*/Page\b", page)) == 1
    assert page == Press().pdf(transcript, written, seal.keyword(written, KEY))
    assert seal.statement_in(page) == written


def test_the_qr_code_has_the_modules_of_its_text():
    text = seal.written(STATED, KEY)
    matrix = segno.make_qr(text, error="l", boost_error=False, mask=3, encoding="utf-8").matrix
    drawn = {
        (int(row), int(start) + step)
        for start, row, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", paper.picture(text))
        for step in range(int(length))
    }
    dark = {(y, x) for y, line in enumerate(matrix) for x, on in enumerate(line) if on}
    assert drawn == dark


def test_what_no_qr_code_can_hold_is_a_clear_error(press):
    written = "x" * 3000
    with pytest.raises(CourseError, match="too long \\(3000 characters\\). Shorten the name"):
        press.pdf(TRANSCRIPT, written, "")


def test_a_letter_that_no_font_has_names_whose_transcript_it_is(press):
    transcript = replace(TRANSCRIPT, name="Ani \U0010fffd")
    with pytest.raises(CourseError, match="The transcript of p001 .* Write the name in Latin"):
        press.pdf(transcript, "x", "")


# ---------------------------------------------------------------- the seal


def test_what_a_qr_code_holds_stays_as_it_is_and_any_ed25519_checks_it():
    content, line = seal.written(STATED, KEY).split("\n")
    assert content == WRITTEN % TRANSCRIPT.code
    assert TRANSCRIPT.code == "F9MS-TWYX-333K-G36X"
    key, signature = line.split()
    assert key == "56475aa75463474c"
    raw = urlsafe_b64decode(signature + "==")
    KEYS.keys[KEY.id].verify(raw, b"pamong transcript statement 1\n" + content.encode())


@settings(max_examples=150)
@given(place=st.integers(0, 460), letter=st.characters(codec="utf-8"))
def test_a_statement_with_any_other_letter_is_not_signed(place, letter):
    text = seal.written(STATED, KEY)
    place %= len(text)
    found = seal.read(text[:place] + letter + text[place + 1 :])
    same = found is not None and found.statement == STATED and found.key == KEY.id
    assert found is None or same or not seal.is_signed(found, KEYS)
    assert seal.is_signed(seal.read(text), KEYS)


@settings(max_examples=200)
@given(st.text() | st.binary().map(lambda it: it.decode("latin-1")))
def test_whatever_is_typed_is_read_or_refused(text):
    assert seal.read(text) is None
    assert seal.read('{"code":' + text + "}\n" + "0" * 16 + " " + "A" * 86) is None
    assert seal.statement_in(text.encode("utf-8", "replace")) == ""


@pytest.fixture(scope="module")
def pdf(press):
    written = seal.written(STATED, KEY)
    return seal.sealed(press.pdf(TRANSCRIPT, written, seal.keyword(written, KEY)), KEY)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_with_any_other_byte_is_not_sealed(pdf, data):
    place = data.draw(st.integers(0, len(pdf) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda it: it != pdf[place]))
    changed = pdf[:place] + bytes([byte]) + pdf[place + 1 :]
    assert seal.is_sealed(pdf, KEYS)
    assert not seal.is_sealed(changed, KEYS)
    assert not seal.is_sealed(pdf + b"\n", KEYS)


# ---------------------------------------------------------------- checking


def test_changed_marks_are_refused_with_what_does_not_agree():
    known = Register((entry(TRANSCRIPT),))
    forged = replace(STATED, marks=(88.5, 99.0), final=93.75, status="eligible")
    text = f"{forged.canonical().decode()}\n{seal.written(STATED, KEY).partition(chr(10))[2]}"
    assert verify(text, KEYS, known) == Refused(
        reason="altered",
        what=TRANSCRIPT.code,
        differences=(Difference("marks", 2, 99.0, 91.25), Difference("final", 0, 93.75, 89.88)),
        issued=STATED,
    )
    assert verify(text, KEYS, None) == Refused(reason="altered", what=TRANSCRIPT.code)
    assert verify(seal.written(STATED, OTHER), KEYS, known) == Refused(reason="key", what=OTHER.id)


def test_a_line_of_the_register_that_was_changed_vouches_for_nothing():
    better = replace(TRANSCRIPT, final=99.0)
    true = entry(TRANSCRIPT)
    for line in (
        replace(true, transcript=better),
        entry(TRANSCRIPT, OTHER),
        replace(true, written=""),
    ):
        code = line.transcript.code
        assert verify(code, KEYS, Register((line,))) == Refused(reason="register", what=code)


def test_a_newer_issue_supersedes_and_says_in_what():
    newer = replace(
        TRANSCRIPT, number=2, on="2027-01-05", results=(result("Komunikasi", 88.5), result("N", 60.0)),
        final=74.25, band="Cukup",
    )  # fmt: skip
    known = Register((entry(TRANSCRIPT), entry(newer)))
    found = verify(TRANSCRIPT.code, KEYS, known)
    assert isinstance(found, Genuine)
    assert found.newer == known.entries[1]
    assert [(it.field, it.place, it.here, it.there) for it in found.changed] == [
        ("code", 0, TRANSCRIPT.code, newer.code),
        ("on", 0, "2026-12-14", "2027-01-05"),
        ("number", 0, 1, 2),
        ("marks", 2, 91.25, 60.0),
        ("final", 0, 89.88, 74.25),
        ("band", 0, "Memuaskan", "Cukup"),
    ]
    assert verify(newer.code.lower().replace("-", " "), KEYS, known).newer is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "bukan kode dan bukan berkas. Ketiklah kode"),
        (b"", "tidak memuat transkrip: bukan PDF yang diterbitkan"),
        (b"\xff\xfe\x00 bukan apa-apa", "tidak memuat transkrip"),
        (b"\x89PNG\r\n\x1a\n", "adalah gambar. Baca kode QR di dalamnya dengan telepon"),
        (b"0" * (8 * 1024 * 1024 + 1), "lebih besar dari 8388608 bita"),
    ],
)
def test_what_is_no_transcript_says_what_to_do(tmp_path, content, message):
    path = tmp_path / "berkas"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=message):
        verify(str(path), KEYS, None)


def test_a_foreign_pdf_and_words_are_refused(tmp_path):
    path = tmp_path / "surat.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    assert verify(str(path), KEYS, None) == Refused(reason="file", what=str(path))
    for strange in ("x" * 5000, "a\x00b", str(tmp_path), "AAAA-BBBB"):
        with pytest.raises(CourseError, match="bukan kode dan bukan berkas") as caught:
            verify(strange, KEYS, None)
        assert len(str(caught.value)) < 400


# ---------------------------------------------------------------- keys and register


def test_the_private_key_is_its_owners_alone_and_public_keys_are_kept(tmp_path):
    path, public = tmp_path / "g" / "key.pem", tmp_path / "keys.json"
    first = Signer.open(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Signer.open(path).id == first.id
    assert [publish(public, it) for it in (first, first, KEY)] == [True, False, True]
    assert set(keyring(public).keys) == {first.id, KEY.id}
    path.chmod(0o640)
    with pytest.raises(CourseError, match=f"Run: chmod 600 {path}"):
        Signer.open(path)
    path.write_text("no key")
    with pytest.raises(CourseError, match="is not a key to sign with"):
        Signer.open(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read \\(No such file"),
        ("[]", "is no list of public keys"),
        ('{"keys":[{"kid":"%s","x":"AAAA","kty":"OKP","crv":"Ed25519"}]}', "has 3 bytes, not 32"),
        ('{"keys":[{"kid":"%s","x":"' + "A" * 43 + '","kty":"OKP","crv":"Ed25519"}]}',
         "is not the one of that id"),
        (" " * 70000, "more than 65536 bytes"),
    ],
)  # fmt: skip
def test_a_wrong_file_of_public_keys_says_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content.replace("%s", KEY.id))
    with pytest.raises(CourseError, match=message):
        keyring(path)


def test_the_register_only_grows_and_half_a_line_swallows_no_other(tmp_path):
    path = tmp_path / "t" / "register.jsonl"
    one, two = entry(TRANSCRIPT), entry(replace(TRANSCRIPT, number=2))
    with register.opened(path) as book:
        book.add([one])
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":"2026' + b"x" * 70000 + b"\n" + whole[:40])
    with register.opened(path) as book:
        assert book.register == Register((one,), (2, 3))
        book.add([two])
    assert path.read_bytes().startswith(whole)
    assert register.read(path) == Register((one, two), (2, 3))
    assert register.read(tmp_path / "none") == Register(())
    with pytest.raises(CourseError, match="cannot be read \\(Is a directory\\)"):
        register.read(tmp_path)


def test_nothing_is_issued_that_the_disk_refuses(tmp_path):
    path = tmp_path / "register.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with pytest.raises(CourseError, match="Nothing was issued."), register.opened(path) as book:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
            book.add([entry(TRANSCRIPT)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes() == b""


def test_a_line_that_nobody_signed_and_another_course_supersede_nothing():
    one, two = entry(TRANSCRIPT), entry(replace(TRANSCRIPT, number=2))
    for other in (replace(two, written="rubbish"), entry(replace(two.transcript, course="lain"))):
        found = verify(one.written, KEYS, Register((one, other)))
        assert isinstance(found, Genuine)
        assert found.newer is None


# ---------------------------------------------------------------- from marks to paper and back


def test_what_is_verified_cannot_write_over_the_verdict(capsys):
    transcript_command._say("kode \x1b[2J\n ASLI")
    assert capsys.readouterr().out == "kode ?[2J? ASLI\n"


def run(capsys, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["pamong", "transcript", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    return ended.value.code or 0, told.out + told.err


def test_from_marks_to_paper_and_back(on_disk, now, capsys, monkeypatch, tmp_path):
    course = on_disk.graded().course
    with on_disk.gradebook() as book:
        for n in range(8):
            on_disk.grade(book, f"p{n:03}", "uraian-q1", auto_score=None, manual_score=20.0)
    place = Place.of(course)
    made = issue(course, now=now)
    assert (made.first, made.again, made.unchanged, made.made) == (8, 0, 0, True)
    assert made.files[5] == place.folder / "a02" / "p005.pdf"
    assert place.key.stat().st_mode & 0o777 == 0o600
    first, page = place.register.read_bytes(), made.files[5].read_bytes()

    again = issue(course, now=now + timedelta(days=1))
    assert (again.first, again.again, again.unchanged, again.made) == (0, 0, 8, False)
    assert (place.register.read_bytes(), made.files[5].read_bytes()) == (first, page)

    old = register.read(place.register).latest("p005")
    assert old.transcript.results[0].mark == 75.0
    with on_disk.gradebook() as book:
        on_disk.grade(book, "p005", "uraian-q1", auto_score=None, manual_score=12.5)
    third = issue(course, cohorts=["a02"], participants=["p000"], now=now + timedelta(days=2))
    assert (third.first, third.again, third.unchanged) == (0, 1, 4)
    assert place.register.read_bytes().startswith(first)

    (course.folder / "gradebook.db").rename(course.folder / "away.db")
    issued = place.register.read_bytes()
    with pytest.raises(CourseError, match="The gradebook is missing or empty, but transcripts"):
        issue(course, now=now + timedelta(days=2))
    assert place.register.read_bytes() == issued
    (course.folder / "away.db").rename(course.folder / "gradebook.db")

    monkeypatch.chdir(course.root)
    status, said = run(capsys, monkeypatch, "verify", old.transcript.code)
    assert status == 1
    assert said.startswith(
        f"SUDAH DIGANTIKAN: transkrip {old.transcript.code} asli, tetapi diganti terbitan 2 pada "
        "14 Desember 2026. Mintalah terbitan itu.\n"
        "  Berubah, Modul 1, Modul Contoh: 75,00 menjadi 67,50\n"
        "  Berubah, Nilai akhir: 75,00 menjadi 67,50\n"
        "  Berubah, Usulan kelulusan: layak diusulkan menjadi remedial\n"
        "  Nama: Peserta Rekaan 5\n"
    )
    status, said = run(capsys, monkeypatch, "verify", "course/transcripts/a02/p005.pdf")
    assert (status, said.splitlines()[-1]) == (0, "Ini terbitan terakhir menurut register.")
    assert "Modul 1, Modul Contoh: 67,50" in said
    public = tmp_path / "published.json"
    public.write_bytes(place.public.read_bytes())
    monkeypatch.chdir("/")
    status, said = run(capsys, monkeypatch, "verify", old.written, "--keys", str(public))
    assert (status, said.splitlines()[0][:5]) == (0, "ASLI:")
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(page + b" ")
    status, said = run(capsys, monkeypatch, "verify", str(forged), "--keys", str(public))
    assert status == 1
    assert "DITOLAK: berkas" in said
    assert "Yang diterbitkan:\n  Nama: Peserta Rekaan 5\n" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("make", "--cohort", "a09"),
            "There is no cohort a09 in course/programme.yaml. There are: a01, a02.",
        ),
        (
            ("make", "--participant", "p999"),
            "There is nobody with the id p999 in course/roster.csv.",
        ),
        (
            ("verify", "AAAA-BBBB-CCCC-DDDD"),
            "keys.json cannot be read (No such file or directory).",
        ),
    ],
)
def test_a_wrong_request_is_one_message_and_issues_nothing(
    on_disk, capsys, monkeypatch, words, message
):
    monkeypatch.chdir(on_disk.course.root)
    status, said = run(capsys, monkeypatch, *words)
    assert status == 1
    assert message in said
    assert not Place.of(on_disk.course).register.exists()


def test_a_statement_that_nobody_could_check_is_not_issued_and_stops_nobody_else(on_disk, now):
    roster = on_disk.course.roster
    roster.write_text(roster.read_text().replace("Peserta Rekaan 3", "Rr. " + "Sri" * 700))
    made = issue(on_disk.course, now=now)
    assert (made.first, len(made.failed), len(made.files)) == (7, 1, 7)
    assert made.failed[0].startswith("The transcript of p003 (Rr. SriSri")
    assert "and only 2300 can be checked. Shorten the name in course/roster.csv" in made.failed[0]
    assert register.read(Place.of(on_disk.course).register).latest("p003") is None


def test_one_name_that_cannot_be_set_stops_nobody_else(on_disk, now):
    roster = on_disk.course.roster
    roster.write_text(roster.read_text().replace("Peserta Rekaan 3", "\U0010fffd"))
    made = issue(on_disk.course, now=now)
    assert (made.first, len(made.failed), len(made.files)) == (7, 1, 7)
    assert made.failed[0].startswith("The transcript of p003 (")
    assert register.read(Place.of(on_disk.course).register).latest("p003") is None
    with speaking("en"):
        made = issue(on_disk.course, participants=["p001"], now=now)
    assert [path.name for path in made.files] == ["p001.en.pdf"]
    Place.of(on_disk.course).key.unlink()
    assert issue(on_disk.course, participants=["p001"], now=now).unchanged == 1
    Place.of(on_disk.course).public.unlink()  # what a key that is known to others has signed
    assert issue(on_disk.course, participants=["p001", "p002"], now=now).again == 2
    assert json.loads(Place.of(on_disk.course).public.read_text())["keys"][0]["crv"] == "Ed25519"
