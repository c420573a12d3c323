/* How a page without a kernel talks to its server: one POST per message, with a time limit.

    post(address, content)       JSON in, JSON out; a refused request gives { refused: true, text, again }
    catalogue(language, area)    the texts of one area, asked for once
    line(address)                the send and listen of form.js's transport for one exercise */

const here = new URL("./", import.meta.url);
const LIMIT = 15000;
const texts = new Map();

export function catalogue(language, area) {
  const address = new URL(`messages/${language}/${area}.json`, here).href;
  if (!texts.has(address)) {
    const asked = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`catalogue ${area}: ${answer.status}`);
      return answer.json();
    });
    asked.catch(() => texts.delete(address));
    texts.set(address, asked);
  }
  return texts.get(address);
}

const cookie = (name) =>
  document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/* What a server behind JupyterHub wants with everything that a script asks for. */
export const token = () => ({ "X-XSRFToken": decodeURIComponent(cookie("_xsrf")) });

/* Rejects when the line is down; what the server refuses comes back as its words. */
export async function post(address, content, signal = AbortSignal.timeout(LIMIT)) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...token() },
    body: JSON.stringify(content),
    signal,
  });
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  return { refused: true, text: said?.text ?? "", again: said?.again ?? answer.status !== 413 };
}

/* A message that is still on its way is not sent twice; an answer that acts have overtaken is dropped. */
export function line(address) {
  const ways = new Map();
  let receive = () => {};
  let acted = 0;
  const send = async (message) => {
    const way = `${message.type}:${message.seq ?? ""}`;
    if (ways.has(way)) return;
    const stop = new AbortController();
    ways.set(way, stop);
    const timer = setTimeout(() => stop.abort(), LIMIT);
    const before = acted;
    try {
      const answer = await post(address, message, stop.signal);
      if (message.type === "act") acted += 1;
      else if (answer.refused || acted !== before) return;
      ways.delete(way);
      const { seq, id } = message;
      receive(answer.refused ? { type: "refuse", seq, id, text: answer.text, again: answer.again } : answer);
    } catch {
      /* the line is down; the page sends it again */
    } finally {
      clearTimeout(timer);
      if (ways.get(way) === stop) ways.delete(way);
    }
  };
  // What hangs on a line that was cut would hang until its time is over.
  const again = () => ways.forEach((stop) => stop.abort());
  return {
    send,
    listen(take) {
      receive = take;
      addEventListener("online", again);
      return () => removeEventListener("online", again);
    },
  };
}
