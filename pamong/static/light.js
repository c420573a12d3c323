/* The page of a module without a kernel: draws its exercises, those in sight first, and says how far one is.

Once they are drawn, everything that the page needs is in the browser: a lost line stops nothing. */

import { mount } from "./form.js";
import { catalogue, line, post } from "./transport.js";

const LOOK = 10000;
const IDLE = 600000;
const AGAIN = 4000;
const { base, module, edition, language, scope } = document.body.dataset;
const start = new URL(`pamong/modules/${module}/`, new URL(base, location.origin));
const address = (rest) => new URL(rest, start).href;
const wait = (time) => new Promise((done) => setTimeout(done, time));
const desks = new Map();
let say = (key) => key;
let active = Date.now();

/* What needs the line is tried until it is there. */
async function until(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      console.warn(error);
      await wait(AGAIN);
    }
  }
}

async function speak() {
  const entries = await catalogue(language, "light");
  say = (key, values = {}) => (entries[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/* ---- exercises ---- */

/* The screen that came with the page, or the answer to the first question, asked until the line is there. */
const given = JSON.parse(document.getElementById("pm-screens").textContent);
async function first(spot) {
  if (given[spot.dataset.exercise]) return given[spot.dataset.exercise];
  for (;;) {
    const answer = await post(address(`exercises/${spot.dataset.exercise}`), { type: "refresh" }).catch(() => null);
    if (answer?.screen) return answer.screen;
    const hint = spot.querySelector(".pm-hint");
    if (hint) hint.textContent = answer?.text || say("spot.failed");
    await wait(AGAIN);
  }
}

async function draw(spot) {
  const { exercise } = spot.dataset;
  const screen = await first(spot);
  // Once its view is here too, a lost line stops nothing.
  const view = import(`./kinds/${screen.kind}.js`).catch(() => null);
  const texts = () => Promise.all([catalogue(language, "form"), catalogue(language, screen.kind), view]);
  const [form, kind] = await until(texts);
  const inside = spot.contains(document.activeElement);
  const before = spot.getBoundingClientRect();
  spot.replaceChildren();
  mount(spot, {
    ...line(address(`exercises/${exercise}`)),
    scope: `${scope}/${exercise}/${screen.brief?.version ?? 0}`,
    screen,
    messages: { form, kind },
    watch: (desk) => (desks.set(exercise, desk), () => desks.delete(exercise)),
    shown: (now) => mark(exercise, now),
  });
  await new Promise((drawn) => setTimeout(drawn));
  if (inside) spot.querySelector("h2")?.focus();
  // Browsers without scroll anchoring would push away what is being read.
  if (before.bottom < 0 && !CSS.supports("overflow-anchor", "auto")) scrollBy(0, spot.offsetHeight - before.height);
  performance.mark("pamong-form");
}

/* A few at a time: what is in sight first, then what lies below it, then the others. */
async function drawAll() {
  let waiting = [...document.querySelectorAll(".pm-spot")];
  const work = async () => {
    while (waiting.length) {
      const next = waiting.find((spot) => spot.getBoundingClientRect().bottom > 0) ?? waiting[0];
      waiting = waiting.filter((spot) => spot !== next);
      await draw(next);
    }
  };
  await Promise.all([work(), work(), work()]);
}

/* ---- how far one is ---- */

function mark(exercise, screen) {
  const row = document.querySelector(`.pm-contents [data-for="${exercise}"]`);
  if (!row || !screen.view) return;
  const state = screen.finished ? "done" : screen.n ? "running" : "open";
  const place = row.querySelector(".pm-contents-state");
  if (state !== "open") place.textContent = say(`state.${state}`);
  place.dataset.state = state;
  const part = row.closest("[data-part]");
  const of = part.querySelectorAll("li").length;
  const done = part.querySelectorAll('[data-state="done"]').length;
  part.querySelector("[data-count]").textContent = say("contents.count", { done, of });
}

/* ---- what others do meanwhile ---- */

let looking = false;
async function look() {
  if (looking || document.hidden || !desks.size) return;
  looking = true;
  try {
    const known = Object.fromEntries([...desks].map(([name, desk]) => [name, desk.screen.n ?? -1]));
    const now = await post(address("looks"), known);
    if (now.refused) return;
    for (const name of now.changed) desks.get(name)?.look();
    if (now.edition !== edition) announce();
  } catch {
    /* the line is down; the forms say so where it matters */
  } finally {
    looking = false;
  }
}

function announce() {
  const news = document.querySelector("[data-news]");
  if (!news.hidden) return;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "pm-button", textContent: say("news.reload"), onclick: () => location.reload() });
  const text = document.createElement("p");
  text.textContent = say("news.edition");
  news.replaceChildren(text, button);
  news.hidden = false;
}

function keepLooking() {
  let last = Date.now();
  for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, () => (active = Date.now()), { passive: true });
  setInterval(() => {
    const pause = Date.now() - active < IDLE ? LOOK : 6 * LOOK;
    if (Date.now() - last >= pause) (last = Date.now()), look();
  }, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("pageshow", (event) => event.persisted && look());
}

/* ---- handing in ---- */

/* It needs the line anyway, so it is fetched only once its place is near. */
function handIn() {
  const place = document.querySelector("[data-handin]");
  const sight = new IntersectionObserver(
    async (seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      sight.disconnect();
      const panel = await import("./handin.js").catch(() => null);
      if (panel) panel.mount(place, { base, module, language });
      else setTimeout(handIn, AGAIN);
    },
    { rootMargin: "100%" },
  );
  sight.observe(place);
}

await until(speak);
keepLooking();
await drawAll();
performance.mark("pamong-open");
// A browser may show a page again that it has kept.
look();
handIn();
