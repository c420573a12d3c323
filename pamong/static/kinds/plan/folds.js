/* What the steps of a plan share: something to unfold, a strip of weeks, and the way to a field. */

import { Details, Facts, Heading, html, number, useEffect, useLayoutEffect, useMemo, useRef } from "../../components.js";

let folds = 0;
let printing = false;
addEventListener("beforeprint", () => (printing = true));
addEventListener("afterprint", () => (printing = false));

/* On paper nothing can be unfolded: calls `unfold` before the page is printed, also for what is drawn only then. */
export function usePrinting(unfold) {
  useEffect(() => {
    if (printing) unfold();
    addEventListener("beforeprint", unfold);
    return () => removeEventListener("beforeprint", unfold);
  }, []);
}

export const titled = (task) => `${task.number}. ${task.text.trim()}`;

export function excerpt(text, limit) {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(/\s+\S*$/, "").replace(/[,.;:]$/, "")}…`;
}

export function People({ brief, say }) {
  const rows = brief.people.map(({ name, role, capacity }) => [
    name,
    html`${role} <span class="pm-plan-time">${say("view.capacity", { days: number(capacity, 2) })}</span>`,
  ]);
  return html`<${Details} summary=${say("view.people", { count: rows.length })}><${Facts} rows=${rows} /><//>`;
}

/* The control of a field: the element itself or the first control in it. */
function control(element) {
  const found = element.matches("button, input, select, textarea, [tabindex]")
    ? element
    : element.querySelector("select:not(:disabled), input:not(:disabled), textarea, button");
  return found ?? element;
}

/* Focuses the field, if it is on the page by now. */
export function reach(root, field) {
  const [name, id] = field.split(".");
  const chosen = name === "choose" || name === "tasks" ? root.querySelector(`input[type=checkbox]${id ? `[value="${id}"]` : ""}`) : null;
  const element = chosen ?? root.querySelector(`[data-field="${field}"]`);
  if (!element) return false;
  control(element).focus({ preventScroll: true });
  element.scrollIntoView({ block: name === "step" ? "start" : "center" });
  return true;
}

/* A heading that opens what stands below it. Closed, it keeps `blanks` places that the page can lead
to; focused, such a place opens it and gives the focus on to the empty field that it stands for. */
export function Fold({ title, note, level, open, toggle, blanks = 0, field, children }) {
  const id = useMemo(() => `pm-fold-${(folds += 1)}`, []);
  const body = useRef(null);
  const wanted = useRef(null);
  useLayoutEffect(() => {
    if (!open || wanted.current === null) return;
    const fields = body.current.querySelectorAll("[data-empty]");
    const target = fields[wanted.current] ?? fields[0] ?? body.current;
    wanted.current = null;
    control(target).focus({ preventScroll: true });
    document.activeElement.scrollIntoView({ block: "center" });
  });
  const lead = (place) => {
    wanted.current = place;
    toggle();
  };
  return html`<div class=${`pm-fold pm-fold-${level}`}>
    <${Heading} level=${level}>
      <button type="button" class="pm-fold-head" aria-expanded=${open ? "true" : "false"} aria-controls=${open ? id : undefined}
        onClick=${toggle} data-field=${field}>
        <span>${title}</span>${note && html` <span class="pm-fold-note">${note}</span>`}
      </button>
    <//>
    ${!open && Array.from({ length: blanks }, (_, place) => html`<span key=${place} class="pm-unseen" tabindex="-1" data-empty=""
      onFocus=${() => lead(place)}></span>`)}
    ${open && html`<div class="pm-fold-body" id=${id} ref=${body}>${children}</div>`}
  </div>`;
}

/* Weeks side by side, those from start to finish filled; for the eye only. */
export function Strip({ weeks, start, finish, by, critical, numbered }) {
  const tone = (week) => {
    if (start && week >= start && week <= finish) return critical ? "pm-week pm-week-on pm-week-critical" : "pm-week pm-week-on";
    return "pm-week";
  };
  const label = numbered && weeks <= 16;
  return html`<div class="pm-weeks" aria-hidden="true" style=${{ gridTemplateColumns: `repeat(${weeks}, minmax(0, 1fr))` }}>
    ${Array.from({ length: weeks }, (_, n) => html`<span class=${`${tone(n + 1)}${by === n + 1 ? " pm-week-by" : ""}`}>
      ${label && n + 1}</span>`)}
  </div>`;
}
