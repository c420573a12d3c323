/* A reflection: predictions first, then one's own words with evidence from one's own log. */

import { Button, CheckBoxes, Details, FormContext, Notice, NumberBox, Paragraphs, Section, Table, TextBox, empty, html, useContext, useEffect, useLayoutEffect, useLocal, useRef } from "../components.js";

export function View({ screen, act, say }) {
  const { brief, debrief } = screen;
  return html`
    ${brief.predictions.length > 0 && html`<${Predictions} ...${{ screen, act, say }} />`}
    ${brief.prompts.map((prompt, place) => html`<${Prompt} key=${prompt.id} ...${{ prompt, place, screen, act, say }} />`)}
    <p class="pm-hint">${say(brief.marked ? "view.marked" : "view.unmarked")}</p>
    ${brief.rubric.length > 0 && html`<${Rubric} rubric=${brief.rubric} say=${say} />`}
    ${debrief?.guidance && html`<${Notice} title=${say("debrief.title")}><${Paragraphs} text=${debrief.guidance} /><//>`}`;
}

function Predictions({ screen, act, say }) {
  return html`<${Section} title=${say("view.predictions")}>
    <p class="pm-hint">${say("view.predictions.hint")}</p>
    ${screen.brief.predictions.map(({ id, text }) => html`<${NumberBox} key=${id} name=${`predict.${id}`} label=${text}
      value=${screen.view.predictions[id]} min=${0} max=${100} disabled=${screen.finished}
      onChange=${(value) => act("predict", { prediction: id, value })} />`)}
  <//>`;
}

function Prompt({ prompt, place, screen, act, say }) {
  const { view, finished } = screen;
  return html`<${Section} title=${say("view.prompt", { number: place + 1 })}>
    <div><${Paragraphs} text=${prompt.text} /></div>
    <${TextBox} name=${`text.${prompt.id}`} label=${say("view.answer")} value=${view.texts[prompt.id] ?? ""} rows=${8}
      minWords=${prompt.min_words} disabled=${finished} onSave=${(text) => act("text", { prompt: prompt.id, text })} />
    ${prompt.evidence && html`<${Evidence} ...${{ prompt, screen, act, say }} />`}
  <//>`;
}

function Evidence({ prompt, screen, act, say }) {
  const { count } = prompt.evidence;
  const send = (events) => act("evidence", { prompt: prompt.id, events });
  const [mine, change] = useLocal(screen.view.evidence[prompt.id] ?? [], send);
  const picks = screen.picks?.[prompt.id] ?? [];
  const blank = !screen.finished && mine.length < count;
  const { lookAgain } = useContext(FormContext);
  const box = useRef(null);
  // The exercise it draws on may have been played since this form was drawn.
  useEffect(() => {
    if (screen.finished) return undefined;
    const sight = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && lookAgain());
    sight.observe(box.current);
    return () => sight.disconnect();
  }, [screen.finished]);
  // The button that asks for them goes away as they come, perhaps under the focus.
  const held = box.current?.contains(document.activeElement);
  useLayoutEffect(() => void (held && document.activeElement === document.body && box.current.focus({ preventScroll: true })));
  return html`<div tabindex="-1" class="pm-section" ref=${box} ...${empty(blank)}>
    ${picks.length > 0
      ? html`<${CheckBoxes} legend=${say("view.evidence")} hint=${say("view.evidence.hint", { count })} optional
          options=${options(picks, say)} value=${mine.map(String)} max=${count} disabled=${screen.finished}
          onChange=${(ids) => change(ids.map(Number))} />`
      : html`<${Nothing} ...${{ mine, say, refresh: lookAgain, disabled: screen.finished }} />`}
  </div>`;
}

function options(picks, say) {
  const several = new Set(picks.map(({ attempt }) => attempt)).size > 1;
  return picks.map(({ n, text, attempt, own, reply }) => {
    const words = own && say("view.evidence.own", { own });
    const notes = [several && say("view.evidence.attempt", { attempt }), words, reply && say("view.evidence.reply", { reply })];
    return { id: String(n), text, note: notes.filter(Boolean).join(" · ") };
  });
}

/* No log to pick from: say so; asking again brings a new screen. */
function Nothing({ mine, say, refresh, disabled }) {
  if (mine.length) return html`<p>${say("view.evidence.kept", { numbers: mine.join(", ") })}</p>`;
  if (disabled) return null;
  return html`<${Notice} tone="look" title=${say("view.evidence")}>
    <p>${say("view.evidence.none")}</p>
    <div class="pm-row"><${Button} onPress=${refresh}>${say("view.evidence.refresh")}<//></div>
  <//>`;
}

function Rubric({ rubric, say }) {
  const most = Math.max(...rubric.map(({ levels }) => levels.length));
  const head = [say("view.rubric.criterion"), ...Array.from({ length: most }, (_, n) => say("view.rubric.level", { level: n + 1 }))];
  const rows = rubric.map(({ label, levels }) => [label, ...levels, ...Array(most - levels.length).fill("")]);
  return html`<${Details} summary=${say("view.rubric")}>
    <${Table} caption=${say("view.rubric")} hideCaption head=${head} rows=${rows} /><//>`;
}
