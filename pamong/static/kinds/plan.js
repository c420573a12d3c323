/* An action plan in five steps: choose tasks, schedule, share roles, counter risks, measure.

One drawing of `screen.view` (pamong/kinds/plan/screen.py). A closed step keeps a place for each
empty field in it, so that "what is missing" opens the step and leads to the field. */

import {
  Button, Card, CheckBoxes, Notice, NumberBox, Section, Select, TextBox,
  html, number, useEffect, useLayoutEffect, useLocal, useName, useRef, useState,
} from "../components.js";
import { Debrief } from "./plan/debrief.js";
import { Fold, People, Strip, excerpt, reach, titled, usePrinting } from "./plan/folds.js";
import { Roles } from "./plan/roles.js";

const ROOM = 600;
const STEPS = ["choose", "when", "who", "risks", "measures"];
const HOME = { tasks: "choose", choose: "choose", when: "when", who: "who", load: "who", risk: "risks", measure: "measures" };
const BODIES = { choose: Choosing, when: Timing, who: Roles, risks: Risks, measures: Measures };

export function View({ screen, act, say }) {
  const { brief, view, finished } = screen;
  const [open, setOpen] = useState(finished ? [] : ["choose"]);
  const [goal, setGoal] = useState(null);
  const root = useRef(null);
  const wide = useRoom(root);
  const scene = { screen, brief, view, act, say, wide, disabled: finished };
  const steps = STEPS.filter((step) => step !== "risks" || brief.risks.length).filter(
    (step) => step !== "measures" || brief.indicators,
  );
  const toggle = (step) => setOpen(open.includes(step) ? open.filter((each) => each !== step) : [...open, step]);
  // Only once the step stands open can the field in it take the focus.
  useEffect(() => {
    if (goal && reach(root.current, goal)) setGoal(null);
  }, [goal, open]);
  useEffect(() => void (finished && setOpen([])), [finished]);
  usePrinting(() => setOpen(STEPS));
  const go = (field) => {
    const step = HOME[field.split(".")[0]];
    setOpen(open.includes(step) ? open : [...open, step]);
    setGoal(field);
  };
  const on = (step) => {
    const next = steps[steps.indexOf(step) + 1];
    setOpen([...open.filter((each) => each !== step && each !== next), next]);
    setGoal(`step.${next}`);
  };
  const states = progress(scene);
  return html`<div class="pm-plan" ref=${root}>
    ${finished && screen.debrief && html`<${Debrief} ...${scene} debrief=${screen.debrief} />`}
    <${People} ...${scene} />
    ${steps.map((step, place) => {
      const next = steps[place + 1];
      const Body = BODIES[step];
      return html`<${Fold} key=${step} field=${`step.${step}`} level=${3} open=${open.includes(step)}
        toggle=${() => toggle(step)} title=${`${place + 1}. ${say(`view.${step}`)}`} ...${states[step]}>
        <${Body} ...${scene} />
        ${next && !finished && html`<div class="pm-row"><${Button} onPress=${() => on(step)}>
          ${say("view.next", { step: `${place + 2}. ${say(`view.${next}`)}` })}<//></div>`}
      <//>`;
    })}
    ${!finished && html`<${Check} ...${scene} go=${go} />`}
  </div>`;
}

/* Whether a table of roles has room on the page. */
function useRoom(root) {
  const [wide, setWide] = useState(false);
  useLayoutEffect(() => {
    const measure = () => setWide(root.current.offsetWidth >= ROOM);
    const observer = new ResizeObserver(measure);
    observer.observe(root.current);
    measure();
    return () => observer.disconnect();
  }, []);
  return wide;
}

/* What each step's heading tells, and how many empty fields it hides. */
function progress({ brief, view, say, disabled }) {
  const { tasks, own, ties, wanted } = view;
  const count = (test) => tasks.filter(test).length;
  const of = tasks.length;
  const days = tasks.reduce((sum, task) => sum + task.days, 0);
  const wrong = own.filter((each) => each.text.trim());
  const blanks = wrong.filter((each) => !each.said).length + wrong.filter((each) => !each.step).length;
  const tied = brief.risks.filter((risk) => ties[risk.id]).length;
  const measured = Math.min(count((task) => task.measured), wanted);
  const some = (done, all) => (all ? say("view.done", { done, of: all }) : "");
  const hidden = (n) => (disabled ? 0 : n);
  return {
    choose: { note: of ? say("view.chosen", { count: of, days: number(days, 1) }) : "", blanks: hidden(blanks + (of ? 0 : 1)) },
    when: { note: some(count((task) => task.start), of), blanks: hidden(count((task) => !task.start)) },
    who: { note: some(count((task) => task.shared), of), blanks: hidden(count((task) => !task.shared)) },
    risks: { note: some(tied, brief.risks.length), blanks: hidden(brief.risks.length - tied) },
    measures: { note: some(measured, wanted), blanks: hidden(measured < wanted ? 1 : 0) },
  };
}

/* ---- 1 choose ---- */

function Choosing(scene) {
  const { brief, view, act, say, disabled } = scene;
  const options = brief.tasks.map((task) => ({
    id: task.id,
    text: `${view.numbers[task.id]}. ${task.text}`,
    note: terms(task, task.needs.map((need) => view.numbers[need]), say),
  }));
  return html`
    <div><p class="pm-label">${say("view.steps")}</p>
      <ol class="pm-plan-steps">${brief.steps.map(({ label, text }) => html`<li><b>${label}.</b> ${text}</li>`)}</ol></div>
    <${CheckBoxes} legend=${say("view.tasks")} hint=${say("view.tasks.hint", { weeks: brief.weeks })} options=${options}
      value=${view.chosen} disabled=${disabled} optional=${view.tasks.length > 0}
      onChange=${(tasks) => act("choose", { tasks })} />
    ${view.own.map((own, place) => html`<${OwnTask} key=${own.id} ...${scene} own=${own} place=${place} />`)}`;
}

function terms({ days, weeks, by }, needs, say) {
  const parts = [say("view.effort", { days: number(days, 1), weeks })];
  if (needs.length) parts.push(say("view.after", { tasks: needs.join(", ") }));
  if (by) parts.push(say("view.by", { week: by }));
  return parts.join(" · ");
}

function OwnTask({ own, place, brief, view, act, say, disabled }) {
  const written = own.text.trim() !== "";
  const size = (change) => act("size", { task: own.id, weeks: own.weeks, days: own.days, ...change });
  const steps = brief.steps.map(({ id, label }) => ({ id, text: label }));
  return html`<${Card} title=${say("view.own", { number: view.numbers[own.id] })}>
    ${place === 0 && html`<p class="pm-hint">${say("view.own.hint")}</p>`}
    <${TextBox} name=${own.id} rows=${2} label=${say("view.own.text")} value=${own.text} disabled=${disabled}
      minWords=${view.least} optional=${!written || own.said} onSave=${(text) => act("own", { task: own.id, text })} />
    <${Select} label=${say("view.own.step")} options=${steps} value=${own.step || null} disabled=${disabled}
      optional=${!written} onChange=${(step) => act("serve", { task: own.id, step })} />
    <div class="pm-plan-pair">
      <${NumberBox} name=${`${own.id}.weeks`} label=${say("view.own.weeks")} value=${own.weeks} min=${1} max=${brief.weeks}
        integer optional disabled=${disabled} onChange=${(weeks) => size({ weeks })} />
      <${NumberBox} name=${`${own.id}.days`} label=${say("view.own.days")} value=${own.days} min=${0.5} max=${100}
        optional disabled=${disabled} onChange=${(days) => size({ days })} />
    </div>
  <//>`;
}

const Nothing = ({ say }) => html`<p class="pm-hint">${say("view.nothing")}</p>`;

/* ---- 2 schedule ---- */

function Timing(scene) {
  const { view, say } = scene;
  if (!view.tasks.length) return html`<${Nothing} say=${say} />`;
  return html`<p class="pm-hint">${say("view.when.hint")}</p>
    <div class="pm-plan-list">
      ${view.tasks.map((task) => html`<${Slot} key=${task.id} ...${scene} task=${task} />`)}
    </div>`;
}

function Slot({ task, brief, act, say, disabled }) {
  const [slot, change] = useLocal({ start: task.start, weeks: task.weeks }, (next) =>
    act("schedule", { task: task.id, ...next }));
  const { start, weeks } = slot;
  const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, n) => ({ id: `${first + n}`, text: `${first + n}` }));
  const begin = (week) => change({ start: week, weeks: Math.min(Math.max(weeks, task.shortest), brief.weeks - week + 1) });
  const end = (week) => change({ start, weeks: week - start + 1 });
  const needs = task.needs.map(({ number: n, finish }) =>
    finish ? say("view.need.ends", { number: n, week: finish }) : say("view.need.open", { number: n }));
  const absent = task.absent.map((n) => say("view.need.absent", { number: n }));
  const notes = [say("view.shortest", { weeks: task.shortest }), ...needs, ...absent];
  if (task.by) notes.push(say("view.by", { week: task.by }));
  const name = useName();
  return html`<div class="pm-plan-slot" role="group" aria-labelledby=${name} data-field=${`when.${task.id}`}>
    <div><p class="pm-plan-task" id=${name}>${titled(task)}</p><p class="pm-hint">${notes.join(" · ")}</p></div>
    <div class="pm-plan-when">
      <${Select} label=${say("view.start")} options=${upTo(1, brief.weeks - task.shortest + 1)} disabled=${disabled}
        placeholder=${say("view.week")} value=${start ? `${start}` : null} onChange=${(week) => begin(Number(week))} />
      <${Select} label=${say("view.finish")} options=${start ? upTo(start + task.shortest - 1, brief.weeks) : []} optional
        placeholder="–" disabled=${disabled || !start} value=${start ? `${start + weeks - 1}` : null}
        onChange=${(week) => end(Number(week))} />
    </div>
    <${Strip} weeks=${brief.weeks} start=${start} finish=${start + weeks - 1} by=${task.by} numbered />
  </div>`;
}

/* ---- 4 risks ---- */

function Risks({ brief, view, act, say, disabled }) {
  const options = view.tasks
    .filter((task) => view.chosen.includes(task.id))
    .map((task) => ({ id: task.id, text: excerpt(titled(task), 80) }));
  return html`<p class="pm-hint">${say("view.risks.hint")}</p>
    <div class="pm-plan-list">${brief.risks.map((risk, place) => html`<div key=${risk.id} data-field=${`risk.${risk.id}`}>
      <${Card} title=${say("view.risk", { number: place + 1, text: risk.text })}>
        <p class="pm-hint">${say("view.risk.week", { week: risk.week })}</p>
        <${Select} label=${say("view.guard")} options=${options} value=${view.ties[risk.id] || null} disabled=${disabled}
          onChange=${(task) => act("mitigate", { risk: risk.id, task })} /><//></div>`)}
    </div>`;
}

/* ---- 5 measures ---- */

function Measures(scene) {
  const { view, say, disabled } = scene;
  const [open, setOpen] = useState([]);
  usePrinting(() => setOpen(view.tasks.map(({ id }) => id)));
  if (!view.tasks.length) return html`<${Nothing} say=${say} />`;
  const toggle = (id) => setOpen(open.includes(id) ? open.filter((each) => each !== id) : [...open, id]);
  const done = view.tasks.filter((task) => task.measured).length;
  const due = !disabled && done < view.wanted ? view.tasks.find((task) => !task.measured).id : null;
  const state = (task) => (task.measured ? "full" : task.indicator.trim() || task.evidence.trim() ? "part" : "none");
  return html`<p class="pm-hint">${say("view.measures.hint", { count: view.wanted })}</p>
    ${view.tasks.map((task) => html`<${Fold} key=${task.id} level=${4} field=${`measure.${task.id}`} title=${titled(task)}
      note=${say(`view.measured.${state(task)}`)} open=${open.includes(task.id)} toggle=${() => toggle(task.id)}
      blanks=${task.id === due ? 1 : 0}><${Measure} ...${scene} task=${task} due=${task.id === due} /><//>`)}`;
}

function Measure({ task, due, act, say, disabled }) {
  const { id, indicator, evidence } = task;
  const first = due && !indicator.trim();
  return html`
    <${TextBox} name=${`indicator.${id}`} rows=${2} label=${say("view.indicator")} hint=${say("view.indicator.hint")}
      value=${indicator} disabled=${disabled} optional=${!first} onSave=${(text) => act("indicator", { task: id, text })} />
    <${TextBox} name=${`evidence.${id}`} rows=${2} label=${say("view.evidence")} hint=${say("view.evidence.hint")}
      value=${evidence} disabled=${disabled} optional=${!due || first} onSave=${(text) => act("evidence", { task: id, text })} />`;
}

/* ---- the rules ---- */

function Check({ view, act, say, go }) {
  const { tests, changed, before, findings } = view.check;
  const follow = (field) => (event) => (event.preventDefault(), go(field));
  return html`<${Section} title=${say("view.check")}>
    <p class="pm-hint">${say("view.check.hint")}</p>
    <div class="pm-row pm-plan-check"><${Button} onPress=${() => act("test")}>${say(tests ? "view.check.again" : "view.check.press")}<//></div>
    <div role="status">
      ${findings.length > 0 && html`<${Notice} tone="look" title=${say("view.check.found", { count: findings.length })}>
        <ul class="pm-missing">${findings.map(({ field, text }) => html`<li key=${text}>
          <a href="#" onClick=${follow(field)}>${text}</a></li>`)}</ul><//>`}
      ${tests > 0 && !findings.length && html`<${Notice} tone=${changed ? "info" : "good"}>
        <p>${say(!changed ? "view.check.good" : before ? "view.check.fixed" : "view.check.changed")}</p><//>`}
    </div>
  <//>`;
}
