/* Afterwards: one's own plan and a good one on the calendar, and what each task was for. */

import { Card, Details, Section, Tag, html } from "../../components.js";
import { Strip, excerpt, titled } from "./folds.js";

export function Debrief({ debrief, brief, say }) {
  const names = Object.fromEntries(brief.people.map(({ id, name }) => [id, name]));
  const labels = Object.fromEntries(brief.steps.map(({ id, label }) => [id, label]));
  return html`
    ${debrief.own.bars.length > 0 && html`<${Section} title=${say("debrief.own")}>
      <p class="pm-hint">${say("debrief.path.hint")}</p>
      <${Gantt} chart=${debrief.own} weeks=${brief.weeks} say=${say} /><//>`}
    <${Section} title=${say("debrief.steps")}>
      <ul class="pm-plan-found">${debrief.steps.map(({ id, by, could }) => html`<li>
        <${Tag} tone=${by.length ? "good" : "look"}>${say(by.length ? "debrief.served" : "debrief.unserved")}<//>
        <span><b>${labels[id]}.</b> ${by.length
          ? say("debrief.by", { tasks: by.join(", ") })
          : say("debrief.could", { tasks: could.join(", ") })}</span></li>`)}</ul>
      ${debrief.risks.length > 0 && html`<ul class="pm-plan-found">${debrief.risks.map((risk, place) => html`<li>
        <${Tag} tone=${risk.countered ? "good" : "look"}>${say(risk.countered ? "debrief.countered" : "debrief.uncountered")}<//>
        <span><b>${brief.risks[place].text}</b> ${say("debrief.guards", { tasks: risk.could.join(", ") })} ${risk.reason}</span>
      </li>`)}</ul>`}
    <//>
    <${Details} summary=${say("debrief.tasks")}><div class="pm-plan-list">
      ${debrief.tasks.map((task, place) => html`<${Task} key=${task.number} ...${{ task, names, say }} text=${brief.tasks[place].text} />`)}
    </div><//>
    ${debrief.good && html`<${Details} summary=${say("debrief.good", { weeks: debrief.good.lasting })}>
      <p class="pm-hint">${say("debrief.good.hint")}</p>
      <${Gantt} chart=${debrief.good} weeks=${brief.weeks} names=${names} say=${say} /><//>`}`;
}

function Gantt({ chart, weeks, names, say }) {
  const path = say("debrief.path", { path: chart.path.join(" → "), weeks: chart.shortest });
  return html`<figure class="pm-gantt">
    <figcaption>${path}</figcaption>
    <ol>${chart.bars.map((bar) => html`<li key=${bar.number}>
      <span class="pm-gantt-label">${excerpt(titled(bar), 64)}</span>
      <${Strip} weeks=${weeks} start=${bar.start} finish=${bar.finish} critical=${bar.critical} />
      <small>${told(bar, names, say)}</small>
    </li>`)}</ol>
  </figure>`;
}

function told(bar, names, say) {
  const lasts = bar.start === bar.finish ? "debrief.week" : "debrief.weeks";
  const when = say(bar.start ? lasts : "debrief.unscheduled", { start: bar.start, finish: bar.finish });
  const slack = bar.critical ? say("debrief.critical") : say("debrief.slack", { weeks: bar.slack });
  const who = names && say("debrief.who", { a: names[bar.accountable], r: bar.responsible.map((id) => names[id]).join(", ") });
  return [when, slack, who].filter(Boolean).join(" · ");
}

function Task({ task, text, names, say }) {
  const named = (ids) => ids.map((id) => names[id]).join(", ") || say("debrief.nobody");
  const fitting = task.useful && task.accountable.length > 0 && task.responsible.length > 0;
  const tone = task.chosen === task.useful ? "good" : task.chosen ? "look" : undefined;
  return html`<${Card} title=${`${task.number}. ${text}`}>
    <p><${Tag} tone=${tone}>${say(`debrief.${task.chosen ? "taken" : "left"}.${task.useful ? "useful" : "idle"}`)}<//></p>
    <p>${task.reason}</p>
    ${fitting && html`<p class="pm-hint">${say("debrief.fit", { a: named(task.accountable), r: named(task.responsible) })}
      ${task.chosen && html` ${say("debrief.yours", { a: named(task.own_accountable), r: named(task.own_responsible) })}`}</p>`}
  <//>`;
}
