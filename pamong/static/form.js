/* The frame of every exercise form, and the way of an act from the hand to the disk.

`mount(element, transport)` draws the form and returns a function that takes it away. It knows
nothing of Jupyter; the host brings a transport:

    transport.scope      text that names course, participant, module, exercise and version: drafts are kept under it
    transport.screen     the first screen
    transport.messages   { form: {...}, kind: {...} }: the catalogues of the frame and of the kind
    transport.send(message)      { type: "act", seq, id, act, data, version, page, n }, { type: "refresh" } or
                                 { type: "look", n, version, page }: anything since event n? may fail
    transport.listen(receive)    calls receive(message), returns a function that stops that:
        { type: "ack", seq, id, screen }        the act is on disk
        { type: "refuse", seq, id, text, screen, again }   nothing was recorded; again: try once more later
        { type: "screen", screen }              the answer to "refresh" and "look"
        { type: "same" }                        the answer to "look" when nothing has happened
      with elsewhere: true when other pages have changed the exercise, `before` then being the screen as
      they left it, and `page` where the answer is for one page only
    transport.watch(desk)        optional: calls desk.look() now and then; returns a function that stops that
    transport.shown(screen)      optional: every screen that is drawn

How acts travel is told in desk.js, what controls there are in components.js. */

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
  speak,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./components.js";
import { Desk } from "./desk.js";

function speaker(entries) {
  return (key, values = {}) => {
    const entry = entries?.[key] ?? key;
    const template = Array.isArray(entry) ? entry[0] : entry;
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
}

export function mount(element, transport) {
  speak(transport.messages.form.intl);
  const desk = new Desk(transport, element);
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
  useEffect(() => void (kind.View && desk.outbox.release()), [kind.View]);
  if (!screen.view) return html`<${Broken} ...${{ screen, say, lookAgain }} />`;
  const heading = `pm-${screen.exercise}`;
  const absent = screen.counterpart === "absent";
  const round = `${screen.brief.version}.${screen.attempt.number}`;
  return html`<${FormContext.Provider} value=${context}>
    <section aria-labelledby=${heading} class="pm-form">
      <${Head} key=${round} ...${{ screen, say, heading, desk, View: kind.View }} />
      ${(absent || screen.problem) && html`<${Absent} ...${{ screen, say, absent, lookAgain }} />`}
      <${Body} ...${{ kind, screen, act, say, kindSay }} />
      ${refusal && html`<${Notice} tone="act" title=${say("refused.title")} live><p>${refusal}</p><//>`}
      ${screen.finished
        ? html`<${Result} ...${{ screen, act, say, desk }} />`
        : !kind.View?.leads?.(screen) && html`<${Finish} key=${round} ...${{ act, say, desk, element, screen }} />`}
      ${screen.unsent && html`<${Notice} tone="look" title=${screen.unsent.title} live><p>${screen.unsent.text}</p><//>`}
      ${screen.scarce && html`<${Notice} tone="look"><p>${say("scarce")}</p><//>`}
      ${desk.elsewhere && html`<${Elsewhere} ...${{ say, desk }} />`}
      <${Status} ...${{ screen, say, desk }} />
    </section>
  <//>`;
}

function Head({ screen, say, heading, desk, View }) {
  const title = useRef(null);
  useEffect(() => void (desk.drawn && bring(title.current)), []);
  const { number: nth, of } = screen.attempt;
  const facts = [say("minutes", { minutes: screen.minutes })];
  if (of > 1) facts.push(say("attempt", { number: nth, of }));
  return html`<header class="pm-head">
    <p class="pm-kicker">
      <${Tag} tone=${screen.use === "practice" ? "info" : undefined}>${say(`use.${screen.badge ?? screen.use}`)}<//>
      <span>${facts.join(" · ")}</span>
    </p>
    <h2 id=${heading} tabindex="-1" ref=${title}>${screen.title}</h2>
    ${desk.replaced && html`<${Notice} tone="look" live><p>${say("replaced")}</p><//>`}
    ${screen.newer && html`<p class="pm-hint">${say("newer")}</p>`}
    ${!View?.tells?.(screen) && html`<${Paragraphs} text=${screen.intro} />`}
  </header>`;
}

/* Below everything, so that nothing moves under a hand. */
function Elsewhere({ say, desk }) {
  return html`<${Notice} tone="look" title=${say("elsewhere.title")} live>
    <p>${say("elsewhere")}</p>
    <div class="pm-row"><${Button} onPress=${() => desk.understood()}>${say("elsewhere.close")}<//></div>
  <//>`;
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
  return html`<div class="pm-body"><${View} key=${`${screen.brief.version}.${screen.attempt.number}`} screen=${screen} act=${act} say=${kindSay} /></div>`;
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
  const box = useRef(null);
  const held = box.current?.contains(document.activeElement);
  const missing = screen.missing;
  // Before it is painted: whoever sees the question may already press the next key.
  useLayoutEffect(() => {
    if (stage !== "open") summary.current?.focus();
  }, [stage]);
  // The list of what is missing goes away under whoever stands on it: on to the button behind it.
  useLayoutEffect(() => {
    if (held && document.activeElement === document.body)
      box.current.querySelector(".pm-button")?.focus({ preventScroll: true });
  });
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
  return html`<div class="pm-finish" ref=${box}>
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
  const { busy: pending, late, stuck } = desk;
  const bad = late || stuck;
  const wasLate = useRef(false);
  const [relief, setRelief] = useState("");
  useEffect(() => {
    if (wasLate.current && !pending) setRelief(say("status.relief"));
    if (bad) setRelief("");
    wasLate.current = bad || (wasLate.current && pending);
  });
  const unsent = screen.unsent?.status;
  const saved = unsent ? unsent : screen.saved ? say("status.saved", { moment: screen.saved }) : say("status.none");
  const held = desk.drafts.held.size > 0 && !screen.finished;
  const text = late ? say("status.late") : stuck ? say("status.stuck") : pending ? say("status.saving") : held ? say("status.held") : saved;
  return html`<div class="pm-status" data-state=${bad ? "late" : pending ? "saving" : held ? "held" : unsent ? "unsent" : "saved"}>
    <span class="pm-dot" aria-hidden="true"></span><span>${text}</span>
    <span class="pm-unseen" role="alert">${late ? say("status.late") : ""}</span>
    <span class="pm-unseen" role="status">${relief}</span>
  </div>`;
}
