/* Who does what: a table where there is room, else a card per task; and the load that follows. */

import { Select, empty, html, number, useState } from "../../components.js";
import { Fold, People, excerpt, titled } from "./folds.js";

const ROLES = ["A", "R", "AR", "C", "I"];
const NONE = "none";

export function Roles(scene) {
  const { view, say, wide } = scene;
  if (!view.tasks.length) return html`<p class="pm-hint">${say("view.nothing")}</p>`;
  return html`<${Meanings} ...${scene} /><${People} ...${scene} />
    ${wide ? html`<${Grid} ...${scene} />` : html`<${Cards} ...${scene} />`}
    <${Loads} ...${scene} />`;
}

function Meanings({ brief, say }) {
  const time = number(brief.oversight, 2);
  return html`<dl class="pm-plan-roles-key">
    ${["A", "R", "C", "I"].map((role) => html`<div><dt>${role}</dt><dd>${say(`view.role.${role}`, { time })}</dd></div>`)}
  </dl>`;
}

/* One select; in the table its options are letters alone. */
function Role({ task, person, act, say, disabled, short }) {
  const options = [NONE, ...ROLES].map((role) => ({
    id: role,
    text: role === NONE ? (short ? "–" : say("view.role.none")) : short ? role.replace("AR", "A+R") : sentence(say(`role.${role}`)),
  }));
  const label = short ? say("view.role.label", { person: person.name, number: task.number }) : person.name;
  return html`<${Select} label=${label} hideLabel=${short} options=${options} value=${task.roles[person.id] ?? NONE}
    disabled=${disabled} onChange=${(role) => act("role", { task: task.id, person: person.id, role: role === NONE ? "" : role })} />`;
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1);
/* What is empty is the row as a whole: the focus goes on to its first select. */
const inside = (event) => event.target === event.currentTarget && event.currentTarget.querySelector("select")?.focus();

function Grid(scene) {
  const { brief, view, say, disabled } = scene;
  return html`<div class="pm-scroll" role="group" tabindex="0" aria-label=${say("view.who")}>
    <table class="pm-table pm-plan-grid">
      <thead><tr><th scope="col">${say("render.task")}</th>
        ${brief.people.map((person) => html`<th scope="col">${person.name}</th>`)}</tr></thead>
      <tbody>${view.tasks.map((task) => html`<tr key=${task.id} tabindex="-1" onFocus=${inside} data-field=${`who.${task.id}`}
          ...${empty(!task.shared && !disabled)}>
        <th scope="row">${excerpt(titled(task), 70)}</th>
        ${brief.people.map((person) => html`<td><${Role} ...${scene} task=${task} person=${person} short /></td>`)}
      </tr>`)}</tbody>
    </table>
  </div>`;
}

function Cards(scene) {
  const { brief, view, say, disabled } = scene;
  const [open, setOpen] = useState([]);
  const toggle = (id) => setOpen(open.includes(id) ? open.filter((each) => each !== id) : [...open, id]);
  const letters = (task) => brief.people
    .filter(({ id }) => task.roles[id])
    .map(({ id, name }) => `${task.roles[id].replace("AR", "A+R")}: ${name}`)
    .join(" · ");
  return html`<div class="pm-plan-cards">${view.tasks.map((task) => html`<${Fold} key=${task.id} level=${4} title=${excerpt(titled(task), 90)}
    field=${`who.${task.id}`} note=${letters(task) || say("view.role.open")} open=${open.includes(task.id)}
    toggle=${() => toggle(task.id)} blanks=${task.shared || disabled ? 0 : 1}>
    <div class="pm-plan-list" tabindex="-1" onFocus=${inside} ...${empty(!task.shared && !disabled)}>
      ${brief.people.map((person) => html`<${Role} key=${person.id} ...${scene} task=${task} person=${person} />`)}
    </div><//>`)}</div>`;
}

function Loads({ brief, view, say }) {
  const most = Math.max(...brief.people.map(({ capacity }) => capacity), ...view.load.flatMap(({ weeks }) => weeks));
  return html`<div class="pm-plan-loads">
    <h4>${say("view.load")}</h4><p class="pm-hint">${say("view.load.hint")}</p>
    <ul>${brief.people.map((person, place) => html`<${Load} key=${person.id} ...${{ person, most, say }} load=${view.load[place]} />`)}</ul>
  </div>`;
}

function Load({ person, load, most, say }) {
  const top = Math.max(...load.weeks);
  const week = load.weeks.indexOf(top) + 1;
  const values = { week, days: number(top, 1), capacity: number(person.capacity, 2), weeks: load.over.join(", ") };
  const text = say(load.over.length ? "view.load.over" : top ? "view.load.top" : "view.load.free", values);
  const height = (days) => `${(100 * days) / most}%`;
  return html`<li tabindex="-1" data-field=${`load.${person.id}`} class=${load.over.length ? "pm-plan-over" : undefined}>
    <span class="pm-plan-name">${person.name}</span>
    <span class="pm-columns" aria-hidden="true" style=${{ "--limit": height(person.capacity) }}>
      ${load.weeks.map((days, n) => html`<span class=${load.over.includes(n + 1) ? "pm-column pm-over" : "pm-column"}
        style=${{ height: height(days) }}></span>`)}
    </span>
    <span class="pm-plan-text">${text}</span>
  </li>`;
}
