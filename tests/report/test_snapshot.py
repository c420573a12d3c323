import json
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import msgspec
import pytest

from pamong import log
from pamong.brief import fingerprint, load_brief
from pamong.errors import CourseError
from pamong.kinds import KINDS
from pamong.play import play
from pamong.reports import snapshot
from pamong.reports.logbook import may_read

MODULE_SIX = Path(__file__).parents[2] / "course" / "source" / "m6-integritas-pelayanan"


def scores(facts, cell):
    return {g.participant: g.score for g in facts.grades if g.cell == cell}


def test_a_course_that_nobody_has_touched_gives_people_and_nothing_else(on_disk, now):
    facts = snapshot.take(on_disk.course, now=now)
    assert len(facts.people) == 8
    assert facts.cohorts == (("a01", "Angkatan I"), ("a02", "Angkatan II"))
    assert facts.modules[0].cells == ()
    assert (facts.submissions, facts.grades, facts.plays, facts.deals) == ((), (), (), ())
    assert facts.unread == 0


def test_the_score_of_a_grade_follows_nbgraders_own_rule(on_disk, now):
    with on_disk.gradebook() as book:
        for n, values in enumerate(
            (
                {"auto_score": 7.0, "manual_score": 9.0, "extra_credit": 1.0},
                {"auto_score": 7.0, "extra_credit": 1.0},
                {"extra_credit": 1.0},
                {"auto_score": 7.0, "manual_score": 0.0},
            )
        ):
            on_disk.grade(book, f"p{n:03}", "pemahaman", **values)
        theirs = {
            f"p{n:03}": book.find_grade("pemahaman", "module", "m0-contoh", f"p{n:03}").score
            for n in range(4)
        }
    ours = scores(snapshot.take(on_disk.course, now=now), "pemahaman")
    assert ours == theirs == {"p000": 10.0, "p001": 8.0, "p002": 0.0, "p003": 0.0}


def test_a_mark_that_waits_for_a_person_is_pending(on_disk, now):
    facts = snapshot.take(on_disk.graded().course, now=now)
    assert {g.cell for g in facts.grades if g.pending} == {"uraian-q1"}
    assert len(facts.grades) == 24


def test_cells_carry_the_titles_that_people_read(on_disk, now):
    facts = snapshot.take(on_disk.graded().course, now=now)
    titles = {cell.id: cell.title for cell in facts.modules[0].cells}
    assert titles == {
        "pemahaman": "Pemahaman dasar",
        "sikap": "Sikap di lapangan",
        "uraian-q1": "Refleksi: uraian q1",
    }


def test_item_scores_come_from_the_logs(on_disk, now):
    on_disk.answer("p003", b1="a", b2="c")
    (play,) = snapshot.take(on_disk.course, now=now).plays
    assert (play.participant, play.exercise, play.finished) == ("p003", "pemahaman", True)
    assert play.items == {"b1": 1.0, "b2": 0.0}


def test_what_was_chosen_and_how_long_it_took_comes_from_the_logs(on_disk, now):
    on_disk.answer("p003", b1="a", b2="c")
    facts = snapshot.take(on_disk.course, now=now)
    (play,) = facts.plays
    assert play.answers == {"b1": "a", "b2": "c"}
    assert play.minutes == pytest.approx(3 / 60)
    questions = {it.id: (it.form, it.correct) for it in facts.questions}
    assert questions == {"b1": ("pemahaman", ("a",)), "b2": ("pemahaman", ("a",))}
    assert facts.modules[0].jp > 0


def test_an_unknown_module_is_refused_with_the_ones_there_are(on_disk, now):
    facts = snapshot.take(on_disk.course, now=now)
    message = r"^No module 'm9' in the programme\. It has: m0-contoh\.$"
    with pytest.raises(CourseError, match=message):
        snapshot.focused(facts, "m9")
    assert snapshot.focused(facts, "") is facts


def test_answers_for_a_coach_are_never_opened(on_disk, now):
    trap = on_disk.hand_in("p001") / "sikap.jsonl"
    trap.mkdir()  # opening it would raise
    facts = snapshot.take(on_disk.graded().course, now=now)
    assert "sikap" not in {play.exercise for play in facts.plays}
    assert "sikap" not in {cell.id for cell in facts.modules[0].played}
    assert facts.unread == 0
    assert not may_read(on_disk.course.shelf("m0-contoh").latest()["sikap"])


def frozen(on_disk, brief):
    """The brief as an exercise of the small module."""
    released = on_disk.course.root / "graders" / "m0-contoh" / "released"
    name = brief.name.removesuffix(".brief.yaml")
    shutil.copy(brief, released / f"{name}.v1.brief.yaml")
    index = json.loads((released / "index.json").read_text("utf-8"))
    index[name] = {"v1": {"brief": fingerprint(brief)}}
    (released / "index.json").write_text(json.dumps(index), "utf-8")
    return load_brief(brief)


def test_what_people_think_of_the_programme_is_heard_nameless_though_nobody_may_read_it_named(
    on_disk, now
):
    brief = frozen(on_disk, MODULE_SIX / "evaluasi-program.brief.yaml")
    kind, people = KINDS["canvas"], ("p001", "p003", "p005")
    for seed, participant in enumerate(people):
        events = play(kind, brief, brief.model, kind.bots["perfect"], rng=Random(seed), skill=1.0)
        path = on_disk.hand_in(participant) / f"{brief.id}.jsonl"
        path.write_bytes(b"".join(log.encode(event) for event in events))
    facts = snapshot.take(on_disk.graded().course, now=now)
    assert not may_read(on_disk.course.shelf("m0-contoh").latest()[brief.id])
    asked = [field.label for stage in brief.stages for field in stage.fields]
    assert Counter(it.question for it in facts.opinions) == dict.fromkeys(asked, len(people))
    assert {it.cohort for it in facts.opinions} == {"a02"}
    order = [(it.question, it.answer) for it in facts.opinions]
    assert order == sorted(order)
    assert brief.id not in {play.exercise for play in facts.plays}
    assert brief.id not in {cell.id for cell in facts.modules[0].played}


def test_a_log_that_cannot_be_believed_is_counted_and_left_out(on_disk, now):
    path = on_disk.answer("p001", b1="a")
    path.write_text(path.read_text("utf-8").replace('"n": 2', '"n": 7'), "utf-8")
    on_disk.answer("p002", b1="a")
    facts = snapshot.take(on_disk.course, now=now)
    assert facts.unread == 1
    assert [play.participant for play in facts.plays] == ["p002"]


def test_an_illegal_log_is_counted_and_left_out(on_disk, now):
    on_disk.answer("p001", b9="a")
    assert snapshot.take(on_disk.course, now=now).unread == 1


def test_people_outside_the_roster_are_not_learners(on_disk, now):
    with on_disk.gradebook() as book:
        book.add_student("penguji")
        on_disk.grade(book, "penguji", "pemahaman", auto_score=40.0)
    facts = snapshot.take(on_disk.course, now=now)
    assert facts.grades == ()
    assert facts.submissions == ()


def test_collected_submissions_count_before_anything_is_graded(on_disk, now):
    on_disk.hand_in("p004", "2026-12-11 16:59:00.000000 UTC")
    (submission,) = snapshot.take(on_disk.course, now=now).submissions
    assert (submission.participant, submission.at) == ("p004", "2026-12-11T16:59:00+00:00")


def test_a_snapshot_is_never_older_than_its_last_submission(on_disk, now):
    on_disk.hand_in("p004", "2026-12-31 00:00:00.000000 UTC")
    facts = snapshot.take(on_disk.course, now=now)
    assert facts.taken == "2026-12-12T03:30:00+00:00"
    assert facts.as_of == "2026-12-31T00:00:00+00:00"


def test_the_fingerprint_names_the_facts_and_not_the_moment(on_disk, now):
    on_disk.graded()
    first = snapshot.take(on_disk.course, now=now)
    later = snapshot.take(on_disk.course)
    assert first.fingerprint == later.fingerprint
    on_disk.answer("p003", b1="c")
    assert snapshot.take(on_disk.course).fingerprint != first.fingerprint


def test_a_saved_snapshot_loads_as_it_was(on_disk, now, tmp_path):
    facts = snapshot.take(on_disk.graded().course, now=now)
    path = tmp_path / "reports" / "snapshot.json"
    snapshot.save(facts, path)
    assert msgspec.json.encode(snapshot.load(str(path))) == msgspec.json.encode(facts)


def test_a_file_that_is_no_snapshot_says_what_to_do(tmp_path):
    path = tmp_path / "snapshot.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(CourseError, match=r"is no snapshot .* Run pamong report again\.$"):
        snapshot.load(str(path))


def test_another_database_is_named_as_such(on_disk, now):
    shutil.rmtree(on_disk.course.gradebook, ignore_errors=True)
    on_disk.course.gradebook.write_bytes(b"")
    with pytest.raises(CourseError, match="is not a gradebook of this nbgrader"):
        snapshot.take(on_disk.course, now=now)
