/* What the hub's pages do; every text stands in the page itself. */
(() => {
  const each = (selector, work) => document.querySelectorAll(selector).forEach(work);

  each("[data-insecure]", (notice) => (notice.hidden = window.isSecureContext));

  each("[data-reveal]", (button) => {
    const box = document.getElementById(button.dataset.reveal);
    const { show, hide } = button.dataset;
    button.hidden = false;
    button.addEventListener("click", () => {
      const hidden = box.type === "password";
      box.type = hidden ? "text" : "password";
      button.textContent = hidden ? hide : show;
    });
  });

  each("form[data-busy]", (form) =>
    form.addEventListener("submit", () => {
      const button = form.querySelector("[type=submit]");
      setTimeout(() => ((button.disabled = true), (button.textContent = form.dataset.busy)));
    }),
  );

  each("[data-again]", (element) => setTimeout(() => location.reload(), 1000 * element.dataset.again));

  each("[data-go]", (link) => setTimeout(() => location.assign(link.href), 1000 * link.dataset.go));

  each("[data-stop]", (button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = button.dataset.busy;
      const headers = { "X-XSRFToken": button.dataset.xsrf };
      const answer = await fetch(button.dataset.stop, { method: "DELETE", headers }).catch(() => ({}));
      if (answer.ok) location.reload();
      else document.getElementById("gagal").hidden = false;
    });
  });

  each("[data-progress]", (bar) => {
    const patience = (seconds, work) => setTimeout(work, 1000 * seconds);
    let silence = patience(20, () => location.reload());
    patience(45, () => (document.getElementById("lama").hidden = false));
    const source = new EventSource(bar.dataset.progress);
    source.onmessage = ({ data }) => {
      clearTimeout(silence);
      silence = patience(60, () => location.reload());
      const { progress, ready, failed } = JSON.parse(data);
      if (progress !== undefined) bar.value = progress;
      if (!ready && !failed) return;
      source.close();
      location.reload();
    };
  });

  each("[data-fragment]", (box) => {
    if (location.hash.length < 2) return;
    box.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState({}, "", location.pathname + location.search);
    document.getElementById(box.dataset.fragment).focus();
  });

  const address = new URL(location.href);
  if (address.searchParams.has("redirects")) {
    address.searchParams.delete("redirects");
    history.replaceState({}, "", address);
  }
})();
