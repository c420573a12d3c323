/* The home page in a browser: where steps lead on this device, what was chosen, and the tour.

Without it the page works just as well: every link is there, and leads to where the server thinks best. */

const page = document.body.dataset;
const NARROW = "(max-width: 40rem)";
const SLOW = ["slow-2g", "2g", "3g"];

/* Remembering is a kindness: when the line is down, nothing on the page depends on it. It outlives the page. */
function remember(content) {
  const token = decodeURIComponent(document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "");
  fetch(`${page.base}pamong/remember`, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-XSRFToken": token },
    body: JSON.stringify(content),
  }).catch(() => {});
}

/* ---- light page or notebook ---- */

function spare() {
  const line = navigator.connection;
  return matchMedia(NARROW).matches || Boolean(line?.saveData) || SLOW.includes(line?.effectiveType);
}

const links = [...document.querySelectorAll("[data-light]")].map((link) => ({ link, first: link.href }));

function lead() {
  const forced = spare();
  for (const { link, first } of links) {
    const { light, notebook, of } = link.dataset;
    const other = "other" in link.dataset;
    const usual = first === new URL(light, location.href).href ? "light" : "notebook";
    const host = forced ? (other && notebook ? "notebook" : "light") : usual;
    link.dataset.host = host;
    link.href = host === "notebook" ? notebook : light;
    if (!other) continue;
    link.textContent = host === "notebook" ? page.hostNotebook : page.hostLight;
    if (of) link.setAttribute("aria-label", `${link.textContent}: ${of}`);
  }
}

for (const { link } of links)
  link.addEventListener("click", () => {
    if ("other" in link.dataset || !spare()) remember({ host: link.dataset.host });
  });
lead();
matchMedia(NARROW).addEventListener("change", lead);
navigator.connection?.addEventListener?.("change", lead);

/* ---- the tour ---- */

const tour = document.getElementById("tur");
const steps = [...tour.querySelectorAll("[data-step]")];
const [next, back, skip] = ["next", "back", "skip"].map((name) => tour.querySelector(`[data-${name}]`));
const count = tour.querySelector("[data-count]");
const starts = document.querySelector("[data-start-tour]");
const nextWord = next.textContent;
let now = 0;
let before = null;

function point(number) {
  for (const shown of document.querySelectorAll(".home-shown")) shown.classList.remove("home-shown");
  const part = document.querySelector(`[data-tour~="${number}"]`);
  if (!part) return;
  part.classList.add("home-shown");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = part.getBoundingClientRect().top + scrollY - 24;
  scrollTo({ top, behavior: still ? "instant" : "smooth" });
}

function show(step) {
  now = step;
  steps.forEach((part, place) => (part.hidden = place !== step));
  const title = steps[step].querySelector("h2");
  steps.forEach((part) => part.querySelector("h2").removeAttribute("id"));
  title.id = "tur-judul";
  count.textContent = count.dataset.count.replace("{number}", step + 1).replace("{of}", steps.length);
  back.hidden = step === 0;
  skip.hidden = step === steps.length - 1;
  next.textContent = step === steps.length - 1 ? next.dataset.last : nextWord;
  point(steps[step].dataset.step);
  title.focus({ preventScroll: true });
}

function open() {
  before = document.activeElement === document.body ? null : document.activeElement;
  document.body.classList.add("home-touring");
  tour.show();
  show(0);
}

function close() {
  tour.close();
  document.body.classList.remove("home-touring");
  point("none");
  (before ?? document.querySelector(".home-go") ?? document.getElementById("isi")).focus({ preventScroll: true });
}

next.addEventListener("click", () => (now === steps.length - 1 ? close() : show(now + 1)));
back.addEventListener("click", () => show(now - 1));
skip.addEventListener("click", close);
tour.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
  else if (event.key === "ArrowRight" && now < steps.length - 1) show(now + 1);
  else if (event.key === "ArrowLeft" && now > 0) show(now - 1);
});
starts.hidden = false;
starts.addEventListener("click", open);
if ("due" in tour.dataset) {
  remember({ tour: true });
  open();
}
