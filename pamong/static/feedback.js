/* Published feedback as tall as it is: nothing runs in its frame, so the page around it measures. */

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  frame.style.height = "0";
  frame.style.height = `${page.scrollHeight + 4}px`;
}

/* Again whenever what it shows becomes taller or shorter, or the page around it narrower. */
function follow(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  let known = 0;
  new ResizeObserver(() => {
    const { width, height } = body.getBoundingClientRect();
    if (Math.abs(width + height - known) < 1) return;
    fit(frame);
    const now = body.getBoundingClientRect();
    known = now.width + now.height;
  }).observe(body);
}

for (const frame of document.querySelectorAll(".handin-frame")) {
  frame.addEventListener("load", () => follow(frame));
  if (frame.contentDocument?.readyState === "complete") follow(frame);
}
