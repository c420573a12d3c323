"""What a page must look like, measured by scripts of our own: the rules of axe for it take longer than all others.

Each gives what it finds wrong within ``root``, a selector, and where it is.
"""

from __future__ import annotations

from playwright.sync_api import Page

SLOW = ("color-contrast", "target-size")
"""Rules of axe that these stand for."""
QUICK = {
    "rules": {name: {"enabled": False} for name in SLOW},
    "preload": False,
    "resultTypes": ["violations"],
}
"""Options of axe without them."""

SHARED = """
const where = (node) => `${node.closest("[data-scene], .pm-form")?.id}: ${node.outerHTML.slice(0, 160)}`;
const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".pm-unseen");
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']";
const controls = (root) => [...document.querySelectorAll(root)].flatMap((part) => [...part.querySelectorAll(CONTROLS)])
  .filter((node) => !node.disabled && seen(node));
"""
SMALL = """(root) => controls(root).map((node) => {
  const target = node.type === "radio" || node.type === "checkbox" ? node.closest("label") : node;
  const { width, height } = target.getBoundingClientRect();
  const main = node.closest(".pm-form") && node.matches(".pm-button, select, textarea, input, .pm-moves button, summary, .pm-fold-head");
  const least = main ? 44 : 24;
  const inText = node.matches("p a, li a") && getComputedStyle(node).display === "inline";
  return inText || (height >= least - 0.5 && width >= 23.5) ? "" : `${Math.round(width)}x${Math.round(height)} ${where(node)}`;
}).filter(Boolean)"""
PALE = """(root) => {
  const numbers = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const grounds = new Map();
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    if (!grounds.has(node)) {
      const [r, g, b, alpha = 1] = numbers(getComputedStyle(node).backgroundColor);
      grounds.set(node, alpha === 1 && r !== undefined ? [r, g, b] : ground(node.parentElement));
    }
    return grounds.get(node);
  };
  const texts = (part) => {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), parents = new Set();
    while (walker.nextNode()) if (walker.currentNode.data.trim()) parents.add(walker.currentNode.parentElement);
    return [...parents];
  };
  const poor = [];
  for (const node of [...document.querySelectorAll(root)].flatMap(texts)) {
    if (!seen(node) || node.closest("option, script, style, :disabled, [aria-disabled=true]")) continue;
    const style = getComputedStyle(node);
    const ink = numbers(node.closest("svg") ? style.fill : style.color);
    const [low, high] = [light(ink), light(ground(node))].sort((a, b) => a - b);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${where(node)}`);
  }
  return [...new Set(poor)];
}"""


def found(page: Page, script: str, root: str = "[data-scene]") -> list[str]:
    """What ``script`` finds wrong on the page."""
    wrong: list[str] = page.evaluate(f"(root) => {{ {SHARED} return ({script})(root); }}", root)
    return wrong


def poor(page: Page, root: str) -> list[str]:
    """Texts that do not stand out, and targets that are too small."""
    return [*found(page, PALE, root), *found(page, SMALL, root)]
