"""Whether every text that the programme asks for is in its catalogues, in every language there is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter

from pamong.catalogue import LANGUAGE, PACKAGE, areas, is_translated, messages, source
from pamong.errors import Problem
from pamong.inspection.material import told
from pamong.kinds import KINDS

STATIC = PACKAGE / "static"
FRAME = "form"
"""The area of the texts around every exercise."""
_SAY = re.compile(r"\b(?:kindSay|say)\(")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OPEN, _CLOSE = "([{", ")]}"
_COMPARED = re.compile(r"[!=]==?\s*$")


def problems() -> tuple[Problem, ...]:
    """Texts that are asked for and not there, and catalogues that differ between languages.

    Errors for the people who maintain the installation; a catalogue that is not there at all is one.
    """
    lacking = [area for area in KINDS if area not in areas()]
    absent = (told(source(area), "interface.absent", area=area) for area in lacking)
    unknown = (found for area, found in (*_scripts(), *_modules()) if area not in lacking)
    return (*absent, *unknown, *_languages())


def _scripts() -> Iterator[tuple[str, Problem]]:
    for path in sorted((*STATIC.glob("*.js"), *STATIC.glob("kinds/**/*.js"))):
        code = path.read_text(encoding="utf-8")
        owner = path.relative_to(STATIC).parts[1:2] or (path.name,)
        area = owner[0].removesuffix(".js").partition("-")[0]  # rooms-end.js as rooms.js
        known = _keys_of(area)
        if area not in KINDS or "FormContext" in code:  # the frame's voice too
            known |= _keys_of(FRAME)
        for line, pattern in asked_in_script(code):
            if not any(re.fullmatch(pattern, key) for key in known):
                yield area, _unknown(path, line, pattern, area)


def _keys_of(area: str) -> set[str]:
    return {*messages(area).entries} if area in areas() else set()


def asked_in_script(code: str) -> Iterator[tuple[int, str]]:
    """Line and pattern of every key that a script asks ``say`` for, as far as it stands there."""
    code = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), code)
    for found in _SAY.finditer(code):
        line = code.count("\n", 0, found.start()) + 1
        for pattern in _literals(_argument(code, found.end())):
            yield line, pattern


def _argument(code: str, start: int) -> str:
    """The first argument of a call whose parenthesis ends just before ``start``."""
    depth, place = 0, start
    while place < len(code):
        char = code[place]
        if char in "\"'`":
            place = _after(code, place)
            continue
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth < 0 or (depth == 0 and char == ","):
            break
        place += 1
    return code[start:place]


def _after(code: str, start: int) -> int:
    """The place after the literal that starts there; ``${…}`` in a template may hold others."""
    quote, place, depth = code[start], start + 1, 0
    while place < len(code):
        if code[place] == "\\":
            place += 2
            continue
        if quote == "`" and code.startswith("${", place):
            depth, place = depth + 1, place + 2
            continue
        if depth and code[place] in "\"'`":
            place = _after(code, place)
            continue
        if depth and code[place] == "}":
            depth -= 1
        elif not depth and code[place] == quote:
            return place + 1
        place += 1
    return place


def _literals(argument: str) -> Iterator[str]:
    """The keys in an argument as patterns: its literals, but not what it compares with."""
    place = 0
    while place < len(argument):
        if argument[place] not in "\"'`":
            place += 1
            continue
        end = _after(argument, place)
        compared = _COMPARED.search(argument[:place]) or re.match(r"\s*[!=]==?", argument[end:])
        if not compared:
            yield _pattern(argument[place + 1 : end - 1])
        place = end


def _pattern(text: str) -> str:
    """A template literal as a pattern: whatever is filled in may be anything."""
    parts, place = list[str](), 0
    while (start := text.find("${", place)) >= 0:
        parts.append(re.escape(text[place:start]))
        depth, place = 1, start + 2
        while depth and place < len(text):
            depth += (text[place] == "{") - (text[place] == "}")
            place += 1
    return ".+".join((*parts, re.escape(text[place:])))


def _modules() -> Iterator[tuple[str, Problem]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE).parts
        own = inside[1] if inside[0] == "kinds" and len(inside) > 2 else ""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, area, pattern in asked_in_module(tree, own):
            if not any(re.fullmatch(pattern, key) for key in _keys_of(area)):
                yield area, _unknown(path, line, pattern, area)


def asked_in_module(tree: ast.Module, own: str = "") -> Iterator[tuple[int, str, str]]:
    """Line, area and pattern of every key that a module asks a catalogue for.

    ``own`` is the kind that the module belongs to, whose catalogue holds its codes for illegal events.
    """
    shared = {**_speakers(tree.body), **_wrappers(tree)}
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    for scope in (tree, *functions):
        speakers = shared if scope is tree else {**shared, **_speakers(ast.walk(scope))}
        for call in _calls(scope):
            asked, area = call.args[:1], _area(call.func, speakers)
            if own and _called(call.func) == "illegal":
                asked, area = call.args[1:2], own
            if area and asked:
                for pattern in _keys(asked[0]):
                    yield call.lineno, area, pattern


def _wrappers(tree: ast.Module) -> dict[str, str]:
    """Functions that do nothing but look up a key of one area."""
    found: dict[str, str] = {}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and isinstance(function.body[-1], ast.Return):
            returned = function.body[-1].value
            if isinstance(returned, ast.Call) and (area := _area_of_messages(returned.func)):
                names = {each.arg for each in (*function.args.posonlyargs, *function.args.args)}
                first = returned.args[0] if returned.args else None
                if isinstance(first, ast.Name) and first.id in names:
                    found[function.name] = area
    return found


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """The calls in a scope, but not in the functions inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


def _speakers(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """The names that assignments among ``nodes`` let stand for the catalogue of an area."""
    found: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs: list[tuple[ast.expr, ast.expr]] = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for name, value in pairs:
                if isinstance(name, ast.Name) and (area := _area_of_messages(value)):
                    found[name.id] = area
    return found


def _area(function: ast.expr, speakers: Mapping[str, str]) -> str:
    """The area that a called thing speaks for; empty when it is no catalogue."""
    if isinstance(function, ast.Attribute) and function.attr == "vary":
        function = function.value
    if isinstance(function, ast.Name):
        return speakers.get(function.id, "")
    return _area_of_messages(function)


def _area_of_messages(node: ast.expr) -> str:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "messages"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        return str(node.args[0].value)
    return ""


def _keys(asked: ast.expr) -> Iterator[str]:
    if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
        yield re.escape(asked.value)
    elif isinstance(asked, ast.IfExp):
        yield from _keys(asked.body)
        yield from _keys(asked.orelse)
    elif isinstance(asked, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
            for part in asked.values
        )


def _languages() -> Iterator[Problem]:
    """What another language lacks, or fills in otherwise than the Indonesian catalogue does."""
    shared = {path.name for path in (PACKAGE / "messages").iterdir() if path.is_dir()}
    own = {path.stem for path in PACKAGE.glob("kinds/*/messages/*.json")}
    for language in sorted((shared | own) - {LANGUAGE}):
        for area in areas():
            yield from _translation(area, language)


def _translation(area: str, language: str) -> Iterator[Problem]:
    path, known = source(area, language), messages(area, LANGUAGE).entries
    there = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    wanted = {key: text for key, text in known.items() if is_translated(area, key)}
    for key, text in wanted.items():
        if key not in there:
            yield told(path, "interface.missing", at=key, language=language)
        elif _blanks(there[key]) != _blanks(text):
            yield told(path, "interface.blanks", at=key, language=language)
    for key in there.keys() - wanted.keys():
        yield told(path, "interface.extra", at=key, language=language)


def _blanks(text: str | list[str]) -> set[str]:
    variants = [text] if isinstance(text, str) else text
    return {name for each in variants for _, name, _, _ in Formatter().parse(each) if name}


def _unknown(path: Path, line: int, pattern: str, area: str) -> Problem:
    key = re.sub(r"\\(.)", r"\1", pattern.replace(".+", "…"))
    found = told(path, "interface.unknown", key=key, area=area)
    return Problem(path, line, 1, "", found.message)
