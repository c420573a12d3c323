"""A person at a page with a keyboard and nothing else: Tab to a control, keys to work it.

Scripts only look. ``WATCH`` notes from the first control on what nobody at a keyboard should meet: a stop without a mark,
an order against the page, a focus that is hidden or lost; ``Keyboard.faults`` tells. A control that no Tab
reaches, or that keys cannot bring where it should be, fails at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import ElementHandle, Locator, Page

ROUNDS = 40
"""How often the way is asked again before a control counts as out of reach."""
LETTERS = 1
"""So much of a text is typed, which tells whether keys arrive; the rest comes as from a dictation."""
STEPS = 3
"""Options that are walked through in a closed list; for more the list is opened."""

WATCH = """() => {
  const faults = new Set(), told = (node) => node.outerHTML.slice(0, 140);
  const found = { faults, told, begun: false, last: null, way: 0 };
  let from = null, keys = false;
  addEventListener("keydown", (event) => {
    found.way = event.key === "Tab" ? (event.shiftKey ? -1 : 1) : 0;
    [keys, from] = [true, document.activeElement];
  }, true);
  addEventListener("focusin", ({ target }) => {
    const { way } = found, old = from;
    [from, found.last] = [null, target];
    if (!keys || !target.closest(".pm-form, .pm-page") || target.matches("[tabindex='-1'], body")) return;
    const marks = [target, target.closest("label") || target].map((each) => getComputedStyle(each));
    if (!marks.some(({ outlineStyle: style, outlineWidth: width }) => style === "auto" || (style !== "none" && parseFloat(width) >= 2)))
      faults.add(`no mark: ${told(target)}`);
    if (!way || !old || !old.isConnected || old === document.body || old === target) return;
    const follows = Boolean(old.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (follows !== way > 0) faults.add(`against the order: ${told(old)} to ${told(target)}`);
    if (target.closest(".pm-form") !== old.closest(".pm-form")) return;
    const [before, after] = [old, target].map((each) => (each.closest("label") || each).getBoundingClientRect());
    const [upper, lower] = way > 0 ? [before, after] : [after, before];
    if (lower.bottom <= upper.top && lower.left <= upper.left) faults.add(`upwards: ${told(old)} to ${told(target)}`);
  }, true);
  return found;
}"""

# How many stops away the control is, backwards below zero; how it stands, once the focus is there.
WAY = (
    f"""async (target) => {{
  const watch = (globalThis.pamongKeyboard ??= ({WATCH})());
  const {{ faults, told }} = watch;
"""
    + """
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  const until = async (test, time) => {
    for (const end = performance.now() + time; !test() && performance.now() < end; ) await pause(15);
    return test();
  };
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const idle = (node) => node.matches(":disabled, [aria-disabled=true]");
  const radio = (node) => node.type === "radio";
  const mates = (node) => [...document.getElementsByName(node.name)].filter((each) => radio(each) && !each.disabled);
  if (!(await until(() => !target.isConnected || (shown(target) && !idle(target)), 20000)))
    throw new Error(`not to be used: ${told(target)}`);
  if (!target.isConnected) return { there: false, gone: true };
  const left = () => watch.begun && !document.hasFocus();
  if (watch.begun && !(await until(() => document.activeElement !== document.body || left(), 2000)))
    faults.add(`lost between ${watch.last && told(watch.last)} and ${told(target)}`);
  // A stop went away while Tab was held, and the last one led out of the page: back into it.
  if (left()) return { there: false, stops: -watch.way };
  watch.begun = true;
  const here = document.activeElement;
  const group = radio(target) ? mates(target) : [target];
  if (group.includes(here)) {
    const box = (here.closest("label") || here).getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const at = [[0.5, 0.5], [0.02, 0.1], [0.98, 0.9]].map(([x, y]) =>
      document.elementFromPoint(left + x * (right - left), top + y * (bottom - top)));
    const own = (node) => node && (here.contains(node) || node.contains(here) && node.closest("label") === here.closest("label"));
    // An answer brought into sight may have moved the focus out of it; the next key brings that back.
    const away = box.bottom <= 0 || box.top >= innerHeight;
    if (!away && (left >= right || top >= bottom || !at.some(own))) faults.add(`hidden: ${told(here)}`);
    const options = [...(target.options ?? [])].filter((each) => !each.disabled);
    return { there: true, steps: group.indexOf(target) - group.indexOf(here), checked: Boolean(target.checked), filled: Boolean(target.value),
      options: options.map((each) => each.value), chosen: options.indexOf(target.selectedOptions?.[0]) };
  }
  // Where the keyboard enters a group: at its answer, else at its first radio button.
  const goal = group.find((each) => radio(each) && each.checked) ?? group[0];
  const after = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (here !== document.body && after(group[0], here) && after(here, group.at(-1)))
    faults.add(`passed by before it was met: ${told(target)}`);
  const later = here === document.body || after(here, goal);
  const [low, high] = later ? [here, goal] : [goal, here];
  const met = new Set([here, goal].filter(radio).map((each) => each.name));
  const counts = (node) => {
    if (!radio(node)) return true;
    if (met.has(node.name) || (!node.checked && mates(node).some((each) => each.checked))) return false;
    return Boolean(met.add(node.name));
  };
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const place = (node) => {
    let [first, last] = [0, all.length];
    while (first < last) {
      const middle = (first + last) >> 1;
      if (after(all[middle], node) || all[middle].contains(node)) first = middle + 1;
      else last = middle;
    }
    return first;
  };
  const stops = all.slice(place(low), place(high)).filter((node) =>
    node !== low && node !== high && !node.disabled && node.tabIndex >= 0 && shown(node) && counts(node));
  return { there: false, stops: (later ? 1 : -1) * (stops.length + 1) };
}"""
)

KEPT = "() => new Promise((go) => requestAnimationFrame(() => setTimeout(() => setTimeout(go))))"
LOST = """async () => {
  if (!globalThis.pamongKeyboard?.begun) return false;
  for (const end = performance.now() + 2000; document.activeElement === document.body && performance.now() < end; )
    await new Promise((done) => setTimeout(done, 15));
  return document.activeElement === document.body;
}"""


@dataclass(frozen=True, slots=True)
class Reached:
    """A control that has the focus, or the one of its group that has; ``way`` is how it stood then."""

    node: ElementHandle
    way: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The keys under the hands."""

    page: Page

    def press(self, key: str, times: int = 1) -> None:
        """Press a key; several times by holding it down."""
        *shifts, last = key.split("+")
        for each in shifts:
            self.page.keyboard.down(each)
        for _ in range(times):
            self.page.keyboard.down(last)
        for each in (last, *shifts):
            self.page.keyboard.up(each)

    def reach(self, control: Locator) -> Reached:
        """Tab, or Shift+Tab, until the focus is on the control; one radio button stands for all of its group."""
        node = control.element_handle()
        for _ in range(ROUNDS):
            way: dict[str, Any] = node.evaluate(WAY)
            if way["there"]:
                return Reached(node, way)
            if way.get("gone"):
                node = control.element_handle()
                continue
            self.press("Tab" if way["stops"] > 0 else "Shift+Tab", abs(way["stops"]))
        raise AssertionError(f"No key leads to {node.evaluate('node => node.outerHTML')[:300]}")

    def strike(self, control: Locator, times: int = 1) -> None:
        """Press a button, a link, a summary."""
        self.reach(control)
        for _ in range(times):
            self.press("Enter")

    def mark(self, box: Locator) -> None:
        """Choose an option; in a group of radio buttons the arrows lead to it and choose as they go."""
        found = self.reach(box)
        steps = found.way["steps"]
        self.press("ArrowDown" if steps > 0 else "ArrowUp", abs(steps))
        if not steps and not found.way["checked"]:
            self.press("Space")
        assert found.node.evaluate("node => node.checked"), f"No key marks {box}"

    def pick(self, select: Locator, value: str) -> None:
        """Choose from a list, closed where the way is short, else opened."""
        found = self.reach(select)
        steps = found.way["options"].index(value) - found.way["chosen"]
        short = abs(steps) <= STEPS
        if not short:
            self.press("Alt+ArrowDown")
        self.press("ArrowDown" if steps > 0 else "ArrowUp", abs(steps))
        if not short:
            self.press("Enter")
        got = found.node.evaluate("node => node.value")
        assert got == value, f"Keys bring {select} to {got!r} instead of {value!r}"

    def write(self, box: Locator, text: str) -> None:
        """Write in a box what shall stand in it instead of what stands there."""
        if self.reach(box).way["filled"]:
            self.press("ControlOrMeta+a")
        self.page.keyboard.type(text[:LETTERS])
        if text[LETTERS:]:
            self.page.keyboard.insert_text(text[LETTERS:])

    def date(self, box: Locator, iso: str) -> None:
        """Type a day into its three parts, in whichever order this browser asks for them."""
        year, month, day = iso.split("-")
        for digits in (month + day + year, day + month + year):
            found = self.reach(box)
            self.press("ArrowLeft", 3)
            self.page.keyboard.type(digits)
            if found.node.evaluate("node => node.value") == iso:
                return
        raise AssertionError(f"No key writes {iso} into {box}")

    def settle(self) -> None:
        """Wait until what has been drawn has moved the focus where it belongs."""
        self.page.evaluate(KEPT)

    def faults(self) -> list[str]:
        lost = ["the focus is lost"] if self.page.evaluate(LOST) else []
        return [*self.page.evaluate("() => [...(globalThis.pamongKeyboard?.faults ?? [])]"), *lost]
