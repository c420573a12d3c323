/* Draws every scene of the gallery, and does in it what a hand would do. Nothing is ever sent anywhere.

`document.body.dataset.ready` says when all scenes stand as they are meant to be seen. */

import { mount } from "./form.js";

const { scenes, messages } = JSON.parse(document.getElementById("scenes").textContent);
const wanted = new URLSearchParams(location.search);
const LIMIT = 60000;

if (wanted.get("theme")) document.documentElement.dataset.theme = wanted.get("theme");

async function until(test) {
  const deadline = Date.now() + LIMIT;
  while (Date.now() < deadline) {
    const found = test();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return null;
}

/* What the browser kept of one scene, by the end of its key. */
const kept = (scene) => Object.keys(localStorage).filter((key) => key.startsWith(`pamong:${scene.scope}:`));
const forget = (scene) => kept(scene).forEach((key) => localStorage.removeItem(key));

function transport(scene) {
  let receive = () => {};
  return {
    scope: scene.scope,
    screen: scene.screen,
    messages: { form: messages.form, kind: messages[scene.kind] },
    send(message) {
      if (message.type !== "act" || !scene.answer || message.act !== scene.act.act) return;
      setTimeout(() => receive({ ...scene.answer, seq: message.seq, id: message.id }));
    },
    listen(take) {
      receive = take;
      return () => {};
    },
  };
}

/* An act that this browser has not handed over yet: the form sends it as soon as it is there. */
function owe({ scope, act: { id, act, data } }) {
  localStorage.setItem(`pamong:${scope}:outbox:gallery`, JSON.stringify([{ id, act, data }]));
}

/* A text that was begun here while another page saved another one. */
async function quarrel(scene, box, close) {
  const area = [...box.querySelectorAll("textarea:not([readonly])")].find((each) => each.value);
  if (!area) return drop(scene, close);
  area.focus();
  area.value = messages.form["text.rival.title"];
  area.dispatchEvent(new Event("input", { bubbles: true }));
  const name = await until(() => kept(scene).find((key) => key.includes(":draft:")));
  const draft = JSON.parse(localStorage.getItem(name));
  area.blur();
  close();
  forget(scene);
  localStorage.setItem(name, JSON.stringify({ ...draft, bases: [1] }));
  mount(box, transport(scene));
  return until(() => box.querySelector(".pm-rival"));
}

async function play(scene, box) {
  forget(scene);
  if (scene.step === "act") owe(scene);
  const close = mount(box, transport(scene));
  if (scene.screen.view) await until(() => box.querySelector(".pm-body > *"));
  if (scene.step === "rival") return quarrel(scene, box, close);
  if (scene.step !== "finish") return null;
  const button = box.querySelector(".pm-finish > .pm-button");
  if (!button) return drop(scene, close);
  button.click();
  return until(() => box.querySelector(".pm-finish .pm-notice"));
}

/* A state that this kind does not know: no text is written in it, or its own buttons lead on. */
function drop(scene, close) {
  close();
  document.getElementById(scene.id).remove();
}

const shown = (scene) => {
  const { kind, state } = document.getElementById(scene.id).dataset;
  return [["kind", kind], ["state", state]].every(([name, own]) => !wanted.get(name) || wanted.get(name) === own);
};

for (const scene of scenes) document.getElementById(scene.id).hidden = !shown(scene);
for (const heading of document.querySelectorAll("h2[id]")) heading.hidden = Boolean(wanted.get("kind")) && wanted.get("kind") !== heading.id;
const open = scenes.filter(shown);
const box = (scene) => document.querySelector(`[data-scene="${scene.id}"] [data-form]`);
await Promise.all(open.filter((scene) => scene.step !== "rival").map((scene) => play(scene, box(scene))));
// A text is written with the focus in it, of which there is one.
for (const scene of open.filter((scene) => scene.step === "rival")) await play(scene, box(scene));
document.activeElement?.blur();
scrollTo(0, 0);
document.body.dataset.ready = "";
