/* Building blocks of every exercise form.

A kind's view (pamong/static/kinds/<kind>.js) is written with these, like so:

    import { html, Choices, Section } from "../components.js";
    export function View({ screen, act, say }) { return html`<${Section} title=${say("ask")}>…<//>`; }

`act(name, data)` sends one act. It returns a promise of true (acknowledged: on disk) or false
(refused: the form says why; the screen stays as it was). It never rejects. Return it from
onChange, onSave and onPress, so that a component knows when its value is safe:
    onChange=${(id) => act("answer", { item: item.id, chosen: [id] })}
`screen` is the last acknowledged screen; `screen.view` is what the kind's view() gave.
`say(key, values)` looks up the kind's catalogue.

The frame (form.js) draws title, minutes, intro, attempt, what is missing, the finish button, the
practice score, "another attempt", status line and notices. A view draws none of these and never
sends "finish" or "again". When `screen.finished`, a view shows the same content with `disabled`.
Two things it may take over, as functions beside the component: `View.tells(screen)` is true where
the view itself tells the intro (folded away, say), `View.leads(screen)` while its own buttons lead
on and the frame's finish button would only stand beside them.

Every control keeps what the participant did until it is acknowledged, whatever screens arrive
meanwhile: pass `value` from the screen and forget about it. `hint` and `error` are plain text.
Where a control is empty its fieldset carries data-empty, so that "what is missing" can lead there:
the n-th missing text leads to the n-th empty control, so draw them in the same order. For a
control of your own, spread ${...empty(true|false)} on its outermost focusable element.

Layout and text
    Section    { title, level=3, children }          a heading and what belongs to it
    Card       { title?, level=4, tone?, children }  a white box; tone as in Notice
    Paragraphs { text, quiet? }                      plain text; a blank line starts a paragraph
    Details    { summary, open?, children }          something to unfold
    Notice     { tone="info", title?, live?, children }
                   tone: info (teal) | look (amber: look here) | act (red: do something) | good
                   live: announced to screen readers when it appears
    Facts      { rows: [[label, value]] }            short definition list
    Tag        { tone?, children }                   a word in a small pill

Choosing
    Choices    { legend, options, value, onChange(id), hint?, error?, disabled?, inline?, optional?,
                 hideLegend? }
                   radio group; value: id or null; inline: side by side, for scales
    CheckBoxes { legend, options, value: [id], onChange([id]), max?, hint?, error?, disabled?, optional? }
    RankList   { legend, options, value: [id] | null, onChange([id]), firstLabel?, lastLabel?,
                 hint?, error?, disabled? }
                   up and down buttons; value null: nothing chosen yet, shown in the order of options
    Select     { label, options, value, onChange(id), placeholder?, hint?, error?, disabled?, optional?,
                 hideLabel? }
                   options everywhere: [{ id, text, note?, mark?, tone? }]
                   note: small second line (e.g. the reason, in a debrief); mark: short text in a pill
                   at the end ("Pilihan ahli"); tone: colours the row like a Notice

Typing
    TextBox    { name, label, value, onSave(text), minWords?, rows=6, hint?, error?, disabled?, optional? }
                   saves 2 s after a pause and on leaving the box; counts words; `name` must be unique
                   in the exercise ("text.q1"): the draft in this browser is kept under it
    NumberBox  { name, label, value, onChange(number), min?, max?, integer?, unit?, hint?, error?,
                 disabled?, optional?, hideLabel? }
                   takes "12,5"; saves after a pause and on leaving; says when out of bounds

Showing
    Table      { caption, head: [text], rows: [[cell]], numeric?: [column], hideCaption? }
                   the first cell of a row heads it; scrolls inside itself on a phone
    Bars       { caption, bars: [{ label, value, text?, tone?, note? }], max=1 }
    Transcript { label, lines: [{ who: "me"|"other"|"system", name?, text, note? }] }
                   a conversation; new lines are announced
    Button     { onPress, tone="plain"|"primary"|"danger", disabled?, describedBy?, children }
                   onPress may return a promise; the button waits for it and cannot be pressed twice

Helpers
    html, useState, useEffect, useMemo, useRef   from preact
    number(value, digits=0)   "1.234,5"          percent(value)   0.756 → "76%"
    day("2026-12-12")         "12 Desember 2026"
    words(text)               number of words    useLocal(value, send) → [value, change]
*/

import {
  createContext,
  html,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./vendor/preact.js";

export { html, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState };

const PAUSE = 2000;
const LONGEST = 20000;
/* As Python's str.split(). */
const GAPS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/* What the frame lends: `say` of the area "form", `drafts` of this browser, `lookAgain` for a new screen. */
const silent = { read: () => null, keep() {}, drop() {}, saving: (_, save) => save() };
export const FormContext = createContext({ say: (key) => key, drafts: silent, lookAgain() {} });

/* How this page's language writes numbers and days: the text "intl" of its catalogue "form". */
let locale = "id";
let signs = {};
export function speak(tag) {
  locale = tag || locale;
  const parts = new Intl.NumberFormat(locale).formatToParts(12345.6);
  signs = Object.fromEntries(parts.map(({ type, value }) => [type, value === "." ? "\\." : value]));
}
speak();

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
export const day = (iso) => new Date(`${iso}T12:00`).toLocaleDateString(locale, { dateStyle: "long" });
export const percent = (value) => `${number(value * 100)}%`;
export const words = (text) => text.split(GAPS).filter(Boolean).length;
export const empty = (yes) => (yes ? { "data-empty": "" } : {});

let names = 0;
export const useName = () => useMemo(() => `pm${(names += 1)}`, []);
const classes = (...list) => list.filter(Boolean).join(" ");

/* The value on the screen, unless the participant has changed it and nobody has acknowledged that. */
export function useLocal(value, send) {
  const [local, setLocal] = useState(null);
  const latest = useRef(0);
  const change = (next) => {
    const mine = (latest.current += 1);
    setLocal({ value: next });
    return Promise.resolve(send(next)).then((saved) => {
      if (latest.current === mine) setLocal(null);
      return saved;
    });
  };
  return [local ? local.value : value, change];
}

const sorted = (_, value) =>
  value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
const alike = (one, other) => JSON.stringify(one, sorted) === JSON.stringify(other, sorted);

/* A value that survives a reload in this browser; where it differs from `initial`, the status line says so. */
export function useKept(name, initial) {
  const { drafts } = useContext(FormContext);
  const { memory } = drafts;
  const [value, setValue] = useState(() => memory?.read(name) ?? initial);
  const unsent = !alike(value, initial);
  useLayoutEffect(() => {
    drafts.hold?.(name, unsent);
    return () => drafts.hold?.(name, false);
  }, [name, unsent]);
  const keep = (next) => {
    setValue(next);
    memory?.write(name, next);
  };
  return [value, keep];
}

/* The box of an exercise in stages. A new stage replaces the button that led to it: the focus goes to the top. */
export function useStage(phase) {
  const box = useRef(null);
  const shown = useRef(phase);
  useEffect(() => {
    if (shown.current !== phase) {
      box.current?.focus({ preventScroll: true });
      box.current?.scrollIntoView({ block: "start" });
    }
    shown.current = phase;
  }, [phase]);
  return box;
}

/* Text under the participant's fingers: kept as a draft until acknowledged, never overwritten. */
function useTyped({ name, value, save, disabled, quiet, check = () => true }) {
  const { drafts } = useContext(FormContext);
  const found = useMemo(() => {
    const left = recovered(drafts.read(name), value, disabled);
    if (left.text !== null) drafts.begin?.(name);
    return left;
  }, []);
  const [typed, setTyped] = useState(found.text);
  const [rival, setRival] = useState(found.rival);
  const [other, setOther] = useState(quiet ? null : found.other);
  const now = useRef({ timer: 0, sending: null, focused: false, bases: found.bases });
  Object.assign(now.current, { typed, value, save, check, rival });

  const settle = (text) => {
    drafts.drop(name);
    if (now.current.typed === text && !now.current.focused) setTyped(null);
  };
  const flush = async () => {
    const state = now.current;
    clearTimeout(state.timer);
    const text = state.typed;
    if (text === null || state.rival !== null || text === state.sending || !state.check(text)) return;
    if (text === state.value) return settle(text);
    state.sending = text;
    state.bases = [...state.bases, digest(text)].slice(-5);
    drafts.keep(name, { text, bases: state.bases });
    const saved = await drafts.saving(name, () => state.save(text));
    if (state.sending === text) state.sending = null;
    if (saved && state.typed === text) settle(text);
  };
  const input = (text) => {
    const state = now.current;
    if (state.typed === null) state.bases = [digest(state.value)];
    state.typed = text;
    setTyped(text);
    drafts.keep(name, { text, bases: state.bases }, state.check(text));
    clearTimeout(state.timer);
    state.timer = setTimeout(flush, PAUSE);
  };
  const leave = () => {
    now.current.focused = false;
    const { typed: text, value: shown } = now.current;
    return text === shown ? settle(text) : flush();
  };
  const choose = (mine) => {
    const text = rival;
    now.current.rival = null;
    setRival(null);
    if (mine) input(text);
    else drafts.drop(name);
  };
  const dismiss = () => {
    if (other.lost) drafts.drop(name);
    setOther(null);
  };
  const adopt = () => {
    setOther(null);
    input(other.text);
    flush();
  };
  // Changed elsewhere while it was open here: what is being typed goes on, what it displaces is shown.
  useLayoutEffect(() => {
    const state = now.current;
    if (state.typed === null || value === state.typed || state.bases.includes(digest(value))) return;
    if (!drafts.times?.has(name)) setTyped(null);
    else if (!quiet && value.trim()) setOther({ text: value });
  }, [value]);
  // Locked elsewhere: what could not be saved any more is kept in sight.
  useLayoutEffect(() => {
    const state = now.current;
    if (!disabled || state.typed === null) return;
    clearTimeout(state.timer);
    if (state.typed === state.value || quiet) drafts.drop(name);
    else setOther({ text: state.typed, lost: true });
    drafts.times?.delete(name);
    state.typed = null;
    setTyped(null);
  }, [disabled]);
  useEffect(() => {
    drafts.hold?.(name, false);
    // A text that cannot be saved as it stands is not on disk either.
    if (typed !== null) drafts.keep(name, { text: typed, bases: now.current.bases }, check(typed));
    else if (found.safe) drafts.drop(name);
    flush();
    const hidden = () => document.hidden && flush();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      flush();
      const { typed: last, check: sound } = now.current;
      if (last === null || sound(last)) return;
      // Its box is gone, so nobody can mend it: it stays in this browser.
      drafts.times?.delete(name);
      drafts.hold?.(name, true);
    };
  }, []);
  return {
    text: typed === null ? value : typed,
    rival,
    choose,
    other,
    dismiss,
    adopt,
    input,
    leave,
    enter: () => (now.current.focused = true),
    flush,
  };
}

/* A draft left in this browser: ours to send again, in rivalry with a text from elsewhere, or too late. */
function recovered(draft, value, disabled) {
  const nothing = { text: null, rival: null, other: null, bases: [] };
  if (!draft || draft.text === value) return { ...nothing, safe: Boolean(draft) };
  if (disabled) return { ...nothing, other: { text: draft.text, lost: true } };
  const known = (draft.bases || []).includes(digest(value));
  if (!known && value) return { ...nothing, rival: draft.text, bases: [digest(value)] };
  return { ...nothing, text: draft.text, bases: draft.bases || [] };
}

function digest(text) {
  let hash = 5381;
  for (const character of String(text ?? "")) hash = (hash * 33 + character.codePointAt(0)) >>> 0;
  return hash;
}

/* ---- layout and text ---- */

export function Paragraphs({ text, quiet }) {
  const parts = String(text || "").split(/\n\s*\n/).filter((part) => part.trim());
  return parts.map((part) => html`<p class=${classes("pm-text", quiet && "pm-quiet")}>${part.trim()}</p>`);
}

export function Heading({ level, children, ...rest }) {
  return html`<${`h${level}`} ...${rest}>${children}<//>`;
}

export function Section({ title, level = 3, children }) {
  return html`<div class="pm-section"><${Heading} level=${level}>${title}<//>${children}</div>`;
}

export function Card({ title, level = 4, tone, children }) {
  return html`<div class=${classes("pm-card", tone && `pm-${tone}`)}>
    ${title && html`<${Heading} level=${level}>${title}<//>`}${children}
  </div>`;
}

export function Details({ summary, open, children }) {
  return html`<details class="pm-details" open=${open}><summary>${summary}</summary><div>${children}</div></details>`;
}

export function Notice({ tone = "info", title, live, children }) {
  const role = live ? (tone === "act" ? "alert" : "status") : undefined;
  return html`<div class=${`pm-notice pm-${tone}`} role=${role}>
    ${title && html`<p class="pm-notice-title">${title}</p>`}<div>${children}</div>
  </div>`;
}

export function Facts({ rows }) {
  return html`<dl class="pm-facts">
    ${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

export function Tag({ tone, children }) {
  return html`<span class=${classes("pm-tag", tone && `pm-${tone}`)}>${children}</span>`;
}

/* ---- choosing ---- */

function Field({ id, legend, hint, error, blank, children, hideLegend }) {
  const described = classes(hint && `${id}-hint`, error && `${id}-error`) || undefined;
  return html`<fieldset class=${classes("pm-field", error && "pm-wrong")} id=${id} aria-describedby=${described}
      ...${empty(blank)}>
    <legend class=${hideLegend && "pm-unseen"}>${legend}</legend>
    ${hint && html`<p class="pm-hint" id=${`${id}-hint`}>${hint}</p>`}
    ${children}
    ${error && html`<p class="pm-error" id=${`${id}-error`} role="alert">${error}</p>`}
  </fieldset>`;
}

function Option({ id, type, option, checked, disabled, onInput }) {
  const noted = option.note && `${id}-${option.id}-note`;
  return html`<label class=${classes("pm-option", checked && "pm-on", option.tone && `pm-${option.tone}`)}>
    <input type=${type} name=${id} value=${option.id} checked=${checked} disabled=${disabled}
      aria-describedby=${noted} onChange=${onInput} />
    <span class="pm-option-text">
      <span>${option.text}</span>
      ${option.note && html`<small id=${noted}>${option.note}</small>`}
    </span>
    ${option.mark && html`<${Tag} tone=${option.tone}>${option.mark}<//>`}
  </label>`;
}

export function Choices({ legend, options, value, onChange, hint, error, disabled, inline, optional, hideLegend }) {
  const id = useName();
  const [chosen, choose] = useLocal(value, onChange);
  return html`<${Field} ...${{ id, legend, hint, error, hideLegend }} blank=${!chosen && !optional && !disabled}>
    <div class=${classes("pm-options", inline && "pm-inline")}>
      ${options.map((option) => html`<${Option} key=${option.id} type="radio" checked=${option.id === chosen}
        onInput=${() => choose(option.id)} ...${{ id, option, disabled }} />`)}
    </div>
  <//>`;
}

export function CheckBoxes({ legend, options, value, onChange, max, hint, error, disabled, optional }) {
  const id = useName();
  const [chosen, choose] = useLocal(value || [], onChange);
  const full = max !== undefined && chosen.length >= max;
  const toggle = (option) => {
    const next = new Set(chosen);
    if (!next.delete(option.id)) next.add(option.id);
    choose(options.map((each) => each.id).filter((each) => next.has(each)));
  };
  return html`<${Field} ...${{ id, legend, hint, error }} blank=${!chosen.length && !optional && !disabled}>
    <div class="pm-options">
      ${options.map((option) => {
        const checked = chosen.includes(option.id);
        return html`<${Option} key=${option.id} type="checkbox" ...${{ id, option, checked }}
          disabled=${disabled || (full && !checked)} onInput=${() => toggle(option)} />`;
      })}
    </div>
  <//>`;
}

export function RankList({ legend, options, value, onChange, firstLabel, lastLabel, hint, error, disabled }) {
  const id = useName();
  const { say } = useContext(FormContext);
  const [chosen, choose] = useLocal(value, onChange);
  const [heard, setHeard] = useState("");
  const moved = useRef(null);
  const list = useRef(null);
  const here = document.activeElement;
  const held = list.current?.contains(here) ? here : null;
  const order = chosen || options.map((option) => option.id);
  const byId = Object.fromEntries(options.map((option) => [option.id, option]));
  const move = (item, step) => {
    const from = order.indexOf(item);
    const next = order.filter((each) => each !== item);
    next.splice(from + step, 0, item);
    moved.current = { item, step };
    setHeard(say("rank.moved", { text: byId[item].text, place: from + step + 1, of: order.length }));
    choose(next);
  };
  // The button for keeping goes away once pressed; the focus goes on to the list it has settled.
  const keep = () => {
    moved.current = { item: order[0], step: 1 };
    setHeard(say("rank.kept"));
    choose(order);
  };
  // Keep the pressed button focused after its row has moved; at an end, the other one.
  useLayoutEffect(() => {
    if (!moved.current) {
      // A screen that came late moved the rows; to move the focused one takes the focus away.
      const again = held?.disabled ? held.closest("li")?.querySelector("button:enabled") : held;
      if (document.activeElement === document.body) again?.focus({ preventScroll: true });
      return;
    }
    const { item, step } = moved.current;
    const row = document.getElementById(`${id}-${item}`);
    const buttons = row ? [...row.querySelectorAll("button")] : [];
    const wanted = step < 0 ? buttons : buttons.reverse();
    wanted.find((button) => !button.disabled)?.focus();
    moved.current = null;
  });
  return html`<${Field} ...${{ id, legend, hint, error }} blank=${!chosen && !disabled}>
    ${firstLabel && html`<p class="pm-pole">${firstLabel}</p>`}
    <ol class="pm-ranks" ref=${list}>
      ${order.map((item, place) => html`<${Rank} key=${item} id=${`${id}-${item}`} option=${byId[item]}
        place=${place + 1} last=${place + 1 === order.length} disabled=${disabled} unset=${!chosen}
        move=${(step) => move(item, step)} say=${say} />`)}
    </ol>
    ${lastLabel && html`<p class="pm-pole">${lastLabel}</p>`}
    ${!chosen && !disabled && html`<div class="pm-row">
      <${Button} onPress=${keep}>${say("rank.keep")}<//>
      <span class="pm-hint">${say("rank.unset")}</span>
    </div>`}
    <p class="pm-unseen" aria-live="polite">${heard}</p>
  <//>`;
}

function Rank({ id, option, place, last, disabled, unset, move, say }) {
  return html`<li id=${id} class=${classes("pm-rank", unset && "pm-unset", option.tone && `pm-${option.tone}`)}>
    <span class="pm-place" aria-hidden="true">${place}</span>
    <span class="pm-option-text"><span>${option.text}</span>${option.note && html`<small>${option.note}</small>`}</span>
    ${option.mark && html`<${Tag} tone=${option.tone}>${option.mark}<//>`}
    ${!disabled && html`<span class="pm-moves">
      <button type="button" disabled=${place === 1} onClick=${() => move(-1)}
        aria-label=${say("rank.up", { text: option.text })}><span aria-hidden="true">↑</span></button>
      <button type="button" disabled=${last} onClick=${() => move(1)}
        aria-label=${say("rank.down", { text: option.text })}><span aria-hidden="true">↓</span></button>
    </span>`}
  </li>`;
}

function Labelled({ id, label, hint, error, hideLabel, children }) {
  return html`<div class=${classes("pm-labelled", error && "pm-wrong")}>
    <label for=${id} class=${hideLabel ? "pm-unseen" : "pm-label"}>${label}</label>
    ${hint && html`<p class="pm-hint" id=${`${id}-hint`}>${hint}</p>`}
    ${children}
    <p class="pm-error" id=${`${id}-error`} role="alert" hidden=${!error}>${error}</p>
  </div>`;
}

const describedBy = (id, hint, error, more) =>
  classes(hint && `${id}-hint`, more, error && `${id}-error`) || undefined;

export function Select({ label, options, value, onChange, placeholder, hint, error, disabled, optional, hideLabel }) {
  const id = useName();
  const { say } = useContext(FormContext);
  const [chosen, choose] = useLocal(value, onChange);
  return html`<${Labelled} ...${{ id, label, hint, error, hideLabel }}>
    <select id=${id} disabled=${disabled} aria-invalid=${error ? "true" : undefined}
      aria-describedby=${describedBy(id, hint, error)}
      onChange=${(event) => event.target.value && choose(event.target.value)}
      ...${empty(!chosen && !optional && !disabled)}>
      ${!chosen && html`<option value="" selected>${placeholder || say("select.placeholder")}</option>`}
      ${options.map((option) => html`<option value=${option.id} selected=${option.id === chosen}>${option.text}</option>`)}
    </select>
  <//>`;
}

/* ---- typing ---- */

export function TextBox({ name, label, value, onSave, minWords, rows = 6, hint, error, disabled, optional }) {
  const id = useName();
  const { say } = useContext(FormContext);
  const fits = (text) => text.length <= LONGEST;
  const typed = useTyped({ name, value: value || "", save: onSave, disabled, check: fits });
  const count = words(typed.text);
  const short = minWords && count < minWords;
  const counter = minWords ? say("text.words.of", { count, least: minWords }) : say("text.words", { count });
  const over = typed.text.length - LONGEST;
  const problem = over > 0 ? say("text.long", { over: number(over), limit: number(LONGEST) }) : error;
  return html`<${Labelled} ...${{ id, label, hint }} error=${problem}>
    ${typed.rival !== null && html`<${Rival} typed=${typed} say=${say} />`}
    <textarea id=${id} rows=${rows} value=${typed.text} readonly=${disabled || typed.rival !== null}
      aria-invalid=${problem ? "true" : undefined} aria-describedby=${describedBy(id, hint, problem, `${id}-count`)}
      onInput=${(event) => typed.input(event.target.value)} onFocus=${typed.enter} onBlur=${typed.leave}
      ...${empty((short || !count) && !optional && !disabled)} />
    <p class=${classes("pm-count", minWords && !short && "pm-enough")} id=${`${id}-count`}>
      ${counter}
    </p>
    ${typed.other && html`<${Other} typed=${typed} say=${say} />`}
  <//>`;
}

/* Below the box, so that it stays where it is: a text that was displaced, or that came too late. */
function Other({ typed, say }) {
  const { text, lost } = typed.other;
  const key = lost ? "text.lost" : "text.other";
  return html`<${Notice} tone="look" title=${say(`${key}.title`)} live>
    <p>${say(key)}</p>
    <blockquote class="pm-rival">${text}</blockquote>
    <div class="pm-row">
      ${!lost && html`<${Button} onPress=${typed.adopt}>${say("text.other.adopt")}<//>`}
      <${Button} onPress=${typed.dismiss}>${say("text.other.dismiss")}<//>
    </div>
  <//>`;
}

function Rival({ typed, say }) {
  return html`<${Notice} tone="look" title=${say("text.rival.title")} live>
    <p>${say("text.rival")}</p>
    <blockquote class="pm-rival">${typed.rival}</blockquote>
    <div class="pm-row">
      <${Button} onPress=${() => typed.choose(true)}>${say("text.rival.mine")}<//>
      <${Button} onPress=${() => typed.choose(false)}>${say("text.rival.other")}<//>
    </div>
  <//>`;
}

const written = (value) =>
  typeof value === "number"
    ? new Intl.NumberFormat(locale, { maximumFractionDigits: 6, useGrouping: false }).format(value)
    : "";

/* A decimal comma or point, whatever the language; its groups of thousands where there can be no doubt. */
export function parsed(text) {
  const { group, decimal } = signs;
  const bare = text.replace(/\s/g, "");
  const grouped = new RegExp(`^[-+]?[1-9]\\d{0,2}(${group}\\d{3})+(${decimal}\\d+)?$`).test(bare);
  const plain = (grouped ? bare.replace(new RegExp(group, "g"), "") : bare).replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN;
}

export function NumberBox(props) {
  const { name, label, value, onChange, min, max, integer, unit, hint, error, disabled, optional, hideLabel } = props;
  const id = useName();
  const { say } = useContext(FormContext);
  const wrong = (text) => numberProblem(text, { min, max, integer }, say);
  const typed = useTyped({
    name,
    value: written(value),
    disabled,
    quiet: true,
    save: (text) => onChange(parsed(text)),
    check: (text) => text.trim() !== "" && !wrong(text),
  });
  const [left, setLeft] = useState(false);
  const problem = error || (left && typed.text !== written(value) ? wrong(typed.text) : "");
  return html`<${Labelled} ...${{ id, label, hint, hideLabel }} error=${problem}>
    <span class="pm-number">
      <input id=${id} type="text" inputmode=${integer ? "numeric" : "decimal"} autocomplete="off" value=${typed.text}
        readonly=${disabled} aria-invalid=${problem ? "true" : undefined}
        aria-describedby=${describedBy(id, hint, problem, unit && `${id}-unit`)}
        onInput=${(event) => (setLeft(false), typed.input(event.target.value))} onFocus=${typed.enter}
        onBlur=${() => (setLeft(true), typed.leave())}
        onKeyDown=${(event) => event.key === "Enter" && (setLeft(true), typed.flush())}
        ...${empty(!typed.text.trim() && !optional && !disabled)} />
      ${unit && html`<span class="pm-unit" id=${`${id}-unit`}>${unit}</span>`}
    </span>
  <//>`;
}

function numberProblem(text, { min, max, integer }, say) {
  const value = parsed(text);
  if (Number.isNaN(value)) return say("number.not");
  if (integer && !Number.isInteger(value)) return say("number.whole");
  if (min !== undefined && value < min) return say("number.low", { min: number(min, 3) });
  if (max !== undefined && value > max) return say("number.high", { max: number(max, 3) });
  return "";
}

/* ---- showing ---- */

export function Table({ caption, head, rows, numeric = [], hideCaption }) {
  const id = useName();
  const side = (column) => (numeric.includes(column) ? "pm-num" : undefined);
  return html`<div class="pm-scroll" role="group" tabindex="0" aria-labelledby=${id}>
    <table class="pm-table">
      <caption id=${id} class=${hideCaption && "pm-unseen"}>${caption}</caption>
      <thead><tr>${head.map((cell, column) => html`<th scope="col" class=${side(column)}>${cell}</th>`)}</tr></thead>
      <tbody>
        ${rows.map((row) => html`<tr>
          ${row.map((cell, column) => column === 0
            ? html`<th scope="row">${cell}</th>`
            : html`<td class=${side(column)}>${cell}</td>`)}
        </tr>`)}
      </tbody>
    </table>
  </div>`;
}

export function Bars({ caption, bars, max = 1 }) {
  return html`<figure class="pm-bars">
    <figcaption>${caption}</figcaption>
    <ul>
      ${bars.map((bar) => html`<li class=${bar.tone && `pm-${bar.tone}`}>
        <span class="pm-bar-label">${bar.label}</span>
        <span class="pm-bar" aria-hidden="true">
          <span style=${{ width: `${Math.min(Math.max((100 * bar.value) / max, 0), 100)}%` }}></span>
        </span>
        <span class="pm-bar-value">${bar.text ?? number(bar.value, 1)}</span>
        ${bar.note && html`<small>${bar.note}</small>`}
      </li>`)}
    </ul>
  </figure>`;
}

export function Transcript({ label, lines }) {
  return html`<div role="log" aria-label=${label}><ol class="pm-talk">
    ${lines.map((line) => html`<li class=${`pm-line pm-line-${line.who}`}>
      ${line.name && html`<span class="pm-line-name">${line.name}</span>`}
      <p>${line.text}</p>
      ${line.note && html`<small>${line.note}</small>`}
    </li>`)}
  </ol></div>`;
}

export function Button({ onPress, tone = "plain", disabled, describedBy: described, children }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (busy || disabled) return;
    setBusy(true);
    try {
      await onPress();
    } finally {
      setBusy(false);
    }
  };
  return html`<button type="button" class=${`pm-button pm-button-${tone}`} onClick=${press}
    aria-disabled=${busy || disabled ? "true" : undefined} aria-busy=${busy ? "true" : undefined}
    aria-describedby=${described}>${children}</button>`;
}
