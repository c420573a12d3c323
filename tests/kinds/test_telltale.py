"""What gives an answer away, and what the kinds tell an author about it."""

from dataclasses import replace

from pamong.kinds.telltale import Asked, telltales
from tests.kinds.cases import case

EVEN = ("Tanyakan dulu sebabnya", "Catat lalu sampaikan", "Datang melihat sendiri")


def asked(count, texts=EVEN, best=None):
    """So many items whose best option is in turn the first, the second and the third."""
    return [Asked(f"b{n}", texts, n % 3 if best is None else best) for n in range(count)]


def test_even_options_with_varied_answers_give_nothing_away():
    assert telltales(asked(6), shuffled=False) == ()


def test_the_longest_and_the_shortest_answer_are_counted():
    texts = ("Ya", "Tanyakan sebabnya lebih dahulu", "Lihat sendiri")
    assert telltales(asked(5, texts, best=1), shuffled=True) == (
        "Pada 5 dari 5 butir, jawaban terbaik adalah pilihan yang paling panjang, sehingga dapat "
        "ditebak; samakan panjangnya.",
    )
    assert telltales(asked(5, texts, best=0), shuffled=True) == (
        "Pada 5 dari 5 butir, jawaban terbaik adalah pilihan yang paling pendek, sehingga dapat "
        "ditebak; samakan panjangnya.",
    )


def test_a_place_gives_away_only_what_is_not_shuffled():
    assert telltales(asked(4, best=2), shuffled=True) == ()
    assert telltales(asked(4, best=2), shuffled=False) == (
        "Pada 4 dari 4 butir, jawaban terbaik berada di urutan yang sama di berkas soal; ubah "
        "urutannya. Berkas itu ikut dibagikan kepada peserta, juga bila shuffle: true.",
    )


def test_three_items_say_nothing_about_a_habit():
    assert telltales(asked(3, best=2), shuffled=False) == ()


def test_the_procedural_answer_is_a_telltale_of_its_own():
    texts = ("Tutup loket itu hari ini", "Laporkan sesuai prosedur", "Ganti petugas di loket")
    assert telltales(asked(4, texts, best=1), shuffled=True) == (
        "Pada 4 dari 4 butir, jawaban terbaik adalah pilihan yang paling berbunyi prosedural (lapor, "
        "koordinasi, musyawarah), sehingga dapat dipilih tanpa menimbang; buatlah pilihan lain yang "
        "sama santunnya.",
    )


def test_options_of_very_unequal_length_are_named_with_their_item():
    texts = ("Ya", "Tidak", "Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh")
    assert telltales(asked(1, texts), shuffled=True) == (
        "Butir b0: panjang pilihannya sangat berbeda (1 sampai 10 kata); samakan panjangnya.",
    )


def test_a_judgement_whose_best_and_worst_are_close_is_named():
    kind, brief, key = case("situational")
    item = brief.items[0]
    ratings = {option.id: (3,) * 8 for option in item.options}
    ratings[item.options[0].id] = (3, 3, 3, 3, 3, 3, 3, 4)
    flat = replace(key.items[item.id], experts=ratings)
    told = kind.advise(brief, replace(key, items={**key.items, item.id: flat}))
    assert (
        f"Butir {item.id}: pilihan terbaik dan terburuk hanya berbeda 0,12 pada skala para ahli, "
        "sehingga butir ini hampir tidak membedakan." in told
    )


def test_options_that_no_expert_finds_best_or_worst_are_named_where_half_of_them_are():
    kind, brief, key = case("situational:best_worst")
    item = brief.items[0]
    best, worst, *others = (option.id for option in item.options)
    ratings = {best: (5,) * 8, worst: (1,) * 8, **dict.fromkeys(others, (3,) * 8)}
    flat = replace(key.items[item.id], experts=ratings)
    told = kind.advise(brief, replace(key, items={**key.items, item.id: flat}))
    named = ", ".join(f"“{id}”" for id in others)
    expected = f"Butir {item.id}: tidak ada ahli yang menilai pilihan {named} paling tepat"
    assert sum(line.startswith(expected) for line in told) == 1
    assert not any(
        "tidak ada ahli" in line for line in kind.advise(replace(brief, format="rating"), key)
    )


def test_a_clause_that_is_worse_for_both_sides_is_named():
    kind, brief, key = case("negotiation")
    assert kind.advise(brief, key) == ()
    worse = replace(brief, points={**brief.points, "staf": (10, 5, 5, 3, 0)})
    label = next(issue for issue in brief.issues if issue.id == "staf").options[1].label
    assert kind.check(worse, key) == ()
    assert kind.advise(worse, key) == (
        f"isu staf: pilihan “{label}” tidak pernah lebih baik bagi pihak mana pun daripada pilihan "
        "lain, sehingga tidak ada kesepakatan baik yang memakainya",
    )


def test_a_graded_file_that_lists_the_options_by_worth_gives_its_key_away():
    kind, brief, key = case("situational")
    several = tuple(replace(brief.items[0], id=f"b{n}") for n in range(4))
    keys = {item.id: key.items[brief.items[0].id] for item in several}
    best_first = tuple(
        replace(
            item,
            options=tuple(sorted(item.options, key=lambda o: -sum(keys[item.id].experts[o.id]))),
        )
        for item in several
    )
    graded = replace(brief, items=best_first, use="graded", model=None)
    sentence = (
        "Pada 4 dari 4 butir, pilihan di berkas soal tersusun dari yang terbaik ke yang terburuk "
        "atau sebaliknya; acaklah, karena berkas itu ikut dibagikan kepada peserta."
    )
    advise = kind.advise
    assert sentence in advise(graded, replace(key, items=keys))
    assert sentence not in advise(
        replace(graded, use="practice", model=key), replace(key, items=keys)
    )
