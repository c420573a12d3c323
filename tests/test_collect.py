import os
import shutil

import pytest

from pamong.errors import CourseError
from pamong.grading.intake import inbound
from pamong.grading.intake.collect import Note, collect

MODULE = "m0-contoh"
EARLY = "2026-12-01 03:00:00.000000 UTC"
LATER = "2026-12-02 03:00:00.000000 UTC"


@pytest.fixture
def exchange(released):
    """The inbound folder of the exchange."""
    folder = released.exchange / "kursus-contoh" / "inbound"
    folder.mkdir(parents=True)
    return folder


def arrive(exchange, released, participant="p001", stamp=EARLY, random="abc", **files):
    folder = exchange / f"{participant}+{MODULE}+{stamp}+{random}"
    shutil.copytree(released.release(MODULE), folder)
    (folder / "timestamp.txt").write_text(stamp)
    (folder / "submission_secret.txt").write_text("rahasia")
    for name, text in files.items():
        (folder / f"{name}.jsonl").write_text(text)
    return folder


def reasons(collected):
    return [note.reason for note in collected.refused]


def test_everybodys_submission_is_collected_with_everything_in_it(released, exchange):
    for person in ("p001", "p002"):
        folder = arrive(exchange, released, person, sikap=person)
        (folder / "figures").mkdir()
        (folder / "figures" / "a.svg").write_text("<svg/>")
        (folder / ".ipynb_checkpoints").mkdir()
    collected = collect(released, MODULE)
    assert str(collected) == "2 new, 0 updated, 0 unchanged, 0 refused."
    target = released.submitted("p002", MODULE)
    assert (target / "sikap.jsonl").read_text() == "p002"
    assert (target / "figures" / "a.svg").is_file()
    assert (target / "submission_secret.txt").read_text() == "rahasia"
    assert (target / "timestamp.txt").read_text() == EARLY
    assert not (target / ".ipynb_checkpoints").exists()


def test_the_latest_submission_wins_whatever_the_order(released, exchange):
    arrive(exchange, released, stamp=LATER, sikap="baru")
    arrive(exchange, released, stamp=EARLY, sikap="lama", pemahaman="lama")
    collect(released, MODULE)
    target = released.submitted("p001", MODULE)
    assert (target / "sikap.jsonl").read_text() == "baru"
    assert not (target / "pemahaman.jsonl").exists()


def test_a_resubmission_takes_the_place_of_the_whole_earlier_one(released, exchange):
    arrive(exchange, released, sikap="lama", pemahaman="lama")
    assert collect(released, MODULE).new == 1
    assert collect(released, MODULE).unchanged == 1
    arrive(exchange, released, stamp=LATER, sikap="baru")
    assert collect(released, MODULE).updated == 1
    target = released.submitted("p001", MODULE)
    assert (target / "sikap.jsonl").read_text() == "baru"
    assert not (target / "pemahaman.jsonl").exists()


def test_an_older_submission_that_turns_up_late_changes_nothing(released, exchange):
    arrive(exchange, released, stamp=LATER, sikap="baru")
    collect(released, MODULE)
    arrive(exchange, released, stamp=EARLY, sikap="lama")
    assert collect(released, MODULE).unchanged == 1
    assert (released.submitted("p001", MODULE) / "sikap.jsonl").read_text() == "baru"


def link(folder, released):
    (folder / "sikap.jsonl").symlink_to(released.keys(MODULE) / "sikap.key.yaml")


def link_folder(folder, released):
    (folder / "kunci").symlink_to(released.keys(MODULE))


def hard_link(folder, released):
    (folder / "sikap.jsonl").hardlink_to(released.keys(MODULE) / "sikap.key.yaml")


def pipe(folder, _released):
    os.mkfifo(folder / "sikap.jsonl")


def many(folder, _released):
    for n in range(inbound.COUNT_LIMIT):
        (folder / f"{n}.txt").write_text("")


def large(folder, _released):
    with (folder / "sikap.jsonl").open("wb") as file:
        file.truncate(inbound.FILE_LIMIT + 1)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (link, "sikap.jsonl bukan berkas biasa, melainkan tautan atau sejenisnya."),
        (link_folder, "kunci bukan berkas biasa, melainkan tautan atau sejenisnya."),
        (hard_link, "sikap.jsonl bukan berkas biasa, melainkan tautan atau sejenisnya."),
        (pipe, "sikap.jsonl bukan berkas biasa, melainkan tautan atau sejenisnya."),
        (many, "isinya lebih dari 500 berkas."),
        (large, "sikap.jsonl membuat ukurannya melebihi batas (20 MiB per berkas)."),
    ],
)
def test_what_is_not_plain_is_refused_and_the_others_are_collected(
    released, exchange, harm, reason
):
    bad = arrive(exchange, released, "p001")
    harm(bad, released)
    arrive(exchange, released, "p002")
    collected = collect(released, MODULE)
    assert collected.refused == (Note(bad.name, reason),)
    assert collected.new == 1
    assert not released.submitted("p001", MODULE).exists()
    assert str(collected).endswith(f"  !! {bad.name}: {reason}")


def test_a_link_in_place_of_a_submission_is_refused(released, exchange):
    (exchange / f"p001+{MODULE}+{EARLY}+x").symlink_to(released.keys(MODULE))
    assert reasons(collect(released, MODULE)) == ["tidak dapat dibaca (Not a directory)."]


def test_a_refused_submission_does_not_hide_an_older_good_one(released, exchange):
    arrive(exchange, released, stamp=EARLY, sikap="lama")
    link(arrive(exchange, released, stamp=LATER), released)
    collected = collect(released, MODULE)
    assert (collected.new, len(collected.refused)) == (1, 1)
    assert (released.submitted("p001", MODULE) / "sikap.jsonl").read_text() == "lama"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"..+{MODULE}+{EARLY}+x", "nama foldernya tidak sesuai pola peserta+modul+waktu."),
        (f"p 1+{MODULE}+{EARLY}+x", "nama foldernya tidak sesuai pola peserta+modul+waktu."),
        (f"a+b+{MODULE}+{EARLY}+x", "nama foldernya tidak sesuai pola peserta+modul+waktu."),
        (f"p001+{MODULE}+kemarin+x", "waktunya (kemarin) tidak dapat dibaca."),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(released, exchange, name, reason):
    (exchange / name).mkdir()
    assert reasons(collect(released, MODULE)) == [reason]
    assert not (released.folder / MODULE).exists()


def test_other_modules_and_stray_files_are_left_alone(released, exchange):
    (exchange / f"p001+m9+{EARLY}+x").mkdir()
    (exchange / "catatan.txt").write_text("")
    assert str(collect(released, MODULE)) == "0 new, 0 updated, 0 unchanged, 0 refused."


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another account's files")
def test_another_accounts_submission_is_refused(released, exchange):
    whole, part = arrive(exchange, released, "p001"), arrive(exchange, released, "p002")
    nobody = 65534
    for path in (whole, *whole.rglob("*")):
        os.chown(path, nobody, -1)
    os.chown(part / "module.ipynb", nobody, -1)
    assert reasons(collect(released, MODULE)) == [
        "dikumpulkan atas nama p001, tetapi milik akun nobody.",
        "module.ipynb milik akun lain.",
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another account's files")
def test_the_participants_own_account_is_accepted_and_its_clock_compared(released, exchange):
    folder = arrive(exchange, released, "nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, -1)
    collected = collect(released, MODULE)
    assert collected.new == 1
    (notice,) = collected.notices
    assert notice.reason.startswith("waktu yang dicantumkan berselisih ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_refused(released, exchange):  # pragma: no cover
    folder = arrive(exchange, released)
    folder.chmod(0)
    assert reasons(collect(released, MODULE)) == ["tidak dapat dibaca (Permission denied)."]
    folder.chmod(0o700)


def test_a_missing_notebook_is_replaced_by_the_released_one(released, exchange):
    folder = arrive(exchange, released, sikap="isi")
    (folder / "module.ipynb").unlink()
    collected = collect(released, MODULE)
    released_one = (released.release(MODULE) / "module.ipynb").read_bytes()
    assert (released.submitted("p001", MODULE) / "module.ipynb").read_bytes() == released_one
    assert [note.reason for note in collected.notices] == [
        "tanpa buku catatan modul; dipakai yang dirilis, jawaban diambil dari catatan jawaban."
    ]


def test_an_unreadable_notebook_is_kept_beside_the_released_one(released, exchange):
    folder = arrive(exchange, released)
    (folder / "module.ipynb").write_bytes(b"{rusak")
    assert len(collect(released, MODULE).notices) == 1
    target = released.submitted("p001", MODULE)
    assert (target / "module.ipynb.rusak").read_bytes() == b"{rusak"
    assert (target / "module.ipynb").read_bytes()[:1] == b"{"


def test_without_an_exchange_the_next_step_is_named(released):
    released.exchange.mkdir()
    with pytest.raises(CourseError, match="Run `pamong release m0-contoh` and `nbgrader release_"):
        collect(released, MODULE)
    with pytest.raises(CourseError, match="Tidak ada modul “m9”"):
        collect(released, "m9")


def test_an_exchange_that_is_no_folder_or_may_not_be_used_is_told_without_nbgraders_words(
    released, capfd, monkeypatch
):
    place, reset = released.exchange, os.access

    def told():
        with pytest.raises(CourseError) as caught:
            collect(released, MODULE)
        return str(caught.value)

    assert told().startswith(f"{place} is not there, so nobody has handed in. Put it back, or run ")
    place.write_text("bukan folder")
    assert told() == f"{place} is not a folder. Move it away: submissions are exchanged there."
    place.unlink()
    place.mkdir()
    with monkeypatch.context() as without:
        without.setattr(os, "access", lambda path, mode: path != place and reset(path, mode))
        assert told() == (
            f"This account may not read and write {place}, where submissions are exchanged. "
            "Give it the rights, then collect again."
        )
    assert capfd.readouterr() == ("", "")


def test_a_moment_far_ahead_is_refused_and_never_hides_an_honest_submission(released, exchange):
    arrive(exchange, released, sikap="jujur")
    arrive(exchange, released, stamp="2099-01-01 00:00:00.000000 UTC", sikap="nanti")
    collected = collect(released, MODULE)
    assert reasons(collected) == [
        "waktunya (2099-01-01) jauh di masa depan; minta peserta mengirim ulang."
    ]
    assert (released.submitted("p001", MODULE) / "sikap.jsonl").read_text() == "jujur"
