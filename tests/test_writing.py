"""A module opened where it is written: forms play in place, and no answer ever lands in the source."""

import asyncio
import json
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from pamong.client import ADDRESS
from pamong.module import open_module
from pamong.scaffold import new_exercise
from pamong.view.assets import revision
from pamong.view.author import SETTING, View

MODULE, TALK = "m0-contoh", "pasar-malam"
ROOT = Path(__file__).parents[1]

OPEN = f"""
import pamong

module = pamong.open_module("{MODULE}")
module.exercise("{TALK}")
"""
PLAY = """
from ipywidgets.widgets.widget import _instances

form = next(it for it in _instances.values() if type(it).__name__ == "ExerciseWidget")
said = {"floor": 36, "target": 60, "priorities": ["kebersihan"], "expects_zone": True, "guess": []}
act = {"type": "act", "seq": 1, "id": "a", "act": "prepare", "data": said}
assert form._find().receive(act)["type"] == "ack"
act |= {"seq": 2, "id": "b", "act": "ask", "data": {}}
assert form._find().receive(act)["type"] == "ack"
print(form._find()._session.events()[-1].who)
"""


@pytest.fixture
def course(small):
    new_exercise(small, "negotiation", MODULE, TALK, graded=True, points=0)
    return small


def executed(folder, *sources):
    book = new_notebook(cells=[new_code_cell(source.strip()) for source in sources])
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in book.cells]


@pytest.mark.kernel
def test_a_graded_negotiation_is_played_where_it_is_written_and_leaves_no_log(course, monkeypatch):
    monkeypatch.delenv("PAMONG_COUNTERPART", raising=False)
    source = course.source(MODULE)
    before = sorted(source.iterdir())
    shown, played, points = executed(source, OPEN, PLAY, f'module.points("{TALK}", 40)')
    assert "application/vnd.jupyter.widget-view+json" in shown[0]["data"]
    assert played[0]["text"] == "counterpart\n"
    outcome = points[0]["data"]["application/vnd.pamong.outcome+json"]
    assert (outcome["outcome"], outcome["maximum"]) == ("scored", 40)
    assert sorted(source.iterdir()) == before


def test_elsewhere_answers_lie_beside_the_briefs(course, tmp_path):
    assert open_module(MODULE, tmp_path)._answers == tmp_path
    assert open_module(MODULE, course.source(MODULE))._answers != course.source(MODULE)


def test_a_graded_exercise_without_a_key_has_nobody_on_the_other_side(course, monkeypatch):
    monkeypatch.delenv("PAMONG_COUNTERPART", raising=False)
    (course.keys(MODULE) / f"{TALK}.key.yaml").unlink()
    module = open_module(MODULE, course.source(MODULE))
    assert module._counterpart(*module._find(TALK)) is None


# ---- what the page is told ----


class Contents:
    def __init__(self, root):
        self.root_dir = str(root)


class Open(View):
    """The handler without a login."""

    def prepare(self):
        pass

    def get_current_user(self):
        return "author"


def told(root, path, **settings):
    async def ask():
        socket, port = bind_unused_port()
        application = Application(
            [("/view", Open)],
            contents_manager=Contents(root),
            headers={},
            identity_provider=None,
            allow_origin="*",
            **settings,
        )
        server = HTTPServer(application)
        server.add_sockets([socket])
        try:
            answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/view?path={path}")
            return json.loads(answer.body)
        finally:
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "authoring"),
    [
        (f"course/source/{MODULE}/module.ipynb", True),
        (f"course/release/{MODULE}/module.ipynb", False),
        ("module.ipynb", False),
        (f"../root/course/source/{MODULE}/module.ipynb", True),
        ("../../../../etc/passwd", False),
        ("", False),
    ],
)
def test_the_page_knows_a_notebook_that_is_being_written(course, path, authoring):
    about = {
        "preview": None,
        "module": "",
        "notice": "",
        "revision": revision(),
        "elsewhere": False,
    }
    assert told(course.root, path) == {"authoring": authoring, **about}


def test_a_server_inside_the_modules_folder_knows_it_too(course):
    assert told(course.source(MODULE), "module.ipynb")["authoring"] is True


def test_the_page_knows_that_a_service_has_the_other_pages(course, monkeypatch):
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:8000/services/pamong")
    assert told(course.root, "module.ipynb")["elsewhere"] is True


def test_news_of_a_preview_are_told_while_there_is_one(course, tmp_path):
    path = tmp_path / "news.json"
    settings = {SETTING: str(path)}
    assert told(course.root, "module.ipynb", **settings)["preview"] is None
    path.write_text('{"revision": 3}')
    assert told(course.root, "module.ipynb", **settings)["preview"] == {"revision": 3}
