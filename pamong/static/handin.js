/* The end of a module: what is incomplete, handing in, receipts.

`mount(element, { base, module, language })` draws the panel and returns a function that takes it away. It
says Terkirim only when the server has read back what it handed in, and nothing leaves before every
text on this page is saved. Pressing twice, or in two tabs, hands in once. */

import { html, render } from "./vendor/preact.js";
import { Button, CheckBoxes, Details, FormContext, Notice, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./components.js";
import { catalogue, post, token } from "./transport.js";
import { shield } from "./widget.js";

const here = new URL("./", import.meta.url);
const SAVING = 20000;
const SENDING = 60000;
const ASKING = 15000;
const SETTLING = 1500;
const AGAIN = 4000;
const wait = (time) => new Promise((done) => setTimeout(done, time));

function dress() {
  for (const name of ["form.css", "handin.css"]) {
    const href = new URL(name, here).href;
    if ([...document.styleSheets].some((sheet) => sheet.href === href)) continue;
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
  }
}

function speaker(entries) {
  return (key, values = {}) => (entries[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export async function mount(element, { base, module, language = document.body.dataset.language || "id" }) {
  dress();
  const [own, form] = await texts(language);
  const address = new URL(`pamong/modules/${module}/submission`, new URL(base, location.origin)).href;
  element.classList.add("pamong");
  shield(element);
  render(html`<${Panel} ...${{ address, say: speaker(own), formSay: speaker(form) }} />`, element);
  return () => render(null, element);
}

/* The catalogues, asked for until the line is there. */
async function texts(language) {
  for (;;) {
    try {
      return await Promise.all([catalogue(language, "handin"), catalogue(language, "form")]);
    } catch {
      await wait(AGAIN);
    }
  }
}

/* ---- asking the server ---- */

async function look(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(ASKING), headers: { Accept: "application/json", ...token() } });
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  throw new Error(said?.text || "");
}

/* What came of handing in: { sent, overview }, { text } when refused, or { lost } when nobody knows. */
async function handIn(address, { seen, statement }, lost) {
  try {
    const answer = await post(address, { seen, statement }, AbortSignal.timeout(SENDING));
    return answer.refused ? { text: answer.text } : { sent: answer.code, overview: answer.overview };
  } catch {
    lost();
    return arrived(address, seen);
  }
}

/* The line went down while sending: whether what was seen has arrived all the same. */
async function arrived(address, seen) {
  for (const pause of [1000, 3000, 6000, 10000]) {
    await wait(pause);
    try {
      const overview = await look(address);
      const [last] = overview.receipts;
      return last?.content === seen ? { sent: last.code, overview } : { overview, text: "" };
    } catch {
      /* still down */
    }
  }
  return { lost: true };
}

/* ---- what this browser has not handed over yet ---- */

const heading = (exercise) => document.getElementById(`pm-${exercise}`);

function unsaved({ scope, exercises }) {
  const open = [...document.querySelectorAll('.pm-status:not([data-state="saved"])')].map((status) =>
    status.closest(".pm-form")?.querySelector("h2[id^=pm-]")?.id.slice(3));
  const kept = exercises.filter(({ exercise }) => leftovers(`pamong:${scope}/${exercise}/`));
  const names = new Set([...open, ...kept.map((each) => each.exercise)]);
  return [...names].map((exercise) => ({ exercise, title: exercises.find((each) => each.exercise === exercise)?.title }));
}

function leftovers(start) {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(start) && /:(draft|outbox):/.test(key));
  } catch {
    return false;
  }
}

async function settled(overview) {
  const until = Date.now() + SAVING;
  for (;;) {
    const left = unsaved(overview);
    if (!left.length || Date.now() > until) return left;
    await wait(250);
  }
}

function lead(event, exercise) {
  const target = heading(exercise);
  if (!target) return;
  event.preventDefault();
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

/* ---- the panel ---- */

/* The overview, asked for again when the panel comes into sight and when a form has saved something. */
function useOverview(address) {
  const [overview, setOverview] = useState(null);
  const [problem, setProblem] = useState(null);
  const place = useRef(null);
  const refresh = async () => {
    try {
      const now = await look(address);
      setProblem(null);
      setOverview(now);
      return now;
    } catch (error) {
      setProblem({ text: error.message });
      return null;
    }
  };
  useEffect(() => {
    let visible = false;
    let timer = 0;
    const soon = () => {
      clearTimeout(timer);
      if (visible && !document.hidden) timer = setTimeout(refresh, SETTLING);
    };
    const sight = new IntersectionObserver(([entry]) => ((visible = entry.isIntersecting), soon()));
    sight.observe(place.current);
    const saved = new MutationObserver((changes) =>
      changes.some(({ target }) => target.matches('.pm-status[data-state="saved"]')) && soon());
    saved.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
    document.addEventListener("visibilitychange", soon);
    document.addEventListener("pamong-elsewhere", soon);
    addEventListener("online", soon);
    refresh();
    return () => {
      clearTimeout(timer);
      sight.disconnect();
      saved.disconnect();
      document.removeEventListener("visibilitychange", soon);
      document.removeEventListener("pamong-elsewhere", soon);
      removeEventListener("online", soon);
    };
  }, []);
  return { overview, setOverview, problem, refresh, place };
}

function Panel({ address, say, formSay }) {
  const { overview, setOverview, problem, refresh, place } = useOverview(address);
  const [stage, setStage] = useState({ at: "open" });
  const summary = useRef(null);
  const context = useMemo(() => ({ say: formSay, drafts: { read: () => null, keep() {}, drop() {} }, lookAgain() {} }), []);
  useLayoutEffect(() => {
    if (stage.at === "open" && !stage.back) return;
    summary.current?.focus({ preventScroll: true });
    summary.current?.scrollIntoView({ block: "nearest" });
  }, [stage]);
  const flow = useFlow({ address, overview, setOverview, refresh, setStage });
  // What has been done since is not sent, whatever was said before.
  const now = stage.at === "sent" && overview?.changed ? { at: "open" } : stage;
  return html`<${FormContext.Provider} value=${context}>
    <section class="pm-form pm-handin" aria-labelledby="pm-handin" ref=${place}>
      <header class="pm-head"><h2 id="pm-handin" tabindex="-1">${say("title")}</h2>
        ${overview && html`<${Due} ...${{ overview, say }} />`}</header>
      <div class="pm-body">
        ${overview
          ? html`<${Standing} ...${{ overview, say, stage: now }} /><${Stage} ...${{ overview, say, stage: now, flow, summary }} />
              <${Earlier} ...${{ overview, say }} />`
          : problem
            ? html`<${Notice} tone="act" live><p>${problem.text || say("unavailable")}</p><div class="pm-row">
                <${Button} onPress=${refresh}>${say("again")}<//></div><//>`
            : html`<p class="pm-hint" role="status">${say("loading")}</p>`}
      </div>
      <div class="handin-end"></div>
    </section>
  <//>`;
}

/* What the buttons do. One handing in is under way at a time; the stage says which. */
function useFlow({ address, overview, setOverview, refresh, setStage }) {
  const busy = useRef(false);
  const once = async (work) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await work();
    } finally {
      busy.current = false;
    }
  };
  const ask = async () => {
    const now = await refresh();
    setStage(now ? { at: "confirm", seen: now.seen } : { at: "failed", text: "" });
  };
  const press = () =>
    once(async () => {
      setStage({ at: "saving" });
      const left = await settled(overview);
      if (left.length) return setStage({ at: "unsaved", left });
      return ask();
    });
  const send = (seen, statement) =>
    once(async () => {
      setStage({ at: "sending" });
      const came = await handIn(address, { seen, statement }, () => setStage({ at: "checking" }));
      if (came.overview) setOverview(came.overview);
      if (came.sent) return setStage({ at: "sent", same: overview.receipts[0]?.code === came.sent });
      if (came.lost) return setStage({ at: "lost", seen });
      await refresh();
      return setStage({ at: "failed", text: came.text });
    });
  const check = (seen) =>
    once(async () => {
      setStage({ at: "checking" });
      const came = await arrived(address, seen);
      if (came.overview) setOverview(came.overview);
      setStage(came.sent ? { at: "sent" } : came.lost ? { at: "lost", seen } : { at: "failed", text: "" });
    });
  return { press, anyway: () => once(ask), send, check, back: () => setStage({ at: "open", back: true }) };
}

function Due({ overview, say }) {
  const { deadline } = overview;
  if (!deadline) return html`<p class="pm-hint">${say("deadline.none")}</p>`;
  const { text, left, urgency } = deadline;
  if (overview.over)
    return html`<${Notice} tone="look" title=${say("deadline.passed.title")}><p>${say("deadline.over", { deadline: text })}</p><//>`;
  if (urgency === "passed")
    return html`<${Notice} tone="look" title=${say("deadline.passed.title")}><p>${say("deadline.passed", { deadline: text })}</p><//>`;
  return html`<p class="pm-hint">${say("deadline", { deadline: text, left })} ${say("deadline.again")}</p>`;
}

/* ---- how things stand ---- */

function Standing({ overview, say, stage }) {
  const { receipts, changed, feedback, remarks } = overview;
  const [last] = receipts;
  return html`
    ${feedback && html`<${Notice} tone="good" title=${say("feedback.title")}><div class="handin-links"><a href=${feedback}>${say("feedback")}</a></div><//>`}
    ${last && stage.at !== "sent" && (changed
      ? html`<${Notice} tone="look" title=${say("changed.title")}><p>${say("changed", { moment: last.moment })}</p>
          <${Links} receipt=${last} say=${say} /><//>`
      : html`<${Sent} receipt=${last} say=${say} />`)}
    <${Incomplete} ...${{ overview, say }} />
    ${remarks.map((name) => html`<${Notice} tone="look"><p>${say("remark", { name })}</p><//>`)}`;
}

function Sent({ receipt, say, note, live }) {
  return html`<${Notice} tone="good" title=${say("sent.title")} live=${live}>
    <p>${say(receipt.late ? "sent.late" : "sent", { moment: receipt.moment })}</p>
    ${note && html`<p>${note}</p>`}
    <p><strong class="handin-short">${say("code", { code: receipt.code })}</strong></p>
    <${Links} receipt=${receipt} say=${say} />
  <//>`;
}

function Links({ receipt, say }) {
  return html`<div class="handin-links">
    <a href=${receipt.page}>${say("receipt")}</a>
    <a href=${receipt.pdf} download="">${say("receipt.pdf")}</a>
  </div>`;
}

function tells({ state, missing }, say) {
  if (state === "unread" || state === "unstarted") return say(`state.${state}`);
  return missing ? say("state.open", { count: missing }) : say("state.unlocked");
}

function List({ exercises, say }) {
  return html`<ul class="handin-list">
    ${exercises.map((each) => html`<li><a href=${`#pm-${each.exercise}`} onClick=${(event) => lead(event, each.exercise)}>${each.title}</a>
      ${" · "}${tells(each, say)}</li>`)}
  </ul>`;
}

function Incomplete({ overview, say }) {
  const graded = overview.exercises.filter((each) => each.graded);
  const open = graded.filter((each) => each.state !== "finished");
  const practice = overview.exercises.filter((each) => !each.graded && each.state !== "finished");
  return html`
    ${open.length
      ? html`<${Notice} tone="look" title=${say("incomplete.title", { count: open.length, of: graded.length })}>
          <p>${say("incomplete")}</p><${List} exercises=${open} say=${say} /><//>`
      : html`<p>${graded.length ? say("complete", { count: graded.length }) : say("complete.none")}</p>`}
    ${practice.length > 0 && html`<${Details} summary=${say("practice", { count: practice.length })}>
      <${List} exercises=${practice} say=${say} /><//>`}`;
}

function Earlier({ overview, say }) {
  const earlier = overview.receipts.slice(1);
  if (!earlier.length) return null;
  return html`<${Details} summary=${say("earlier", { count: earlier.length })}>
    <ul class="handin-list">${earlier.map((each) => html`<li>${each.moment}${each.late && ` (${say("earlier.late")})`}
      <div class="handin-links">
        <a href=${each.page}>${say("receipt.of", { code: each.code })}</a>
        <a href=${each.pdf} download="">${say("receipt.pdf.of", { code: each.code })}</a>
      </div></li>`)}</ul><//>`;
}

/* ---- the stages of handing in ---- */

function Stage({ overview, say, stage, flow, summary }) {
  const [last] = overview.receipts;
  const box = (content) => html`<div tabindex="-1" ref=${summary}>${content}</div>`;
  const button = html`<div class="pm-finish" style=${{ marginTop: 0 }}><${Button} tone=${last && !overview.changed ? "plain" : "primary"} onPress=${flow.press}>
    ${say(last ? "send.again" : "send")}<//></div>`;
  const busy = (key) => box(html`<${Notice} tone="info" live><p>${say(key)}</p><//>`);
  if (!overview.open) return box(html`<${Notice} tone="look"><p>${say("undelivered.closed")}</p><//>`);
  if (overview.over && stage.at === "open") return null;
  switch (stage.at) {
    case "saving": case "sending": case "checking":
      return busy(stage.at);
    case "confirm":
      return box(html`<${Confirm} ...${{ overview, say, stage, flow }} />`);
    case "sent":
      return html`${box(html`<${Sent} receipt=${last} say=${say} note=${stage.same && say("sent.same")} live />`)}${button}`;
    case "unsaved":
      return html`${box(html`<${Unsaved} ...${{ say, stage, flow }} />`)}${button}`;
    case "lost":
      return box(html`<${Notice} tone="act" title=${say("lost.title")} live><p>${say("lost")}</p>
        <div class="pm-row"><${Button} tone="primary" onPress=${() => flow.check(stage.seen)}>${say("check")}<//></div><//>`);
    case "failed":
      return html`${box(html`<${Notice} tone="act" title=${say("failed.title")} live><p>${stage.text || say("failed.line")}</p><//>`)}${button}`;
    default:
      return stage.back ? box(button) : button;
  }
}

function Unsaved({ say, stage, flow }) {
  return html`<${Notice} tone="look" title=${say("unsaved.title")} live>
    <p>${say("unsaved")}</p>
    <ul class="handin-list">${stage.left.map(({ exercise, title }) => html`<li><a href=${`#pm-${exercise}`}
      onClick=${(event) => lead(event, exercise)}>${title || say("unsaved.form")}</a></li>`)}</ul>
    <div class="pm-row"><${Button} onPress=${flow.anyway}>${say("unsaved.anyway")}<//></div>
  <//>`;
}

function Confirm({ overview, say, stage, flow }) {
  const [agreed, setAgreed] = useState([]);
  const [error, setError] = useState("");
  const field = useRef(null);
  const graded = overview.exercises.filter((each) => each.graded);
  const done = graded.filter((each) => each.state === "finished").length;
  const press = () => {
    if (!overview.statement || agreed.length) return flow.send(stage.seen, agreed.length > 0);
    setError(say("statement.missing"));
    return field.current?.querySelector("input")?.focus();
  };
  const agree = (ids) => {
    setAgreed(ids);
    setError("");
    return true;
  };
  return html`<${Notice} tone="look" title=${say("confirm.title")}>
    <p>${graded.length ? say("confirm", { done, of: graded.length }) : say("confirm.none")}</p>
    ${overview.statement && html`<div class="handin-statement" ref=${field}><${CheckBoxes} legend=${say("statement.legend")} options=${[{ id: "own", text: say("statement") }]}
      value=${agreed} onChange=${agree} error=${error} optional /></div>`}
    <div class="pm-row">
      <${Button} tone="primary" onPress=${press}>${say("confirm.yes")}<//>
      <${Button} onPress=${flow.back}>${say("confirm.no")}<//>
    </div>
  <//>`;
}
