/* The clauses of a case: what each option says, who may promise it, on what law, and own points. */

import { Details, Tag, html, number } from "../../components.js";

const style = new URL("./negotiation.css", import.meta.url).href;

/* Brings this kind's own style sheet; resolves when it is there. */
export function dress() {
  if (document.querySelector(`link[href="${style}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: style, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

export const total = (brief, terms) =>
  brief.issues.reduce((sum, issue) => sum + (brief.points[issue.id][terms[issue.id]] ?? 0), 0);

export const best = (brief, issue) => Math.max(...brief.points[issue.id]);

/* "pergub-10-2015" reads Pergub 10/2015; what does not look like that stays as it is. */
export function law(id) {
  const found = /^([a-z]+)-(\d+[a-z]?)-(\d{4})$/.exec(id);
  if (!found) return id;
  const [, sort, nth, year] = found;
  const name = sort.length <= 3 ? sort.toUpperCase() : sort[0].toUpperCase() + sort.slice(1);
  return `${name} ${nth}/${year}`;
}

/* Who may promise a clause and on what law, as the brief says it; nothing where it says nothing. */
export function Conditions({ option, say }) {
  const basis = option.legal_basis;
  return html`${option.note && html`<small>${option.note}</small>`}
    ${option.authority && html`<small>${say("ui.option.authority", { office: option.authority })}</small>`}
    ${basis && html`<small>${basis.length ? say("ui.option.law", { laws: basis.map(law).join(", ") }) : say("ui.option.no_law")}</small>`}`;
}

/* Every issue with its options and what each is worth to oneself, as small bars. */
export function Options({ brief, say }) {
  const highest = Math.max(...brief.issues.map((issue) => best(brief, issue)), 1);
  return html`<div class="pm-issues">
    ${brief.issues.map((issue) => html`<${Details} key=${issue.id} summary=${html`<span class="pm-issue-head">
        <span>${issue.label}</span><${Tag}>${say("ui.upto", { points: best(brief, issue) })}<//></span>`}>
      ${issue.explain && html`<p class="pm-hint">${issue.explain}</p>`}
      <ul class="pm-worth">
        ${issue.options.map((option, place) => {
          const points = brief.points[issue.id][place];
          return html`<li>
            <span class="pm-worth-text">${option.label}<${Conditions} option=${option} say=${say} /></span>
            <span class="pm-worth-bar" aria-hidden="true"><span style=${{ width: `${(100 * points) / highest}%` }}></span></span>
            <span class="pm-worth-points">${say("ui.n_points", { points: number(points) })}</span>
          </li>`;
        })}
      </ul>
    <//>`)}
  </div>`;
}

/* A whole package, clause by clause, with own points. */
export function Terms({ brief, package: terms, say, caption }) {
  return html`<div class="pm-terms-box"><p class="pm-label">${caption}</p>
    <ul class="pm-terms">
      ${brief.issues.map((issue) => {
        const place = terms[issue.id];
        return html`<li><span class="pm-term-issue">${issue.label}</span>
          <span class="pm-term-points">${say("ui.n_points", { points: number(brief.points[issue.id][place]) })}</span>
          <span class="pm-term-text">${issue.options[place].label}<${Conditions} option=${issue.options[place]} say=${say} /></span></li>`;
      })}
      <li class="pm-term-total"><span class="pm-term-issue">${say("ui.total")}</span>
        <span class="pm-term-points">${say("ui.n_points", { points: number(total(brief, terms)) })}</span></li>
    </ul></div>`;
}
