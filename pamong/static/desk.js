/* What outlives one drawing of a form: the screen, the acts on their way, the texts being typed.

One act is under way at a time. It stays in this browser until it is acknowledged and is sent again
every five seconds, also after a reload; its id makes that harmless. Every ten seconds, and whenever
the page comes back into sight, the desk asks whether anything has changed elsewhere. */

const LATE = 5000;
const PRESS = 1000;
const LOOK = 10000;
/* Nobody has touched the page for so long: it asks no more until somebody does. */
const AWAY = 600000;
/* How long the state that an act has found stands before the act's own comes. */
const SEEN = 50;
/* Milliseconds that no setting of the clock makes longer or shorter. */
const clock = () => performance.now();
const random = () => Math.random().toString(36).slice(2, 10);
const SITTING = `${Date.now().toString(36)}${random().slice(0, 4)}`;

/* What this browser remembers for one exercise; in memory where storage is refused or full. */
class Memory {
  constructor(scope) {
    this.scope(scope);
    this.spare = new Map();
  }
  scope(scope) {
    this.prefix = `pamong:${scope}:`;
  }
  /* What was left under other versions of the same exercise, as [version, key, value]; taken away there. */
  *inherited() {
    const stem = this.prefix.replace(/[^/]*$/, "");
    for (const name of this.names(stem)) {
      if (name.startsWith(this.prefix)) continue;
      const [version, key] = name.slice(stem.length).split(/:(.*)/s);
      const value = this.take(name);
      if (value !== null && /^\d+$/.test(version)) yield [Number(version), key, value];
    }
  }
  take(name) {
    try {
      const value = JSON.parse(localStorage.getItem(name));
      localStorage.removeItem(name);
      return value;
    } catch {
      return null;
    }
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
  names(start) {
    try {
      return Object.keys(localStorage)
        .filter((name) => name.startsWith(start))
        .sort();
    } catch {
      return [];
    }
  }
  keys(start) {
    return this.names(this.prefix + start).map((name) => name.slice(this.prefix.length));
  }
}

function device() {
  const memory = new Memory("browser");
  const known = memory.read("device") || random();
  memory.write("device", known);
  return known;
}

/* Acts on their way, oldest first. A text left on its way is `parked`: its box has the draft and asks first. */
class Outbox {
  constructor(desk, memory, changed) {
    Object.assign(this, { desk, memory, changed, seq: 0, entries: [], waiting: [], parked: [] });
    this.key = `outbox:${SITTING}`;
    for (const key of memory.keys("outbox:")) {
      for (const entry of memory.read(key) || []) {
        if (entry.draft && memory.read(`draft:${entry.draft}`)) this.parked.push(entry);
        else this.add(entry);
      }
      if (key !== this.key) memory.remove(key);
    }
    this.keep();
    this.send();
  }
  claim(name) {
    this.parked = this.parked.filter((entry) => entry.draft !== name);
  }
  /* What no box has claimed is sent as it is. */
  release() {
    this.parked.splice(0).forEach((entry) => this.add(entry));
    this.keep();
    if (this.entries[0]?.sent === 0) this.send();
  }
  add(entry) {
    this.seq += 1;
    this.entries.push({ resolve() {}, ...entry, seq: this.seq, since: clock(), sent: 0 });
  }
  push(act, data) {
    return new Promise((resolve) => {
      const { page, version, drafts } = this.desk;
      this.add({ id: `${page}-${random()}`, act, data, version, draft: drafts.sender, resolve });
      this.keep();
      if (this.entries.length === 1) this.send();
      this.changed();
    });
  }
  keep() {
    const kept = [...this.parked, ...this.entries];
    if (!kept.length) return this.memory.remove(this.key);
    this.memory.write(this.key, kept.map(({ id, act, data, version, draft }) => ({ id, act, data, version, draft })));
  }
  send() {
    const [first] = this.entries;
    if (!first) return;
    first.sent = clock();
    const { seq, id, act, data, version } = first;
    const { page, screen, transport } = this.desk;
    try {
      transport.send({ type: "act", seq, id, act, data, version, page, n: screen.n });
    } catch {
      /* the line is down; tick() tries again */
    }
  }
  tick() {
    const [first] = this.entries;
    if (first && clock() - first.sent >= LATE) this.send();
  }
  /* True when the message answers the act under way: its id, since two pages on one kernel hear each other. */
  receive({ type, id, again }) {
    const [first] = this.entries;
    if (!first || first.id !== id || again) return false;
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
    return this.entries.length > 0 && clock() - this.entries[0].since >= LATE;
  }
}

/* Texts being typed. `times` holds those that are not on disk yet, and since when; never, as they stand: Infinity. */
class Drafts {
  constructor(memory, changed) {
    Object.assign(this, { memory, changed, times: new Map(), held: new Set(), sender: undefined, claim() {} });
  }
  /* What waits for a button to be pressed is in this browser only. */
  hold(name, unsent) {
    if (this.held.has(name) === unsent) return;
    if (unsent) this.held.add(name);
    else this.held.delete(name);
    this.changed();
  }
  read(name) {
    this.claim(name);
    return this.memory.read(`draft:${name}`);
  }
  /* What `save` sends bears the name of its draft. */
  saving(name, save) {
    this.sender = name;
    try {
      return save();
    } finally {
      this.sender = undefined;
    }
  }
  /* While its box is being drawn: the status line, drawn after it, must not call it saved. */
  begin(name, sound = true) {
    this.times.set(name, sound ? clock() : Infinity);
  }
  keep(name, draft, sound) {
    this.memory.write(`draft:${name}`, draft);
    this.begin(name, sound);
    this.changed();
  }
  drop(name) {
    this.memory.remove(`draft:${name}`);
    this.times.delete(name);
    this.changed();
  }
  get late() {
    return [...this.times.values()].some((time) => clock() - time >= LATE + 2000);
  }
}

let touched = clock();
for (const event of ["pointerdown", "keydown", "scroll", "focus"])
  window.addEventListener(event, () => (touched = clock()), { capture: true, passive: true });

/* While the form is in sight of somebody, it asks now and then what has happened elsewhere. */
function watch(desk, element) {
  let near = false;
  const sight = new IntersectionObserver((seen) => (near = seen[seen.length - 1].isIntersecting), { rootMargin: "50%" });
  sight.observe(element);
  const look = () => near && !document.hidden && desk.look();
  const timer = setInterval(() => clock() - touched < AWAY && look(), LOOK);
  document.addEventListener("visibilitychange", look);
  return () => {
    sight.disconnect();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/* Everything that outlives one drawing: the screen, the acts on their way, the texts being typed. */
export class Desk {
  constructor(transport, element) {
    const changed = () => this.redraw();
    this.memory = new Memory(transport.scope);
    Object.assign(this, { transport, screen: transport.screen, refusal: "", draw() {}, held: 0, owed: false });
    Object.assign(this, { elsewhere: false, replaced: false, page: `${device()}-${SITTING}` });
    this.inherit();
    this.drafts = new Drafts(this.memory, changed);
    this.stop = transport.listen((message) => this.receive(message));
    this.outbox = new Outbox(this, this.memory, changed);
    this.drafts.claim = (name) => this.outbox.claim(name);
    this.timer = setInterval(() => this.tick(), 1000);
    this.guard = (event) => this.busy && event.preventDefault();
    this.press = () => (this.held = clock() + PRESS);
    this.release = () => setTimeout(() => ((this.held = 0), this.owed && this.redraw()));
    window.addEventListener("beforeunload", this.guard);
    window.addEventListener("pointerdown", this.press, true);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.release, true);
    this.unwatch = (transport.watch || watch)(this, element);
    transport.shown?.(this.screen);
  }
  get version() {
    return this.screen.brief?.version;
  }
  // What a hand presses must still be in its place when it lets go.
  redraw() {
    this.owed = clock() < this.held;
    if (!this.owed) this.draw();
  }
  get busy() {
    return this.outbox.entries.length + this.outbox.parked.length + this.drafts.times.size > 0;
  }
  get late() {
    return this.outbox.late || this.drafts.late;
  }
  /* Nothing is on its way: what is not saved waits for a hand. */
  get stuck() {
    const { outbox, drafts } = this;
    const typed = [...drafts.times.values()];
    return typed.length > 0 && !outbox.entries.length && !outbox.parked.length && typed.every((time) => time === Infinity);
  }
  /* Has anything happened elsewhere? An act under way will tell. */
  look() {
    if (this.outbox.entries.length) return;
    const { page, version, screen } = this;
    this.transport.send({ type: "look", n: screen.n ?? -1, version, page });
  }
  receive(message) {
    const { type, screen, text, again, before, page } = message;
    const mine = this.outbox.entries[0]?.id === message.id;
    if (type === "same" || (page && page !== this.page)) return;
    if (before && mine) {
      // What others have done is drawn before what came of this act, so that every box sees both.
      this.show(before, true);
      this.redraw();
      setTimeout(() => this.receive({ ...message, before: null }), SEEN);
      return;
    }
    if (type === "screen" || this.outbox.receive(message)) {
      this.refusal = text || "";
      this.show(screen, message.elsewhere);
    } else if (again && mine) {
      this.refusal = text;
    }
    this.redraw();
  }
  show(screen, elsewhere) {
    if (!screen) return;
    const known = this.version;
    this.screen = screen;
    this.elsewhere ||= Boolean(elsewhere);
    if (elsewhere) document.dispatchEvent(new Event("pamong-elsewhere"));
    if (known && this.version && known !== this.version) {
      this.replaced = true;
      this.memory.scope(this.transport.scope.replace(/[^/]*$/, this.version));
      this.inherit();
    }
    this.transport.shown?.(screen);
  }
  /* Texts and acts that this browser still has from an earlier version; what is here already stays. */
  inherit() {
    for (const [version, key, value] of this.memory.inherited()) {
      const entries = key.startsWith("outbox:") && value.map((entry) => ({ version, ...entry }));
      if (entries) this.memory.write(key, [...entries, ...(this.memory.read(key) || [])]);
      else if (this.memory.read(key) === null) this.memory.write(key, value);
    }
  }
  understood() {
    this.elsewhere = this.replaced = false;
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
    this.unwatch();
    this.stop?.();
  }
}
