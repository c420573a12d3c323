/* A form inside a Jupyter notebook: an anywidget model is the transport. */

import { mount } from "./form.js";

const here = new URL("./", import.meta.url);

async function catalogue(language, area) {
  const answer = await fetch(new URL(`messages/${language}/${area}.json`, here));
  if (!answer.ok) throw new Error(`catalogue ${area}: ${answer.status}`);
  return answer.json();
}

function dress() {
  const href = new URL("form.css", here).href;
  const known = [...document.styleSheets].some((sheet) => sheet.href === href);
  if (known) return Promise.resolve();
  return new Promise((resolve) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

/* The notebook's one-letter shortcuts must not see keys pressed in a form. */
export function shield(element) {
  const mark = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  const hold = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
  element.addEventListener("focusin", mark);
  element.addEventListener("keydown", hold);
}

export async function render({ model, el: element }) {
  const screen = model.get("screen");
  const language = model.get("language");
  const [form, kind] = await Promise.all([
    catalogue(language, "form"),
    catalogue(language, screen.kind),
    dress(),
  ]);
  shield(element);
  return mount(element, {
    scope: model.get("scope"),
    screen,
    messages: { form, kind },
    send: (message) => model.send(message),
    listen(receive) {
      model.on("msg:custom", receive);
      return () => model.off("msg:custom", receive);
    },
  });
}
