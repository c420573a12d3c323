"""The API: each operation does what its line says, for whom it says, within its bounds."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from pamong.brief import load_brief
from pamong.service import audit, handover, schedule
from pamong.service.api.description import describe
from pamong.service.api.routes import OPERATIONS

from .conftest import MODULE, NOW, Serving

V1 = "pamong/api/v1"
HERE = Path(__file__).parent
ROLES = {"peserta": "p001", "widyaiswara": "w01", "penyelenggara": "k01", "pimpinan": "g01"}
MESSAGES = f"{V1}/modules/{MODULE}/exercises/sikap/messages"
SUBMISSIONS = f"{V1}/modules/{MODULE}/submissions"


def act(client, id="a-1", exercise="latihan", act="answer", data=None):
    message = {
        "type": "act",
        "seq": 1,
        "id": id,
        "act": act,
        "data": data or {"item": "l1", "chosen": ["a"]},
    }
    return client.post(f"{V1}/modules/{MODULE}/exercises/{exercise}/messages", message)


def submit(client, **content):
    return client.post(SUBMISSIONS, {"statement": True, **content})


def taken(client):
    """What staff see of the submissions of the module."""
    return client.as_("w01").get(f"{V1}/staff/modules/{MODULE}/submissions").said


def example(path):
    """An address with something in every place."""
    filled = {
        "module": MODULE,
        "exercise": "latihan",
        "file": "module.ipynb",
        "code": "AAAA-BBBB",
        "id": "1",
        "notebook": "module",
    }
    for name, value in filled.items():
        path = path.replace(f"{{{name}}}", value)
    return f"{V1}/{path}"


@pytest.mark.parametrize("asks", OPERATIONS, ids=lambda it: f"{it.method} {it.path}")
def test_nobody_else_is_let_in(client, asks):
    """Whoever is not named gets 403 before anything is read, nobody 401, and that as one sentence."""
    for role, who in ROLES.items():
        answer = _ask(client.as_(who), asks)
        allowed = not asks.roles or role in asks.roles
        assert (answer.status == 403) is not allowed, (role, answer.text)
        if not allowed:
            assert answer.said["text"].endswith(".")
    for stranger, status in (("", 401), ("p999", 403)):
        answer = _ask(client.as_(stranger), asks)
        assert answer.status == status
        assert set(answer.said) == {"text", "again"}


def test_who_may_do_what_is_written_down_once_and_here():
    staff = {it.path: set(it.roles) for it in OPERATIONS if it.path.startswith("staff/")}
    teaching = {"widyaiswara", "penyelenggara"}
    assert {path for path, roles in staff.items() if "pimpinan" in roles} == {"staff/totals"}
    assert all(roles <= {*teaching, "pimpinan"} for roles in staff.values())
    assert [it.roles for it in OPERATIONS if it.does.__name__ == "extend"] == [("penyelenggara",)]
    others = [it for it in OPERATIONS if it.path not in staff]
    assert {it.roles for it in others} == {(), ("peserta",)}
    assert {it.path for it in others if not it.roles} == {
        "me", "modules", "modules/{module}/files", "modules/{module}/files/{file}", "openapi.json",
    }  # fmt: skip


def _ask(client, asks):
    if asks.method == "get":
        return client.get(example(asks.path))
    return client.post(example(asks.path), [], method=asks.method.upper())


def test_the_description_in_the_repository_is_the_one_that_is_served(client):
    kept = json.loads((HERE.parents[1] / "docs" / "openapi.json").read_text())
    assert (
        client.get(f"{V1}/openapi.json").said
        == kept
        == json.loads(json.dumps(describe(OPERATIONS)))
    )


def test_everybody_learns_who_they_are(client):
    assert client.get(f"{V1}/me").said | {"name": ""} == {
        "id": "p001", "name": "", "role": "peserta", "office": "lurah", "cohort": "a01",
        "course": "kursus-contoh", "programme": "Pelatihan Contoh", "language": "id",
        "zone": "Asia/Jakarta",
    }  # fmt: skip


def test_a_module_says_when_it_is_due_in_words_and_for_programs(client):
    (module,) = client.get(f"{V1}/modules").said
    assert module["window"]["deadline"] == "2026-12-11T16:59:00Z"
    assert module["window"]["words"] == "Batas waktu 11 Desember 2026 pukul 23.59 WIB."
    assert (module["released"], module["notebooks"], module["window"]["state"]) == (
        True,
        ["module.ipynb"],
        "open",
    )


def test_the_files_of_a_module_are_those_of_the_release_and_nothing_above_it(client, service):
    names = {it["name"] for it in client.get(f"{V1}/modules/{MODULE}/files").said}
    assert names == set(handover.files(service.course, MODULE))
    assert not [name for name in names if name.endswith(".key.yaml")]
    answer = client.get(f"{V1}/modules/{MODULE}/files/module.ipynb")
    assert answer.content == (service.course.release(MODULE) / "module.ipynb").read_bytes()
    again = client.get(
        f"{V1}/modules/{MODULE}/files/module.ipynb", If_None_Match=answer.headers["Etag"]
    )
    assert (again.status, again.content) == (304, b"")
    for name in ("../../programme.yaml", "..%2f..%2fprogramme.yaml", "%2fetc%2fpasswd", ".secret"):
        assert client.get(f"{V1}/modules/{MODULE}/files/{name}").status == 404


def test_a_module_that_is_not_released_or_not_open_yet_cannot_be_had(client, service):
    staff = client.as_("w01")
    assert staff.post(f"{V1}/staff/modules/{MODULE}/release", method="DELETE").said == {
        "changed": 1
    }
    assert client.get(f"{V1}/modules/{MODULE}/files").status == 404
    assert act(client).status == 404
    assert client.get(f"{V1}/modules").said[0]["notebooks"] == []
    assert staff.post(f"{V1}/staff/modules/{MODULE}/release", method="PUT").said == {"changed": 1}
    assert staff.post(f"{V1}/staff/modules/{MODULE}/release", method="PUT").said == {"changed": 0}
    assert act(client).status == 200
    with service.database.reading() as connection:
        done = [line.act for line in audit.read(connection) if line.who == "w01"]
    assert sorted(done) == ["module.released", "module.unreleased"]


def test_before_a_module_opens_only_those_who_teach_it_have_it(client, service):
    later = schedule.Window(opens=NOW + timedelta(days=1), closes=NOW + timedelta(days=2))
    with service.database.writing() as connection:
        schedule.put(connection, service.course.programme, "a01", MODULE, later, by="k01", at=NOW)
    place = f"{V1}/modules/{MODULE}/files"
    for path in (place, f"{place}/module.ipynb", f"{V1}/modules/{MODULE}/exercises/sikap/events"):
        assert client.get(path).status == 404
    assert submit(client).status == 404
    (module,) = client.get(f"{V1}/modules").said
    assert (module["window"]["state"], module["notebooks"]) == ("early", [])
    assert module["window"]["words"].startswith("Dibuka 2 Desember 2026")
    assert client.as_("w01").get(place).status == 200
    assert client.as_("g01").get(place).status == 404
    service.clock.move(days=1)
    assert client.get(place).status == 200


def test_an_exercise_answers_as_on_the_light_page_and_its_events_can_be_read(client):
    answer = act(client)
    assert (answer.said["type"], answer.said["screen"]["n"]) == ("ack", 2)
    page = client.post(f"pamong/modules/{MODULE}/exercises/latihan", {"type": "refresh"})
    assert page.said["screen"] == answer.said["screen"]
    events = client.get(f"{V1}/modules/{MODULE}/exercises/latihan/events?since=1").said
    assert events["n"] == 2
    assert [event["id"] for event in events["events"]] == ["a-1"]
    other = client.as_("p002").get(f"{V1}/modules/{MODULE}/exercises/latihan/events").said
    assert other == {"n": 0, "events": []}


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"{", 400, "tidak dapat dibaca"),
        (b"[]", 400, "tidak dapat dibaca"),
        (b"\xff", 400, "tidak dapat dibaca"),
        (b"[" * 100_000, 400, "tidak dapat dibaca"),
        (b'{"type": "lain"}', 400, "act, look, atau refresh"),
        (b'{"type": "act", "seq": "1"}', 400, "act, look, atau refresh"),
        (b" " * (256 * 1024 + 1), 413, "besar"),
    ],
)
def test_a_message_that_is_none_is_refused_in_a_sentence(client, content, status, said):
    answer = client.post(MESSAGES, content)
    assert answer.status == status
    assert said in answer.said["text"]


def test_what_does_not_exist_is_not_there(client):
    for path in (
        "modules/tidak-ada/files", f"modules/{MODULE}/exercises/tidak-ada/events", "lain",
        f"modules/{MODULE}/submissions/AAAA-BBBB/feedback/module",
    ):  # fmt: skip
        assert client.get(f"{V1}/{path}").status == 404
    assert client.as_("w01").get(f"{V1}/staff/submissions/77").status == 404
    assert client.get(f"{V1}/modules/{MODULE}/exercises/sikap/events?since=-1").status == 400


def test_another_method_is_refused_and_the_right_ones_named(client):
    answer = client.post(f"{V1}/me", {})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_what_is_handed_in_are_the_notebooks_given_and_the_logs_that_the_service_has(client):
    act(client)
    page = client.get(f"{V1}/modules/{MODULE}/files/module.ipynb").said
    for cell in page["cells"]:
        if "uraian" in cell.get("id", ""):
            cell["source"] = "Tulisan saya."
    given = {
        "module.ipynb": base64.b64encode(json.dumps(page).encode()).decode(),
        "latihan.jsonl": base64.b64encode(b'{"n": 1}\n').decode(),
        "../lain.ipynb": base64.b64encode(b"x").decode(),
    }
    made = submit(client, notebooks=given)
    assert made.status == 200, made.text
    (handed,) = taken(client)
    found = client.as_("w01").get(f"{V1}/staff/submissions/{handed['id']}").said
    assert (found["participant"], found["content"]) == ("p001", made.said["content"])
    files = {name: base64.b64decode(content) for name, content in found["files"].items()}
    assert b"Tulisan saya." in files["module.ipynb"]
    assert files["latihan.jsonl"].count(b"\n") == 2
    assert not [name for name in files if "lain" in name]
    assert files["receipt.json"].decode() == made.said["receipt"]
    assert made.said["content"] in made.said["proof"]
    assert len(found["secret"]) == 128


def test_handing_in_the_same_twice_is_one_submission(client):
    first, again = submit(client), submit(client)
    assert first.said["code"] == again.said["code"]
    assert len(taken(client)) == 1
    assert [it["code"] for it in client.get(SUBMISSIONS).said] == [first.said["code"]]
    assert client.as_("p002").get(SUBMISSIONS).said == []
    assert client.get(f"{V1}/modules").said[0]["submissions"] == 1


def written(client, name="uraian", text="Tulisan saya."):
    """The module's notebook with something in one cell, as a program sends it."""
    page = client.get(f"{V1}/modules/{MODULE}/files/module.ipynb").said
    for cell in page["cells"]:
        if name in cell.get("id", ""):
            cell["source"] = text
    return {"module.ipynb": base64.b64encode(json.dumps(page).encode()).decode()}


def newest(client):
    """The notebook of the submission that counts."""
    handed = max(taken(client), key=lambda it: it["id"])
    files = client.as_("w01").get(f"{V1}/staff/submissions/{handed['id']}").said["files"]
    return base64.b64decode(files["module.ipynb"])


def test_the_page_hands_in_what_was_written_in_the_notebook_and_handed_in_before(client):
    submit(client, notebooks=written(client))
    page = f"pamong/modules/{MODULE}/submission"
    act(client)
    seen = client.get(page).said["seen"]
    assert client.post(page, {"statement": True, "seen": seen}).status == 200
    assert len(taken(client)) == 2
    assert b"Tulisan saya." in newest(client)
    assert act(client, "a-2").said["type"] == "ack"
    assert submit(client).status == 200
    assert b"Tulisan saya." in newest(client)
    submit(client, notebooks=written(client, name="tidak ada"))
    assert b"Tulisan saya." not in newest(client)
    again = client.get(page).said["seen"]
    assert client.post(page, {"statement": True, "seen": again}).status == 200
    assert b"Tulisan saya." not in newest(client)


def test_a_notebook_whose_cells_are_not_those_of_the_release_is_not_handed_in_by_the_page(client):
    page = client.get(f"{V1}/modules/{MODULE}/files/module.ipynb").said
    page["cells"] = [it for it in page["cells"] if "uraian" not in it.get("id", "")]
    for strange in (json.dumps(page).encode(), b"{}", b""):
        submit(client, notebooks={"module.ipynb": base64.b64encode(strange).decode()})
        seen = client.get(f"pamong/modules/{MODULE}/submission").said["seen"]
        client.post(f"pamong/modules/{MODULE}/submission", {"statement": True, "seen": seen})
        assert b"uraian" in newest(client)


def test_a_submission_beyond_its_bound_is_refused(client):
    answer = client.post(SUBMISSIONS, b" " * (16 * 1024 * 1024 + 1))
    assert answer.status == 413
    assert client.get(SUBMISSIONS).said == []
    assert submit(client, notebooks={"module.ipynb": "%%%"}).status == 400
    assert submit(client, mine=1).status == 400


def test_after_the_module_has_closed_nothing_is_taken(client, service):
    submit(client)
    closes = schedule.Window(closes=NOW + timedelta(days=1), grace=timedelta())
    with service.database.writing() as connection:
        schedule.put(connection, service.course.programme, "a01", MODULE, closes, by="k01", at=NOW)
    item = load_brief(service.course.release(MODULE) / "pemahaman.brief.yaml").items[0]
    data = {"item": item.id, "chosen": [item.options[0].id]}
    assert act(client, "a-1", "pemahaman", data=data).said["type"] == "ack"
    service.clock.move(days=2)
    assert act(client, "a-2", "pemahaman", data=data).said["type"] == "refuse"
    answer = submit(client, statement=False, notebooks={"module.ipynb": ""})
    assert (answer.status, answer.said["again"]) == (409, False)
    assert len(client.get(SUBMISSIONS).said) == 1
    assert client.get(f"{V1}/modules").said[0]["window"]["state"] == "closed"


def test_feedback_reaches_its_owner_alone(client):
    code = submit(client).said["code"]
    (handed,) = taken(client)
    place = f"{V1}/staff/submissions/{handed['id']}/feedback/module"
    staff = client.as_("w01")
    assert staff.post(place, b"<p>Baik.</p>", method="PUT").said == {"changed": 1}
    assert staff.post(place, b"<p>Baik.</p>", method="PUT").said == {"changed": 0}
    (own,) = client.get(SUBMISSIONS).said
    assert list(own["feedback"]) == ["module"]
    answer = client.get(f"{SUBMISSIONS}/{code}/feedback/module")
    assert answer.content == b"<p>Baik.</p>"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.as_("p002").get(f"{SUBMISSIONS}/{code}/feedback/module").status == 404
    assert (
        client.as_("w01")
        .post(f"{V1}/staff/submissions/99/feedback/module", b"x", method="PUT")
        .status
        == 404
    )


def test_staff_see_how_far_everybody_is_and_leaders_only_what_tells_of_many(client):
    act(client)
    submit(client)
    place = f"{V1}/staff/modules/{MODULE}/progress"
    found = {it["participant"]: it for it in client.as_("w01").get(place).said}
    assert (found["p001"]["begun"], found["p001"]["submissions"]) == (1, 1)
    assert (found["p002"]["begun"], found["p002"]["last"]) == (0, None)
    assert set(found["p001"]) & {"answers", "score", "points"} == set()
    (total,) = client.as_("g01").get(f"{V1}/staff/totals").said
    assert (total["cohort"], total["people"], total["submitted"]) == ("a01", None, None)


def test_extensions_are_given_to_all_or_none_and_audited(client, service):
    until = (NOW + timedelta(days=20)).isoformat()
    one = {"person": "p001", "module": MODULE, "until": until, "reason": "dinas mendesak"}
    staff = client.as_("k01")
    wrong = staff.post(f"{V1}/staff/extensions", [one, {**one, "person": "p999"}], method="PUT")
    assert wrong.status == 404
    assert staff.get(f"{V1}/staff/extensions").said == []
    assert staff.post(f"{V1}/staff/extensions", [one], method="PUT").said == {"changed": 1}
    assert staff.post(f"{V1}/staff/extensions", [one], method="PUT").said == {"changed": 0}
    (module,) = client.get(f"{V1}/modules").said
    assert (module["window"]["extended"], module["window"]["deadline"]) == (
        True,
        "2026-12-21T03:00:00Z",
    )
    for bad in (
        {"reason": " "},
        {"until": "2026-12-21T03:00:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"person": "../x"},
    ):
        assert staff.post(f"{V1}/staff/extensions", [{**one, **bad}], method="PUT").status == 400
    with service.database.reading() as connection:
        (line,) = [it for it in audit.read(connection) if it.act == "extension.given"]
    assert (line.who, line.whom) == ("k01", "p001")


def test_a_release_that_was_never_frozen_says_what_to_do(client, service):
    for path in service.course.release(MODULE).glob("*.ipynb"):
        path.unlink()
    staff = client.as_("w01")
    staff.post(f"{V1}/staff/modules/{MODULE}/release", method="DELETE")
    answer = staff.post(f"{V1}/staff/modules/{MODULE}/release", method="PUT")
    assert answer.status == 409
    assert (
        answer.said["text"] == f"{MODULE} has no release yet. Run `pamong release {MODULE}` first."
    )


def test_a_database_that_fails_is_no_page_of_errors(service):
    with Serving(service) as serving:
        from .conftest import Client  # noqa: PLC0415

        client = Client(serving.address)
        with service.database.writing() as connection:
            connection.exec_driver_sql("drop table releases")
        answer = client.get(f"{V1}/modules")
    assert answer.status == 503
    assert set(answer.said) == {"text", "again"}
