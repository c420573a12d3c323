/* The frame of every exercise form, and the way of an act from the hand to the disk.

`mount(element, transport)` draws the form and returns a function that takes it away. It knows
nothing of Jupyter; the host brings a transport:

    transport.scope      text that names participant, exercise and version: drafts are kept under it
    transport.screen     the first screen
    transport.messages   { form: {...}, kind: {...} }: the catalogues of the frame and of the kind
    transport.send(message)      { type: "act", seq, id, act, data } or { type: "refresh" }; may fail
    transport.listen(receive)    calls receive(message), returns a function that stops that:
        { type: "ack", seq, screen }            the act is on disk
        { type: "refuse", seq, text, screen, again }   nothing was recorded; again: try once more later
        { type: "screen", screen }              the answer to "refresh"

One act is under way at a time. It stays in this browser until it is acknowledged and is sent again
every five seconds, also after a reload; its id makes that harmless. */

import { html, render, useErrorBoundary } from "./vendor/preact.js";
import {
  Button,
  Details,
  FormContext,
  Notice,
  Paragraphs,
  Tag,
  number,
  percent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./components.js";

const LATE = 5000;
const PRESS = 1000;
const random = () => Math.random().toString(36).slice(2, 10);
const SITTING = `${Date.now().toString(36)}${random().slice(0, 4)}`;

/* What this browser remembers for one exercise; in memory where storage is refused or full. */
class Memory {
  constructor(scope) {
    this.prefix = `pamong:${scope}:`;
    this.spare = new Map();
  }
  read(key) {
    try {
      return JSON.parse(this.spare.get(key) ?? localStorage.getItem(this.prefix + key));
    } catch {
      return null;
    }
  }
  write(key, value) {
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(this.prefix + key, text);
      this.spare.delete(key);
    } catch {
      this.spare.set(key, text);
    }
  }
  remove(key) {
    this.spare.delete(key);
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {
      /* nothing was stored there */
    }
  }
  keys(start) {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix + start))
        .map((key) => key.slice(this.prefix.length))
        .sort();
    } catch {
      return [];
    }
  }
}

function device() {
  const memory = new Memory("browser");
  const known = memory.read("device") || random();
  memory.write("device", known);
  return known;
}

/* Acts on their way, oldest first. */
class Outbox {
  constructor(transport, memory, changed) {
    Object.assign(this, { transport, memory, changed, seq: 0, entries: [], waiting: [] });
    this.key = `outbox:${SITTING}`;
    this.device = device();
    for (const key of memory.keys("outbox:")) {
      for (const entry of memory.read(key) || []) this.add(entry);
      if (key !== this.key) memory.remove(key);
    }
    this.keep();
    this.send();
  }
  add(entry) {
    this.seq += 1;
    this.entries.push({ resolve() {}, ...entry, seq: this.seq, since: Date.now(), sent: 0 });
  }
  push(act, data) {
    return new Promise((resolve) => {
      this.add({ id: `${this.device}-${SITTING}-${random()}`, act, data, resolve });
      this.keep();
      if (this.entries.length === 1) this.send();
      this.changed();
    });
  }
  keep() {
    if (!this.entries.length) return this.memory.remove(this.key);
    this.memory.write(this.key, this.entries.map(({ id, act, data }) => ({ id, act, data })));
  }
  send() {
    const [first] = this.entries;
    if (!first) return;
    first.sent = Date.now();
    const { seq, id, act, data } = first;
    try {
      this.transport.send({ type: "act", seq, id, act, data });
    } catch {
      /* the line is down; tick() tries again */
    }
  }
  tick() {
    const [first] = this.entries;
    if (first && Date.now() - first.sent >= LATE) this.send();
  }
  /* True when the message answers the act under way. */
  receive({ type, seq, again }) {
    const [first] = this.entries;
    if (!first || first.seq !== seq || again) return false;
    this.entries.shift();
    this.keep();
    first.resolve(type === "ack");
    this.send();
    if (!this.entries.length) this.waiting.splice(0).forEach((resolve) => resolve());
    return true;
  }
  settled() {
    return this.entries.length ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }
  get late() {
    return this.entries.length > 0 && Date.now() - this.entries[0].since >= LATE;
  }
}

/* Texts being typed. `times` holds those that are not on disk yet, and since when. */
class Drafts {
  constructor(memory, changed) {
    Object.assign(this, { memory, changed, times: new Map() });
  }
  read(name) {
    return this.memory.read(`draft:${name}`);
  }
  keep(name, draft) {
    this.memory.write(`draft:${name}`, draft);
    this.times.set(name, Date.now());
    this.changed();
  }
  drop(name) {
    this.memory.remove(`draft:${name}`);
    this.times.delete(name);
    this.changed();
  }
  get late() {
    return [...this.times.values()].some((time) => Date.now() - time >= LATE + 2000);
  }
}

function speaker(entries) {
  return (key, values = {}) => {
    const entry = entries?.[key] ?? key;
    const template = Array.isArray(entry) ? entry[0] : entry;
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
}

/* Everything that outlives one drawing: the screen, the acts on their way, the texts being typed. */
class Desk {
  constructor(transport) {
    const changed = () => this.redraw();
    const memory = new Memory(transport.scope);
    Object.assign(this, { transport, screen: transport.screen, refusal: "", draw() {}, held: 0, owed: false });
    this.drafts = new Drafts(memory, changed);
    this.stop = transport.listen((message) => this.receive(message));
    this.outbox = new Outbox(transport, memory, changed);
    this.timer = setInterval(() => this.tick(), 1000);
    this.guard = (event) => this.busy && event.preventDefault();
    this.press = () => (this.held = Date.now() + PRESS);
    this.release = () => setTimeout(() => ((this.held = 0), this.owed && this.redraw()));
    window.addEventListener("beforeunload", this.guard);
    window.addEventListener("pointerdown", this.press, true);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.release, true);
  }
  // What a hand presses must still be in its place when it lets go.
  redraw() {
    this.owed = Date.now() < this.held;
    if (!this.owed) this.draw();
  }
  get busy() {
    return this.outbox.entries.length > 0 || this.drafts.times.size > 0;
  }
  get late() {
    return this.outbox.late || this.drafts.late;
  }
  receive(message) {
    const { type, screen, text, again } = message;
    if (type === "screen" || this.outbox.receive(message)) {
      this.screen = screen || this.screen;
      this.refusal = text || "";
    } else if (again) {
      this.refusal = text;
    }
    this.redraw();
  }
  tick() {
    this.outbox.tick();
    if (this.busy || this.owed) this.redraw();
  }
  close() {
    window.removeEventListener("beforeunload", this.guard);
    window.removeEventListener("pointerdown", this.press, true);
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.release, true);
    clearInterval(this.timer);
    this.stop?.();
  }
}

export function mount(element, transport) {
  const desk = new Desk(transport);
  element.classList.add("pamong");
  render(html`<${Form} desk=${desk} element=${element} />`, element);
  return () => {
    render(null, element);
    desk.close();
  };
}

function useKindView(kind) {
  const [loaded, setLoaded] = useState({});
  const load = () =>
    import(`./kinds/${kind}.js`).then(
      (module) => setLoaded({ View: module.View }),
      (error) => (console.error(error), setLoaded({ failed: true })),
    );
  useEffect(() => void load(), []);
  return { ...loaded, load };
}

function Form({ desk, element }) {
  const [, redraw] = useState(0);
  useMemo(() => (desk.draw = () => redraw((n) => n + 1)), []);
  const { screen, refusal, transport } = desk;
  const say = useMemo(() => speaker(transport.messages.form), []);
  const kindSay = useMemo(() => speaker(transport.messages.kind), []);
  const lookAgain = () => transport.send({ type: "refresh" });
  const context = useMemo(() => ({ say, drafts: desk.drafts, lookAgain }), []);
  const kind = useKindView(screen.kind);
  const act = (name, data) => desk.outbox.push(name, data ?? {});
  useEffect(() => void (desk.drawn = true), []);
  if (!screen.view) return html`<${Broken} ...${{ screen, say, lookAgain }} />`;
  const heading = `pm-${screen.exercise}`;
  const absent = screen.counterpart === "absent";
  return html`<${FormContext.Provider} value=${context}>
    <section aria-labelledby=${heading} class="pm-form">
      <${Head} key=${screen.attempt.number} ...${{ screen, say, heading, desk, View: kind.View }} />
      ${(absent || screen.problem) && html`<${Absent} ...${{ screen, say, absent, lookAgain }} />`}
      <${Body} ...${{ kind, screen, act, say, kindSay }} />
      ${refusal && html`<${Notice} tone="act" title=${say("refused.title")} live><p>${refusal}</p><//>`}
      ${screen.finished
        ? html`<${Result} ...${{ screen, act, say, desk }} />`
        : !kind.View?.leads?.(screen) && html`<${Finish} key=${screen.attempt.number} ...${{ act, say, desk, element, screen }} />`}
      <${Status} ...${{ screen, say, desk }} />
    </section>
  <//>`;
}

function Head({ screen, say, heading, desk, View }) {
  const title = useRef(null);
  useEffect(() => void (desk.drawn && bring(title.current)), []);
  const { number: nth, of } = screen.attempt;
  const use = screen.use === "graded" && screen.brief.stakes === "formative" ? "checked" : screen.use;
  const facts = [say("minutes", { minutes: screen.minutes })];
  if (of > 1) facts.push(say("attempt", { number: nth, of }));
  return html`<header class="pm-head">
    <p class="pm-kicker">
      <${Tag} tone=${use === "practice" ? "info" : undefined}>${say(`use.${use}`)}<//>
      <span>${facts.join(" · ")}</span>
    </p>
    <h2 id=${heading} tabindex="-1" ref=${title}>${screen.title}</h2>
    ${!View?.tells?.(screen) && html`<${Paragraphs} text=${screen.intro} />`}
  </header>`;
}

function Broken({ screen, say, lookAgain }) {
  return html`<section class="pm-form"><h2>${screen.title}</h2>
    <${Notice} tone="act" live><p>${screen.problem}</p><div class="pm-row">
      <${Button} onPress=${lookAgain}>${say("problem.again")}<//></div><//>
  </section>`;
}

function Absent({ screen, say, absent, lookAgain }) {
  return html`<${Notice} tone="look" title=${say("absent.title")} live>
    <p>${screen.problem || say("absent")}</p>
    <p>${say("absent.practice")}</p>
    ${!absent && html`<div class="pm-row"><${Button} onPress=${lookAgain}>${say("problem.again")}<//></div>`}
  <//>`;
}

function Body({ kind, screen, act, say, kindSay }) {
  const { View, failed, load } = kind;
  const [error, reset] = useErrorBoundary((thrown) => console.error(thrown));
  if (error || failed) {
    const again = () => (error ? reset() : load());
    return html`<${Notice} tone="act" live><p>${say("view.failed")}</p>
      <div class="pm-row"><${Button} onPress=${again}>${say("problem.again")}<//></div><//>`;
  }
  if (!View) return html`<p class="pm-hint" role="status">${say("view.loading")}</p>`;
  return html`<div class="pm-body"><${View} key=${screen.attempt.number} screen=${screen} act=${act} say=${kindSay} /></div>`;
}

/* ---- finishing ---- */

/* What was pressed is gone: the focus goes on to what came in its place. */
function bring(node) {
  if (document.activeElement !== document.body) return;
  node?.focus({ preventScroll: true });
  node?.scrollIntoView({ block: "start" });
}

/* The control that the n-th missing text speaks of: the n-th empty one, when the numbers agree. */
function lead(element, position, count) {
  const blanks = [...element.querySelectorAll("[data-empty]")];
  const target = blanks[blanks.length === count ? position : 0];
  const control = target?.matches("fieldset")
    ? target.querySelector("input:not(:disabled), button:not(:disabled), select, textarea")
    : target;
  control?.focus();
  (target || element).scrollIntoView({ block: "center" });
}

function Missing({ missing, element }) {
  const go = (position) => (event) => (event.preventDefault(), lead(element, position, missing.length));
  return html`<ul class="pm-missing">
    ${missing.map((text, position) => html`<li><a href="#" onClick=${go(position)}>${text}</a></li>`)}
  </ul>`;
}

function Finish({ act, say, desk, element, screen }) {
  const [stage, setStage] = useState("open");
  const summary = useRef(null);
  const missing = screen.missing;
  // Before it is painted: whoever sees the question may already press the next key.
  useLayoutEffect(() => {
    if (stage !== "open") summary.current?.focus();
  }, [stage]);
  const press = async () => {
    setStage("open");
    await desk.outbox.settled();
    // A text tells its draft that it is safe only after its act has been answered.
    await new Promise((resolve) => setTimeout(resolve));
    if (desk.drafts.times.size) return setStage("unsaved");
    if (desk.screen.missing.length) return setStage("missing");
    if (screen.use === "practice") return act("finish");
    return setStage("confirm");
  };
  return html`<div class="pm-finish">
    ${stage === "unsaved" && html`<div tabindex="-1" ref=${summary}>
      <${Notice} tone="look" title=${say("unsaved.title")} live><p>${say("unsaved")}</p><//></div>`}
    ${stage === "missing" && missing.length > 0 && html`<div tabindex="-1" ref=${summary}>
      <${Notice} tone="look" title=${say("missing.title", { count: missing.length })} live>
        <${Missing} ...${{ missing, element }} /><//></div>`}
    ${stage === "open" && missing.length > 0 && html`<${Details} summary=${say("missing.title", { count: missing.length })}>
      <${Missing} ...${{ missing, element }} /><//>`}
    ${stage === "confirm"
      ? html`<div tabindex="-1" ref=${summary}><${Notice} tone="look" title=${say("confirm.title")} live>
          <p>${say("confirm")}</p>
          <div class="pm-row">
            <${Button} tone="primary" onPress=${() => act("finish")}>${say("confirm.yes")}<//>
            <${Button} onPress=${() => setStage("open")}>${say("confirm.no")}<//>
          </div><//></div>`
      : html`<${Button} tone=${missing.length ? "plain" : "primary"} onPress=${press}>${say(`finish.${screen.use}`)}<//>`}
  </div>`;
}

function Result({ screen, act, say, desk }) {
  const { number: nth, of } = screen.attempt;
  const place = useRef(null);
  // After a reload the page opens at its top instead.
  useEffect(() => void (desk.drawn && bring(place.current)), []);
  return html`<div class="pm-result" tabindex="-1" ref=${place}>
    ${screen.score
      ? html`<${Score} score=${screen.score} say=${say} />`
      : html`<${Notice} tone="good" title=${say("done.title")}><p>${say(`done.${screen.use}`)}</p><//>`}
    ${nth < of && html`<div class="pm-row">
      <${Button} onPress=${() => act("again")}>${say("again", { number: nth + 1, of })}<//>
      ${screen.use === "graded" && html`<span class="pm-hint">${say("again.graded")}</span>`}
    </div>`}
  </div>`;
}

/* More parts than these are folded away: the debrief above goes through them one by one. */
const SHOWN = 6;

function Score({ score, say }) {
  const parts = html`<${Parts} parts=${score.parts} />`;
  return html`<div class="pm-score">
    <h3>${say("score.title")}</h3>
    <p class="pm-score-value"><b>${number(score.value * 100)}</b> <span>${say("score.of")}</span></p>
    ${score.parts.length > SHOWN
      ? html`<${Details} summary=${say("score.parts", { count: score.parts.length })}>${parts}<//>`
      : parts}
    ${score.caps.map((cap) => html`<${Notice} tone="look" title=${say("score.cap", { limit: percent(cap.limit) })}>
      <p>${cap.reason}</p><//>`)}
  </div>`;
}

function Parts({ parts }) {
  return html`<ul class="pm-parts">
    ${parts.map((part) => html`<li>
      <span class="pm-part-label">${part.label}</span>
      <span class="pm-bar" aria-hidden="true"><span style=${{ width: percent(part.value).replace(",", ".") }}></span></span>
      <span class="pm-part-value">${percent(part.value)}</span>
      <p>${part.reason}</p>
    </li>`)}
  </ul>`;
}

/* ---- status ---- */

function Status({ screen, say, desk }) {
  const { busy: pending, late } = desk;
  const wasLate = useRef(false);
  const [relief, setRelief] = useState("");
  useEffect(() => {
    if (wasLate.current && !pending) setRelief(say("status.relief"));
    if (late) setRelief("");
    wasLate.current = late || (wasLate.current && pending);
  });
  const saved = screen.saved ? say("status.saved", { moment: screen.saved }) : say("status.none");
  const text = late ? say("status.late") : pending ? say("status.saving") : saved;
  return html`<div class="pm-status" data-state=${late ? "late" : pending ? "saving" : "saved"}>
    <span class="pm-dot" aria-hidden="true"></span><span>${text}</span>
    <span class="pm-unseen" role="alert">${late ? say("status.late") : ""}</span>
    <span class="pm-unseen" role="status">${relief}</span>
  </div>`;
}
