/* A guided canvas: stages in order, each with fields and perhaps a table whose rows are cards.

Stages and rows that are complete when the page opens are folded away, so that a long canvas is short on a
phone; nothing folds under the hand of who is writing, and what has a gap or a remark stays open. */

import {
  Button, CheckBoxes, Choices, Details, FormContext, Notice, NumberBox, Section, Select, Table, Tag, TextBox,
  day, empty, html, useContext, useEffect, useLayoutEffect, useLocal, useMemo, useRef, useState,
} from "../components.js";

const MOST_TAGS = 3;
const RADIOS = 4;
const FIRST_DAY = "2000-01-01";
const LAST_DAY = "2100-12-31";
const classes = (...list) => list.filter(Boolean).join(" ");
let names = 0;

export function View({ screen, act, say }) {
  const [heard, tell] = useState("");
  const stages = screen.view.stages;
  useNews({ stages, titles: screen.brief.stages, tell, say });
  return html`
    ${!screen.finished && html`<${Progress} stages=${stages} say=${say} />`}
    ${screen.brief.stages.map((stage, place) => html`<${Stage} key=${stage.id} now=${stages[place]}
      ...${{ stage, place, screen, act, say, tell }} />`)}
    ${screen.debrief?.items.length > 0 && html`<${Expected} items=${screen.debrief.items} say=${say} />`}
    <p class="pm-unseen" role="status">${heard}</p>`;
}

/* How far all of it has come; it stays in sight. The tags of the stages say the same. */
function Progress({ stages, say }) {
  const sum = (name) => stages.reduce((all, stage) => all + stage[name], 0);
  const [done, of] = [sum("done"), sum("of")];
  return html`<div class="pm-canvas-progress" aria-hidden="true">
    <span class="pm-bar"><span style=${{ width: `${of ? (100 * done) / of : 0}%` }}></span></span>
    <span>${say("view.progress", { done, of })}</span>
  </div>`;
}

/* Whether something complete is folded away, and what turns that. Texts that wait in this browser stay in sight. */
function useFold(complete, names) {
  const { drafts } = useContext(FormContext);
  const [folded, fold] = useState(() => complete && !names.some((name) => drafts.read(name)));
  return [folded && complete, () => fold(!folded)];
}

function Turn({ folded, turn, children }) {
  return html`<button type="button" class="pm-canvas-turn" aria-expanded=${folded ? "false" : "true"} onClick=${turn}>
    ${children}</button>`;
}

/* Tells when a stage has become complete, and when another one has opened by that. */
function useNews({ stages, titles, tell, say }) {
  const before = useRef(stages);
  useEffect(() => {
    const news = stages.flatMap((now, place) => {
      const { open, done } = before.current[place];
      const stage = titles[place].title;
      return [
        now.done === now.of && done < now.of && say("view.completed", { stage }),
        now.open && !open && say("view.opened", { stage }),
      ].filter(Boolean);
    });
    before.current = stages;
    if (news.length) tell(news.join(" "));
  }, [stages]);
}

function Stage({ stage, now, place, screen, act, say, tell }) {
  const of = screen.brief.stages.length;
  const complete = now.done === now.of;
  const common = { stage, now, screen, act, say, tell };
  const settled = now.open && complete && !now.notes.length && !screen.finished;
  const [folded, turn] = useFold(settled, namesIn(stage, now));
  return html`<div class=${classes("pm-canvas-stage", !now.open && "pm-canvas-locked")}>
    <div class="pm-canvas-head">
      ${of > 1 && html`<p class="pm-hint">${say("view.stage", { number: place + 1, of })}</p>`}
      <h3>${settled ? html`<${Turn} ...${{ folded, turn }}>${stage.title}<//>` : stage.title}</h3>
      <${Tag} tone=${complete && now.open ? "good" : undefined}>
        ${now.open ? say("view.progress", { done: now.done, of: now.of }) : say("view.locked")}<//>
    </div>
    ${stage.hint && !folded && html`<p class="pm-hint">${stage.hint}</p>`}
    ${now.open
      ? html`<div class="pm-canvas-part" hidden=${folded}>
        ${stage.fields.map((field) => html`<${Spot} key=${field.id} field=${field} ...${common}
          name=${`${stage.id}.${field.id}`} value=${now.fields[field.id]}
          blank=${now.gaps.includes(field.id)} notes=${now.notes.filter((note) => note.field === field.id)}
          send=${(value) => act("set", { stage: stage.id, field: field.id, value })} />`)}
        ${stage.rows && html`<${Rows} ...${common} />`}</div>`
      : html`<p tabindex="-1" ...${empty(!screen.finished)}>${now.opens}</p>`}
  </div>`;
}

/* Under what names this browser keeps what is being written in a stage. */
const namesOf = (stage, row) => stage.rows.columns.map((field) => `${stage.id}.${row.id}.${field.id}`);
const namesIn = (stage, now) => [
  ...stage.fields.map((field) => `${stage.id}.${field.id}`),
  ...(stage.rows ? now.rows.flatMap((row) => namesOf(stage, row)) : []),
];

/* ---- one field ---- */

function Spot({ field, notes, ...rest }) {
  const wide = ["text", "several", "tag", "link"].includes(field.type);
  return html`<div class=${classes("pm-canvas-spot", wide && "pm-canvas-wide")}>
    <${CONTROLS[field.type]} field=${field} ...${rest} />
    <${Notes} notes=${notes} />
  </div>`;
}

function Notes({ notes }) {
  if (!notes.length) return null;
  return html`<${Notice} tone="look" live>${notes.map(({ text }) => html`<p>${text}</p>`)}<//>`;
}

const label = (field, say) => (field.required ? field.label : say("view.optional", { label: field.label }));
const hint = (field, say, more) =>
  [field.hint, more, field.example && say("view.example", { example: field.example })].filter(Boolean).join(" ") || undefined;
const common = ({ field, say, screen, blank }, more) => ({
  label: label(field, say),
  hint: hint(field, say, more),
  disabled: screen.finished,
  optional: !blank,
});
const options = ({ field }) => field.options.map(({ id, text }) => ({ id, text }));

function Long(props) {
  const { field, name, value, send } = props;
  return html`<div class="pm-canvas-text">
    <${TextBox} ...${common(props)} name=${name} value=${value ?? ""} rows=${field.min_words > 12 ? 4 : 2}
      minWords=${field.min_words || undefined} onSave=${send} />
  </div>`;
}

function Short(props) {
  const { name, value, send } = props;
  return html`<div class="pm-canvas-text pm-canvas-short">
    <${TextBox} ...${common(props)} name=${name} value=${value ?? ""} rows=${1} onSave=${send} />
  </div>`;
}

function Choice(props) {
  const { field, value, send } = props;
  const { label: legend, ...shared } = common(props);
  return field.options.length <= RADIOS
    ? html`<${Choices} legend=${legend} ...${shared} options=${options(props)} value=${value ?? null} onChange=${send} />`
    : html`<${Select} label=${legend} ...${shared} options=${options(props)} value=${value ?? null} onChange=${send} />`;
}

function Several(props) {
  const { field, value, say, send } = props;
  const most = field.type === "tag" ? MOST_TAGS : undefined;
  const { label: legend, ...shared } = common(props, most && say("view.tags", { most }));
  return html`<${CheckBoxes} legend=${legend} ...${shared} options=${options(props)} max=${most} value=${value ?? []}
    onChange=${send} />`;
}

function Figure(props) {
  const { field, name, value, send } = props;
  return html`<${NumberBox} ...${common(props)} name=${name} value=${value} min=${field.low} max=${field.high}
    integer=${field.whole} unit=${field.unit} onChange=${send} />`;
}

function Rating(props) {
  const { value, send } = props;
  const { label: legend, ...shared } = common(props);
  const levels = [1, 2, 3, 4, 5].map((level) => ({ id: String(level), text: String(level) }));
  return html`<div class="pm-canvas-rating">
    <${Choices} legend=${legend} ...${shared} inline options=${levels} value=${value ? String(value) : null}
      onChange=${(id) => send(Number(id))} />
  </div>`;
}

function Link(props) {
  const { field, value, screen, say, send } = props;
  const above = screen.view.stages.find((stage) => stage.id === field.to);
  const title = screen.brief.stages.find((stage) => stage.id === field.to).title;
  const rows = above.rows.filter((row) => row.used).map((row) => ({ id: row.id, text: row.name }));
  const known = rows.some((row) => row.id === value);
  const none = rows.length ? undefined : say("view.link.none", { stage: title });
  return html`<${Select} ...${common(props, none)} options=${rows} value=${known ? value : null} onChange=${send} />`;
}

function Day(props) {
  const { value, say, send } = props;
  const { label: text, hint: help, disabled, optional } = common(props);
  const id = useMemo(() => `pm-day-${(names += 1)}`, []);
  const [kept, change] = useLocal(value ?? "", (day) => send(day || null));
  const [typed, setTyped] = useState(null);
  const [wrong, setWrong] = useState(false);
  const fits = (day) => day >= FIRST_DAY && day <= LAST_DAY;
  const input = ({ target }) => {
    setTyped(target.value);
    setWrong(false);
    if (target.validity.badInput) return;
    if (target.value === "" || fits(target.value)) change(target.value);
  };
  const leave = ({ target }) => {
    const bad = target.validity.badInput || (target.value !== "" && !fits(target.value));
    setWrong(bad);
    if (!bad) setTyped(null);
  };
  const shown = typed === null ? kept : typed;
  const read = fits(shown) ? day(shown) : "";
  return html`<div class=${classes("pm-labelled", "pm-canvas-day", wrong && "pm-wrong")}>
    <label class="pm-label" for=${id}>${text}</label>
    ${help && html`<p class="pm-hint" id=${`${id}-hint`}>${help}</p>`}
    <input id=${id} type="date" min=${FIRST_DAY} max=${LAST_DAY} value=${shown} readonly=${disabled}
      aria-invalid=${wrong ? "true" : undefined} onInput=${input} onBlur=${leave}
      aria-describedby=${classes(help && `${id}-hint`, read && `${id}-read`, wrong && `${id}-error`) || undefined}
      ...${empty(!shown && !optional && !disabled)} />
    ${read && html`<p class="pm-hint" id=${`${id}-read`}>${read}</p>`}
    <p class="pm-error" id=${`${id}-error`} role="alert" hidden=${!wrong}>${wrong ? say("view.date.wrong") : ""}</p>
  </div>`;
}

const CONTROLS = {
  text: Long,
  short: Short,
  person: Short,
  choice: Choice,
  several: Several,
  tag: Several,
  number: Figure,
  date: Day,
  rating: Rating,
  link: Link,
};

/* ---- rows ---- */

function Rows({ stage, now, screen, act, say, tell }) {
  const wanted = useRef("");
  const box = useRef(null);
  const word = stage.rows.row;
  const full = now.rows.length >= stage.rows.max_rows;
  const ids = now.rows.map((row) => row.id).join(" ");
  const known = useRef(ids);
  // What was pressed may be gone: the focus goes to the row that came, or to where it can come back.
  useLayoutEffect(() => {
    const fresh = now.rows.find(({ id }) => !known.current.split(" ").includes(id));
    known.current = ids;
    if (!wanted.current) return;
    const row = wanted.current === "row" && fresh && box.current.querySelector(`[data-row="${fresh.id}"]`);
    const inside = row ? [...row.querySelectorAll("textarea, input, select, button")] : [];
    const target = row ? inside.find((each) => each.checkVisibility()) : box.current.querySelector("[data-add] button");
    wanted.current = "";
    target?.focus();
  }, [ids]);
  const change = async (name, data, after, text) => {
    document.activeElement?.blur();
    wanted.current = after;
    if (await act(name, { stage: stage.id, ...data })) tell(text);
    else wanted.current = "";
  };
  const add = () => change("add", {}, "row", say("view.added", { row: word }));
  const remove = ({ id, place }) => change("remove", { row: id }, "tools", say("view.was.removed", { row: place }));
  const restore = ({ id, name }) => change("restore", { row: id }, "row", say("view.restored", { row: name }));
  const general = now.notes.filter(({ field }) => !stage.fields.some((each) => each.id === field));
  return html`<div class="pm-canvas-rows" ref=${box}>
    ${now.rows.map((row, place) => html`<${Row} key=${row.id} ...${{ row, stage, screen, act, say }} first=${place === 0}
      remove=${() => remove(row)} />`)}
    <${Notes} notes=${general} />
    ${!screen.finished && html`<div class="pm-row pm-canvas-tools" data-add>
      ${!full && html`<fieldset class="pm-field" ...${empty(now.short)}>
        <${Button} onPress=${add}>${say("view.add", { row: word })}<//></fieldset>`}
      ${full && now.rows.some((row) => !row.given) && html`<p class="pm-hint" tabindex="-1">${say("view.add.full", { most: stage.rows.max_rows })}</p>`}
    </div>
    ${now.removed.length > 0 && html`<${Details} summary=${say("view.removed", { count: now.removed.length })}>
      <div class="pm-canvas-removed">
        ${now.removed.map((row) => html`<${Button} key=${row.id} disabled=${full} onPress=${() => restore(row)}>
          ${say("view.restore", { row: row.name })}<//>`)}
      </div><//>`}`}
  </div>`;
}

/* Examples stand in the first row only. */
function Row({ row, stage, first, screen, act, say, remove }) {
  const columns = stage.rows.columns.filter(({ id }) => !row.given || id !== stage.rows.one_per);
  const heading = `pm-${screen.exercise}-${stage.id}-${row.id}`;
  const fields = new Set(columns.map(({ id }) => id));
  const settled = row.verdict.good && !row.notes.length && !screen.finished;
  const [folded, turn] = useFold(settled, namesOf(stage, row));
  return html`<div class=${classes("pm-card", "pm-canvas-row", row.verdict.good && "pm-canvas-done")} role="group"
      aria-labelledby=${heading} data-row=${row.id}>
    <div class="pm-canvas-head">
      <h4 id=${heading}>${settled ? html`<${Turn} ...${{ folded, turn }}>${row.place}<//>` : row.place}</h4>
      <${Tag} tone=${row.verdict.good ? "good" : row.used ? "look" : undefined}>${row.verdict.text}<//>
    </div>
    ${folded && row.name !== row.place && html`<p class="pm-hint">${row.name}</p>`}
    <div class="pm-canvas-grid" hidden=${folded}>
      ${columns.map((field) => html`<${Spot} key=${field.id} ...${{ screen, say }}
        field=${first ? field : { ...field, example: "" }}
        name=${`${stage.id}.${row.id}.${field.id}`} value=${row.cells[field.id]} blank=${row.gap === field.id}
        notes=${row.notes.filter((note) => note.field === field.id)}
        send=${(value) => act("cell", { stage: stage.id, row: row.id, field: field.id, value })} />`)}
    </div>
    <${Notes} notes=${row.notes.filter((note) => !fields.has(note.field))} />
    ${!row.given && !screen.finished && !folded && html`<div class="pm-canvas-tools">
      <${Button} onPress=${remove}>${say("view.remove", { row: row.place })}<//></div>`}
  </div>`;
}

/* ---- afterwards ---- */

function Expected({ items, say }) {
  const head = [say("view.expected.field"), say("view.expected.own"), say("view.expected.right"), say("view.expected.verdict")];
  const rows = items.map((item) => [
    item.label, item.own, item.expected, say(item.right ? "view.expected.fits" : "view.expected.differs"),
  ]);
  return html`<${Section} title=${say("view.expected")}>
    <${Table} caption=${say("view.expected")} hideCaption head=${head} rows=${rows} /><//>`;
}
