/* A stakeholder map, then a coalition: one drawing of `screen.view` (pamong/kinds/coalition/screen.py).

The grid shows where the actors stand and may be dragged upon; the two lists beside each actor do
the same for keyboard and screen reader. Nothing here knows more than the participant. */

import {
  Button,
  Card,
  CheckBoxes,
  Details,
  Facts,
  Notice,
  Paragraphs,
  RankList,
  Section,
  Select,
  Table,
  Tag,
  html,
  number,
  percent,
  useEffect,
  useRef,
  useStage,
  useState,
} from "../components.js";

const SCALE = [1, 2, 3, 4, 5];
const STRATEGIES = ["close", "satisfy", "inform", "monitor"];
const BLANK = { power: 0, interest: 0 };

export function View({ screen, act, say }) {
  const { view, brief } = screen;
  const scene = { screen, view, brief, act, say, disabled: screen.counterpart === "absent" };
  const box = useStage(view.phase);
  return html`<div class="pm-coalition" tabindex="-1" ref=${box} style=${{ "--threshold": `${brief.threshold}%` }}>
    <${Steps} ...${scene} />
    ${view.phase === "map" && html`<${Case} ...${scene} /><${Mapping} ...${scene} />`}
    ${view.phase === "turns" && html`<${Folded} ...${scene} /><${Turns} ...${scene} />`}
    ${screen.finished && html`<${Ending} ...${scene} /><${Folded} ...${scene} />`}
  </div>`;
}

View.tells = ({ view }) => view.phase !== "map";
View.leads = ({ view }) => view.phase === "map" || !view.turn.taken;

const PHASES = ["map", "turns", "debrief"];

function Steps({ view, say }) {
  const now = view.phase === "done" ? 2 : PHASES.indexOf(view.phase);
  return html`<ol class="pm-stages" aria-label=${say("ui.steps")}>
    ${PHASES.map((phase, place) => html`<li class=${place < now ? "pm-past" : place === now ? "pm-now" : ""}
      aria-current=${place === now ? "step" : undefined}><span>${say(`ui.step.${phase}`)}</span></li>`)}
  </ol>`;
}

/* ---- what the case is ---- */

function Case({ brief, say, view }) {
  return html`<${Card} tone="info">
    <${Paragraphs} text=${brief.role} />
    <${Facts} rows=${[
      [say("ui.decision"), brief.decision],
      [say("ui.rule"), brief.quorum_text],
      [say("ui.means"), say("ui.means.text", { effort: brief.effort, turns: brief.turns, count: brief.actions.length })],
    ]} />
    ${view.attempts > 1 && html`<p class="pm-hint">${say("ui.attempts")}</p>`}
  <//>
  ${view.phase === "map" && html`<${Details} summary=${say("ui.actions.preview", { count: brief.actions.length })}>
    <${ActionList} actions=${brief.actions} say=${say} /><//>`}`;
}

function ActionList({ actions, say }) {
  return html`<ul class="pm-deeds">${actions.map((move) => html`<li>
    <span><b>${move.label}</b>${move.about && html`<small>${move.about}</small>`}</span>
    <${Tag}>${say("ui.cost", { cost: move.cost })}<//></li>`)}</ul>`;
}

/* The case and the own map, folded away once the turns have begun. */
function Folded(scene) {
  const { brief, view, say, screen } = scene;
  const rows = brief.actors.map((actor) => [
    actor.name,
    view.positions[actor.id]?.power || "–",
    view.positions[actor.id]?.interest || "–",
    view.strategies[actor.id] ? say(`strategy.${view.strategies[actor.id]}`) : "–",
  ]);
  return html`<${Details} summary=${say("ui.again")}><div class="pm-coalition">
    <div><${Paragraphs} text=${screen.intro} /></div>
    <${Case} ...${scene} />
    <ul class="pm-deeds">${brief.actors.map((actor) => html`<li><span><b>${actor.name}</b>
      <small>${actor.clue}</small></span><${Rights} actor=${actor} say=${say} /></li>`)}</ul>
    <${Table} caption=${say("ui.map.yours")} rows=${rows} numeric=${[1, 2]}
      head=${[say("ui.actor"), say("ui.power"), say("ui.interest"), say("ui.strategy")]} />
  </div><//>`;
}

function Rights({ actor, say }) {
  return html`<span class="pm-rights">
    <${Tag}>${actor.votes ? say("ui.votes", { votes: actor.votes }) : say("ui.votes.none")}<//>
    ${actor.veto && html`<${Tag} tone="look">${say("ui.veto")}<//>`}
  </span>`;
}

/* ---- the map ---- */

function Mapping(scene) {
  const { brief, view, act, say, screen, disabled } = scene;
  const [own, setOwn] = useState({});
  const latest = useRef(own);
  const [gaps, setGaps] = useState(false);
  const sheet = useRef(null);
  const position = (id) => latest.current[id] || view.positions[id] || BLANK;
  const place = (id) => async (change) => {
    const next = { ...position(id), ...change };
    latest.current = { ...latest.current, [id]: next };
    setOwn(latest.current);
    const saved = await act("place", { actor: id, ...next });
    if (!saved) {
      const { [id]: _, ...rest } = latest.current;
      latest.current = rest;
      setOwn(rest);
    }
    return saved;
  };
  const positions = Object.fromEntries(brief.actors.map((actor) => [actor.id, position(actor.id)]));
  // Only "the map is not locked yet" may be left.
  const lacking = screen.missing.slice(0, -1);
  const lead = () => {
    setGaps(true);
    const [first] = sheet.current.querySelectorAll("[data-empty]");
    const control = first?.matches("fieldset") ? first.querySelector("button:not(:disabled)") : first;
    control?.focus({ preventScroll: true });
    (first || sheet.current).scrollIntoView({ block: "center" });
  };
  const voters = brief.actors.filter((actor) => view.deciders.includes(actor.id));
  return html`<div class="pm-coalition" ref=${sheet}>
    <${Section} title=${say("ui.map")}>
      <p class="pm-hint">${say("ui.map.hint")}</p>
      <${Grid} ...${{ brief, say, positions, place }} />
      <${Details} summary=${say("ui.strategies")}>
        <${Facts} rows=${STRATEGIES.map((id) => [say(`strategy.${id}`), say(`strategy.${id}.about`)])} /><//>
      <div class="pm-actors">${brief.actors.map((actor, index) => html`<${Actor} key=${actor.id}
        ...${{ actor, index, say, act }} position=${positions[actor.id]} place=${place(actor.id)}
        strategy=${view.strategies[actor.id] || null} />`)}</div>
    <//>
    <${Section} title=${say("ui.order")}>
      <${RankList} legend=${say("ui.order.legend")} hint=${say("ui.order.hint")}
        options=${voters.map((actor) => ({ id: actor.id, text: actor.name, note: rights(actor, say) }))}
        value=${view.order.length ? view.order : null} onChange=${(order) => act("rank", { order })}
        firstLabel=${say("ui.order.first")} lastLabel=${say("ui.order.last")} />
    <//>
    <${Lock} ...${{ say, act, disabled, lead, lacking }} told=${gaps && lacking.length > 0} />
  </div>`;
}

const rights = (actor, say) =>
  [actor.votes ? say("ui.votes", { votes: actor.votes }) : say("ui.votes.none"), actor.veto && say("ui.veto")]
    .filter(Boolean)
    .join(", ");

function Actor({ actor, index, position, place, strategy, act, say }) {
  const scale = (axis) => SCALE.map((value) => ({ id: String(value), text: say(`ui.${axis}.${value}`) }));
  const select = (axis) => html`<${Select} label=${say(`ui.${axis}`)} options=${scale(axis)}
    value=${position[axis] ? String(position[axis]) : null} onChange=${(value) => place({ [axis]: Number(value) })} />`;
  return html`<div class="pm-card pm-actor" role="group" aria-label=${actor.name}>
    <h4><span class="pm-badge" aria-hidden="true">${index + 1}</span><span>${actor.name}</span></h4>
    <${Rights} actor=${actor} say=${say} />
    <p class="pm-text">${actor.clue}</p>
    <div class="pm-three">${select("power")}${select("interest")}
      <${Select} label=${say("ui.strategy")} value=${strategy} onChange=${(id) => act("strategy", { actor: actor.id, strategy: id })}
        options=${STRATEGIES.map((id) => ({ id, text: say(`strategy.${id}`) }))} />
    </div>
  </div>`;
}

function Lock({ say, act, disabled, lead, lacking, told }) {
  const [asked, ask] = useState(false);
  const question = useRef(null);
  useEffect(() => void (asked && question.current?.focus()), [asked]);
  const press = () => (lacking.length ? lead() : ask(true));
  return html`${told && html`<${Notice} tone="look" title=${say("ui.gaps", { count: lacking.length })} live>
      <ul class="pm-missing">${lacking.map((text) => html`<li>${text}</li>`)}</ul><//>`}
    ${asked
      ? html`<div tabindex="-1" ref=${question}><${Notice} tone="look" title=${say("ui.lock.sure")} live>
          <p>${say("ui.lock.text")}</p>
          <div class="pm-row">
            <${Button} tone="primary" onPress=${() => act("lock", {})}>${say("ui.lock.yes")}<//>
            <${Button} onPress=${() => ask(false)}>${say("ui.back")}<//>
          </div><//></div>`
      : html`<div class="pm-row"><${Button} tone="primary" disabled=${disabled} onPress=${press}>${say("ui.lock")}<//></div>`}`;
}

/* ---- the grid ---- */

const placed = ({ power, interest }) => power > 0 && interest > 0;

function Grid({ brief, say, positions, place }) {
  const actors = brief.actors.map((actor, index) => ({ ...actor, index, at: positions[actor.id] }));
  const standing = actors.filter((actor) => placed(actor.at));
  const waiting = actors.filter((actor) => !placed(actor.at));
  const told = standing.map(({ name, at }) => say("ui.grid.actor", { name, power: at.power, interest: at.interest }));
  const label = told.length ? say("ui.grid", { places: told.join("; ") }) : say("ui.grid.empty");
  const badge = (actor) => html`<${Badge} key=${actor.id} actor=${actor} place=${place(actor.id)} />`;
  return html`<div class="pm-grid-box">
    <div role="img" aria-label=${label}>
      <div class="pm-grid">
        <span class="pm-axis-y">${say("ui.power")} <span>→</span></span>
        <div class="pm-cells">
          ${[...SCALE].reverse().map((power) => SCALE.map((interest) => html`<div data-power=${power} data-interest=${interest}
            class=${`pm-cell${power > 3 && interest > 3 ? " pm-high" : power < 3 && interest < 3 ? " pm-low" : ""}`}>
            ${standing.filter(({ at }) => at.power === power && at.interest === interest).map(badge)}</div>`))}
        </div>
        <span class="pm-axis-x">${say("ui.interest")} →</span>
      </div>
      ${waiting.length > 0 && html`<div class="pm-tray"><span>${say("ui.tray")}</span>${waiting.map(badge)}</div>`}
    </div>
    <ol class="pm-legend" aria-hidden="true">${actors.map((actor) => html`<li>
      <span class="pm-badge">${actor.index + 1}</span><span>${actor.name}</span></li>`)}</ol>
  </div>`;
}

function Badge({ actor, place }) {
  const [shift, setShift] = useState(null);
  const from = useRef(null);
  const down = (event) => {
    if (event.button) return;
    from.current = { x: event.clientX, y: event.clientY };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event) =>
    from.current && setShift({ x: event.clientX - from.current.x, y: event.clientY - from.current.y });
  const drop = (event) => {
    const dragged = from.current && shift;
    from.current = null;
    setShift(null);
    if (!dragged) return;
    const under = event.currentTarget.getRootNode().elementsFromPoint(event.clientX, event.clientY);
    const cell = under.find((each) => each.dataset?.power);
    if (cell) place({ power: Number(cell.dataset.power), interest: Number(cell.dataset.interest) });
  };
  const cancel = () => ((from.current = null), setShift(null));
  return html`<span class=${`pm-badge pm-drag${shift ? " pm-dragging" : ""}`} title=${actor.name}
    style=${{ transform: shift ? `translate(${shift.x}px, ${shift.y}px)` : "" }}
    onPointerDown=${down} onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${cancel}>${actor.index + 1}</span>`;
}

/* ---- the turns ---- */

function Turns(scene) {
  const { brief, view, say } = scene;
  const over = view.turn.taken >= view.turn.of;
  const left = brief.actions.filter((move) => !view.taken.includes(move.id));
  const payable = left.filter((move) => move.cost <= view.effort.left);
  return html`${view.waiting && html`<${Notice} live><p>${say("ui.waiting")}</p><//>`}
    ${view.standing && html`<${News} ...${scene} /><${Standing} ...${scene} />`}
    ${!over && payable.length > 0
      ? html`<${Turn} key=${view.turn.taken} ...${scene} ...${{ left, payable }} />`
      : html`<${Notice} tone="info"><p>${say(over ? "ui.turns.over" : "ui.effort.over")}</p><//>`}
    <${Past} ...${scene} />`;
}

function summary({ view, brief, say }) {
  const { votes, unmet } = view.standing;
  const names = brief.actors.filter((actor) => unmet.includes(actor.id)).map((actor) => actor.name);
  const text = [say("ui.tally", { votes, quorum: brief.quorum })];
  if (brief.actors.some((actor) => actor.veto))
    text.push(names.length ? say("ui.unmet", { names: names.join(", ") }) : say("ui.met"));
  if (view.outcome === "won") text.push(say("ui.won.stop"));
  return text.join(" ");
}

/* What the last turn came to; announced. */
function News(scene) {
  const { view, brief, say } = scene;
  const last = view.rounds[view.rounds.length - (view.waiting ? 2 : 1)];
  const done = view.waiting ? view.turn.taken - 1 : view.turn.taken;
  const box = useRef(null);
  const told = useRef(done);
  // The button of the turn before is gone: the focus goes to what came of it.
  useEffect(() => {
    if (told.current !== done) {
      box.current?.focus({ preventScroll: true });
      box.current?.scrollIntoView({ block: "start" });
    }
    told.current = done;
  }, [done]);
  const tone = view.outcome === "won" ? "good" : done > 0 ? "look" : "info";
  return html`<div role="status" tabindex="-1" ref=${box} class="pm-news">
    <${Notice} tone=${tone} title=${done > 0 ? say("ui.after", { turn: done }) : say("ui.start")}>
      ${done > 0
        ? html`<p>${summary(scene)}</p>${last.news.map((text) => html`<p>${text}</p>`)}`
        : html`<p>${say("ui.start.text", { threshold: brief.threshold })}</p><p>${summary(scene)}</p>`}<//></div>`;
}

function Standing({ brief, view, say }) {
  const { standing, turn, effort } = view;
  const running = view.phase === "turns";
  const byId = Object.fromEntries(brief.actors.map((actor) => [actor.id, actor]));
  return html`<${Section} title=${say("ui.standing")}>
    <${Facts} rows=${[
      [say("ui.turn"), say("ui.turn.of", { turn: running ? Math.min(turn.taken + 1, turn.of) : turn.taken, of: turn.of })],
      [say("ui.effort"), say("ui.effort.of", { left: effort.left, of: effort.of })],
      [say("ui.quorum"), say("ui.quorum.of", { votes: standing.votes, quorum: brief.quorum })],
    ]} />
    <figure class="pm-support">
      <figcaption>${say("ui.support", { threshold: brief.threshold })}</figcaption>
      <ul>${standing.actors.map((each) => html`<${Support} key=${each.id} actor=${byId[each.id]} each=${each} say=${say} />`)}</ul>
    </figure>
  <//>`;
}

function Support({ actor, each, say }) {
  const change = each.change > 0 ? `+${each.change}` : each.change < 0 ? `−${-each.change}` : "";
  return html`<li class=${each.won ? "pm-won" : ""}>
    <span class="pm-support-name"><b>${actor.name}</b> <small>${rights(actor, say)}</small></span>
    <span class="pm-bar" aria-hidden="true"><span style=${{ width: `${each.support}%` }}></span></span>
    <span class="pm-bar-value">${number(each.support)}${change && html` <small class="pm-change">
      <span aria-hidden="true">(${change})</span><span class="pm-unseen">${say(each.change > 0 ? "ui.up" : "ui.down", { change: Math.abs(each.change) })}</span></small>`}</span>
    <span class="pm-support-tag">${each.won
      ? html`<${Tag} tone="good">${say("ui.supports")}<//>`
      : actor.veto && html`<${Tag} tone="act">${say("ui.veto.open")}<//>`}</span>
  </li>`;
}

function Turn({ brief, view, act, say, disabled, left, payable }) {
  const [chosen, choose] = useState([]);
  const [error, setError] = useState("");
  const cost = brief.actions.filter((move) => chosen.includes(move.id)).reduce((sum, move) => sum + move.cost, 0);
  const pick = (next) => (choose(next), setError(""), true);
  const press = () => {
    if (!chosen.length) return setError(say("illegal.idle"));
    if (cost > view.effort.left) return setError(say("ui.over", { cost, left: view.effort.left }));
    return act("turn", { actions: chosen });
  };
  const dear = left.filter((move) => !payable.includes(move));
  return html`<${Section} title=${say("ui.choose", { turn: view.turn.taken + 1, of: view.turn.of })}>
    <${CheckBoxes} legend=${say("ui.choose.legend")} hint=${say("ui.choose.hint")} error=${error} value=${chosen} onChange=${pick}
      options=${payable.map((move) => ({ id: move.id, text: move.label, note: move.about, mark: say("ui.cost", { cost: move.cost }) }))} />
    ${dear.length > 0 && html`<p class="pm-hint">${say("ui.dear", { names: dear.map((move) => move.label).join("; ") })}</p>`}
    <div class="pm-row">
      <${Button} tone=${view.outcome === "won" ? "plain" : "primary"} disabled=${disabled || view.waiting} onPress=${press}>
        ${say("ui.run", { turn: view.turn.taken + 1 })}<//>
      <span class=${cost > view.effort.left ? "pm-error" : "pm-hint"} role="status">${say("ui.chosen", { cost, left: view.effort.left })}</span>
    </div>
  <//>`;
}

function Past({ brief, view, say }) {
  const byId = Object.fromEntries(brief.actions.map((move) => [move.id, move]));
  const done = view.rounds.slice(0, view.phase === "turns" ? -1 : undefined);
  if (!done.length) return null;
  return html`<${Details} summary=${say("ui.past")}>
    ${done.map((round, place) => html`<div class="pm-past-turn"><h4>${say("ui.past.turn", { turn: place + 1 })}</h4>
      <p>${round.actions.map((id) => byId[id].label).join("; ")}.</p>
      ${round.news.map((text) => html`<p class="pm-hint">${text}</p>`)}</div>`)}
  <//>`;
}

/* ---- afterwards ---- */

function Ending(scene) {
  const { brief, view, say } = scene;
  const { debrief } = view;
  const tone = view.outcome === "won" ? "good" : "look";
  return html`
    ${debrief
      ? html`<${Notice} tone=${tone} title=${debrief.headline} live>${debrief.paragraphs.map((text) => html`<p>${text}</p>`)}<//>`
      : html`<${Notice} tone="look" live><p>${say("ui.debrief.later")}</p><//>`}
    ${view.standing && html`<${Standing} ...${scene} />`}
    <${Past} ...${scene} />
    ${debrief && html`<${Lessons} ...${{ brief, debrief, say }} />`}`;
}

function Lessons({ brief, debrief, say }) {
  const names = Object.fromEntries(brief.actors.map((actor) => [actor.id, actor.name]));
  const list = debrief.look.map((id) => names[id]).join(", ");
  return html`
    ${!debrief.last && html`<${Section} title=${say("ui.map.check")}>
      <p class="pm-text">${list ? say("ui.map.look", { names: list }) : say("ui.map.near")} ${say("ui.map.later")}</p><//>`}
    ${debrief.last && html`<${Section} title=${say("ui.map.check")}>
      ${debrief.map.length
        ? html`<p class="pm-hint">${say("ui.map.differences")}</p>
          <div class="pm-actors">${debrief.map.map((each) => html`<${Difference} key=${each.actor} each=${each} name=${names[each.actor]} say=${say} />`)}</div>`
        : html`<p class="pm-text">${say("ui.map.same")}</p>`}<//>`}
    <${Section} title=${say("ui.decisive")}>
      <p class="pm-text">${debrief.power_text}</p>
      ${debrief.power.length > 0 && html`<${Decisive} ...${{ debrief, names, brief, say }} />`}
    <//>`;
}

function Difference({ each, name, say }) {
  const pair = ([power, interest]) => say("ui.pair", { power: number(power, 1), interest: number(interest, 1) });
  const place = (where, strategy) => `${pair(where)}${strategy ? `; ${say(`strategy.${strategy}`)}` : ""}`;
  return html`<div class="pm-card" role="group" aria-label=${name}><h4>${name}</h4>
    <${Facts} rows=${[
      [say("ui.yours"), place(each.own, each.strategy)],
      [say("ui.experts"), place(each.expert, each.expected)],
    ]} />
    <p class="pm-text">${each.reason}</p></div>`;
}

function Decisive({ debrief, names, brief, say }) {
  const votes = Object.fromEntries(brief.actors.map((actor) => [actor.id, actor]));
  return html`<${Table} caption=${say("ui.decisive.table")} numeric=${[1, 2]}
    head=${[say("ui.actor"), say("ui.decisive.votes"), say("ui.decisive.share")]}
    rows=${debrief.power.map(({ actor, share }) => [
      names[actor],
      `${votes[actor].votes}${votes[actor].veto ? ` (${say("ui.veto")})` : ""}`,
      percent(share),
    ])} />`;
}
