"""What is committed is what the sources make today, and nothing of a key is in it."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import pamong
from pamong.course import KEY, Course
from pamong.worksheet import worksheets

ROOT = Path(__file__).resolve().parent.parent
COURSE = Course.load(ROOT)
MODULES = [plan.id for plan in COURSE.programme.modules]


def released(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def texts(value: object) -> Iterator[str]:
    """Every text in authored data."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.kernel
@pytest.mark.parametrize("module", MODULES)
def test_the_committed_release_is_a_fresh_release(module: str, tmp_path: Path) -> None:
    for name in (
        "course/source",
        "course/programme.yaml",
        "course/roster.csv",
        "graders",
        "templates",
    ):
        origin, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if origin.is_dir() else shutil.copy)(origin, target)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", module]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    fresh = Course.load(tmp_path)
    assert released(fresh.release(module)) == released(COURSE.release(module))
    assert released(fresh.shelf(module).folder) == released(COURSE.shelf(module).folder)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_of_a_key_and_no_hidden_test_is_in_the_release(module: str) -> None:
    content = {
        name: data.decode(errors="replace")
        for name, data in released(COURSE.release(module)).items()
    }
    assert not [name for name in content if name.endswith((KEY, ".jsonl"))]
    for name, text in content.items():
        assert "HIDDEN TESTS" not in text, name
        assert "module.points" not in text, name
    everything = "\n".join(content.values())
    for path in COURSE.keys(module).glob(f"*{KEY}"):
        key = yaml.safe_load(path.read_text(encoding="utf-8"))
        key.pop("calibration", None)  # names of bots and bounds: they tell nothing
        for text in texts(key):
            assert len(text) < 25 or text not in everything, (path.name, text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "course" / "figures").glob("m[0-9]_*.py")), ids=lambda p: p.stem
)
def test_every_committed_figure_is_a_fresh_drawing_with_a_title(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    drawn = {f"{name}.svg": draw() for name, draw in script.DRAWINGS.items()}
    assert {
        each.name: each.read_text(encoding="utf-8") for each in script.FOLDER.iterdir()
    } == drawn
    assert [name for name, text in drawn.items() if "<title" not in text] == []


@pytest.mark.parametrize("module", MODULES)
def test_the_committed_worksheets_are_fresh(module: str) -> None:
    course = Course.load(ROOT)
    committed = course.folder / "worksheets" / f"{module}.html"
    assert committed.read_text(encoding="utf-8") == worksheets(course, module)


def test_lock_files_pin_by_hash_and_name_no_registry() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--extra-index-url|file:", text), path.name


def test_architecture_names_every_module_and_stays_short() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    package = ROOT / "pamong"
    names = [path.stem for path in package.rglob("*.py") if path.stem != "__init__"]
    top = {path.stem for path in package.glob("*.py") if path.stem != "__init__"}
    assert [name for name in sorted(top & set(names)) if f"`{name}`" not in text] == []


def test_the_newest_changelog_entry_is_the_version() -> None:
    found = re.search(
        r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    assert found.group(1) == pamong.__version__


def test_the_readme_is_short_and_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 135
    for command in (
        "scripts/demo",
        "scripts/test",
        "pamong preview",
        "pamong grade",
        "pamong report",
    ):
        assert command in text
