/* The lobby of the live rooms: asks for a partner, waits, and goes to the room once there is one. */

import { catalogue, post, token } from "./transport.js";

const { base, language, waiting } = document.body.dataset;
const address = (rest) => new URL(`pamong/rooms/${rest}`, new URL(base, location.origin)).href;
const PAUSE = 2000;
/* After so long nobody came: playing with the program is offered. */
const LONG = 20000;
const wait = (time) => new Promise((done) => setTimeout(done, time));
const panel = document.querySelector("[data-waits]");
const problem = document.querySelector("[data-problem]");
let say = (key) => key;
let asked = 0;
let listening = false;

const cases = new Map([...document.querySelectorAll("[data-case]")].map((each) => [each.dataset.case, each]));
let chosen = cases.get(waiting);

function complain(text) {
  problem.firstElementChild.textContent = text;
  problem.hidden = !text;
}

function show(on) {
  const was = !panel.hidden;
  panel.hidden = !on;
  for (const button of document.querySelectorAll("[data-join]")) button.setAttribute("aria-disabled", String(on));
  if (on && !was) panel.focus();
}

function tick() {
  if (panel.hidden) return;
  const time = performance.now() - asked;
  panel.querySelector("[data-alone]").hidden = time < LONG || chosen?.dataset.seats !== "2";
  const minutes = Math.floor(time / 60000);
  const text = minutes ? say("waits.minutes", { count: minutes }) : say("waits.moment");
  const place = panel.querySelector("[data-since]");
  if (place.textContent !== text) place.textContent = text;
}

async function send(more) {
  const [module, exercise] = chosen.dataset.case.split("/");
  const line_agreed = Boolean(chosen.querySelector("[data-line]")?.checked);
  const answer = await post(address("join"), { module, exercise, line_agreed, ...more }).catch(() => null);
  if (!answer || answer.refused) return complain(answer?.text || say("offline"));
  complain("");
  if (answer.room) return location.assign(address(`${answer.room}/`));
  return listen();
}

/* One question at a time, until there is a room or nobody waits any more. */
async function listen() {
  show(true);
  if (listening) return;
  listening = true;
  while (!panel.hidden) {
    const answer = await fetch(address("wait"), { headers: token() }).then((got) => (got.ok ? got.json() : null), () => null);
    if (panel.hidden) break;
    if (answer?.room) return location.assign(address(`${answer.room}/`));
    if (answer && !answer.waiting) show(false);
    complain(answer ? "" : say("offline"));
    if (!answer) await wait(PAUSE);
  }
  listening = false;
}

function begin() {
  for (const each of cases.values()) {
    each.querySelector("[data-join]")?.addEventListener("click", () => {
      if (!panel.hidden) return;
      chosen = each;
      asked = performance.now();
      send({});
    });
  }
  panel.querySelector("[data-alone]").addEventListener("click", () => chosen && send({ alone: true }));
  panel.querySelector("[data-cancel]").addEventListener("click", async () => {
    show(false);
    await post(address("cancel"), {}).catch(() => complain(say("offline")));
    chosen?.querySelector("[data-join]")?.focus();
  });
  setInterval(tick, 1000);
  if (waiting) {
    asked = performance.now();
    listen();
  }
}

const entries = await catalogue(language, "rooms");
say = (key, values = {}) => (entries[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
// A browser may show a page again that it has kept.
addEventListener("pageshow", (event) => event.persisted && location.reload());
begin();
