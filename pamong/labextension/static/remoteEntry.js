/* Participant view for Notebook 7 and JupyterLab, as a prebuilt extension without a build step.

It acts only on notebooks whose metadata say {"pamong": {"participant_view": true}}: hides code and
chrome, runs every code cell on opening and again after the kernel died, keeps the notebook's
one-letter shortcuts away from the forms, and never saves the notebook (answers lie in their logs).

A module's source in course/source/ stays an ordinary notebook, code and all. In an author's preview the
page follows the files: it plays what changed again and lists what the check says. */
(function () {
  const NAME = "pamong-participant";
  const LANGUAGE = "id";
  const CHROME = ["top-panel-wrapper", "menu-panel-wrapper", "spacer-widget-top", "spacer-widget-bottom"];
  const RETRY = 8000;
  const NEWS = 1000;
  let scope = null;

  async function shared(name) {
    const versions = scope?.[name];
    if (!versions) throw new Error(`not shared by the application: ${name}`);
    const loaded = Object.keys(versions).find((version) => versions[version].loaded);
    return (await versions[loaded || Object.keys(versions)[0]].get())();
  }

  const CSS = `
  .pamong-page :is(.jp-CodeCell .jp-Cell-inputWrapper, .jp-InputPlaceholder, .jp-InputPrompt, .jp-OutputPrompt,
    .jp-Collapser, .jp-OutputArea-promptOverlay, .jp-collapseHeadingButton, .jp-cell-toolbar, .jp-CellHeader,
    .jp-Notebook-footer, .nbgrader-CellHeader, .nbgrader-LintNote, .jp-InternalAnchorLink, .jp-cell-button,
    .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"],
    .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stdout"],
    .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"],
    .pamong-essay, .pamong-setup) { display: none !important; }
  .pamong-page.pamong-preparing .jp-CodeCell { visibility: hidden; }
  .pamong-page .jp-Notebook { --jp-notebook-padding: 0px; padding: 0 !important; background: #f3f5f7; overflow-x: hidden !important; outline: 0 !important; }
  .pamong-page .jp-Notebook.jp-Notebook .jp-Cell.jp-Cell { max-width: 46rem; margin: 0 auto !important; padding: 0 !important; background: transparent !important; border: 0 !important; outline: 0 !important; box-shadow: none !important; opacity: 1 !important; }
  .pamong-page .jp-Notebook.jp-Notebook.jp-Notebook .jp-Cell.jp-mod-active.jp-mod-active.jp-mod-active { background: transparent !important; }
  .pamong-page .jp-Notebook .jp-Cell :is(.jp-InputArea, .jp-OutputArea-child, .jp-Cell-outputWrapper) { overflow: visible !important; background: transparent !important; }
  .pamong-page .jp-Notebook .jp-Cell::before, .pamong-page .jp-Notebook .jp-Cell::after { display: none !important; }
  .pamong-page .jp-CodeCell :is(.jp-Cell-outputArea, .jp-OutputArea) { overflow: visible !important; max-height: none !important; box-shadow: none !important; margin: 0 !important; padding: 0 !important; }
  .pamong-page .jp-CodeCell.jp-mod-outputsScrolled :is(.jp-Cell-outputArea, .jp-OutputArea)::after { display: none !important; }
  .pamong-page .pamong-legal { display: grid; gap: 0.75rem; }
  .pamong-page .pamong-legal-card { padding: 0.9rem 1.1rem; background: #fff; border: 1px solid #dfe5ea; border-left: 4px solid #0b7a75; border-radius: 8px; }
  .pamong-page .pamong-legal-card:not([data-status="verified"]) { border-left-color: #d98a00; }
  .pamong-page .pamong-legal-card :is(h3, h4) { margin: 0 0 0.15rem !important; font-size: 1rem !important; font-weight: 700 !important; }
  .pamong-page .pamong-legal-card p { margin: 0 0 0.35rem !important; }
  .pamong-page .pamong-legal-card strong { font-weight: 600; }
  .pamong-page .pamong-legal-card small { color: #55637a; font-size: 0.88rem; }
  .pamong-page .pamong-legal-note { color: #55637a; }
  .pamong-page .jp-OutputArea-output { padding: 0 !important; overflow: visible !important; max-height: none !important; }
  .pamong-page :is(.jp-MarkdownOutput, .jp-RenderedMarkdown, .jp-OutputArea .jp-RenderedHTML) { padding: 0 1rem !important; color: #1b2a3a; font: 400 16px/1.65 "Plus Jakarta Sans", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; border: 0 !important; }
  .pamong-page .jp-RenderedMarkdown :is(h1, h2, h3, h4) { color: #1b2a3a; font-weight: 750; letter-spacing: -0.015em; line-height: 1.25; margin: 1.4em 0 0.5em; text-wrap: balance; }
  .pamong-page .jp-RenderedMarkdown h1 { font-size: 2rem; margin-top: 2.25rem; }
  .pamong-page .jp-RenderedMarkdown h2 { font-size: 1.5rem; }
  .pamong-page .jp-RenderedMarkdown h3 { font-size: 1.15rem; }
  .pamong-page .jp-RenderedMarkdown :is(p, ul, ol) { margin: 0 0 0.85em; text-wrap: pretty; }
  .pamong-page .jp-RenderedMarkdown a { color: #075e5a; text-decoration: underline; text-underline-offset: 0.2em; }
  .pamong-page .jp-RenderedMarkdown blockquote { margin: 0 0 1em; padding: 0.8rem 1.1rem; border-left: 4px solid #0b7a75; background: #e9f5f3; border-radius: 8px; color: inherit; }
  .pamong-page .jp-RenderedMarkdown blockquote p:last-child { margin: 0; }
  .pamong-page .jp-RenderedHTMLCommon table { display: block; overflow-x: auto; max-width: 100%; overflow-wrap: break-word; font-size: 0.94rem; border-collapse: collapse; margin: 0 0 1em; }
  .pamong-page .jp-RenderedHTMLCommon :is(td, th) { text-align: left !important; padding: 0.5rem 0.75rem; border-bottom: 1px solid #dfe5ea; max-width: none; white-space: normal; }
  .pamong-page .jp-RenderedHTMLCommon tr { background: #fff !important; }
  .pamong-page :is(img, svg) { max-width: 100%; height: auto; }
  .pamong-banner { position: absolute; inset: 0 0 auto 0; z-index: 10; display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: center; padding: 0.65rem 1rem; background: #e9f5f3; border-bottom: 1px solid #bfe0dc; color: #075e5a; font: 600 16px/1.5 "Plus Jakarta Sans", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; text-align: center; }
  .pamong-banner[hidden] { display: none; }
  .pamong-banner[data-trouble] { background: #fdf4e1; border-color: #efd49a; color: #6b4a00; }
  .pamong-banner button { min-height: 44px; padding: 0 1.1rem; border: 1.5px solid #0b7a75; border-radius: 9px; background: #fff; color: #075e5a; font: inherit; cursor: pointer; }
  .pamong-banner button:focus-visible { outline: 3px solid #0b7a75; outline-offset: 2px; }
  body.pamong-alone .jp-WindowedPanel-inner.jp-WindowedPanel-inner { width: auto !important; max-width: none !important; min-width: 0 !important; margin: 0 !important; padding: 0 0.5rem 4rem !important; box-shadow: none !important; border: 0 !important; background: transparent !important; }
  body.pamong-alone :is(#main, #main-panel, #main-split-panel, .jp-NotebookPanel, .jp-WindowedPanel-outer, .jp-WindowedPanel-viewport) { background: #f3f5f7 !important; }
  body.pamong-alone .jp-WindowedPanel-outer.jp-WindowedPanel-outer { width: auto; margin: 0 !important; padding: 0 !important; box-shadow: none; }
  body.pamong-alone .jp-WindowedPanel-viewport.jp-WindowedPanel-viewport { margin: 0; padding: 0; box-shadow: none; min-height: 0; }
  .pamong-author { position: absolute; inset: auto 1rem 1rem auto; z-index: 9; max-width: min(44rem, calc(100% - 2rem)); max-height: 60%; overflow: auto; padding: 0.5rem 0.9rem; background: #fff; border: 1.5px solid #0b7a75; border-radius: 9px; box-shadow: 0 2px 10px #1b2a3a33; color: #1b2a3a; font: 400 14px/1.5 "Plus Jakarta Sans", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
  .pamong-author[data-severity="warning"] { border-color: #d98a00; }
  .pamong-author[data-severity="error"] { border-color: #b3261e; }
  .pamong-author summary { min-height: 28px; font-weight: 600; cursor: pointer; }
  .pamong-author summary:focus-visible { outline: 3px solid #0b7a75; outline-offset: 2px; }
  .pamong-author ul { margin: 0.4rem 0; padding-left: 1.2rem; }
  @media (max-width: 40rem) { body.pamong-alone .jp-WindowedPanel-inner.jp-WindowedPanel-inner { padding: 0 0 4rem !important; } }
  `;

  const nbgrader = (cell) => cell.model.getMetadata("nbgrader") || {};
  const isCode = (cell) => cell.model.type === "code";
  const source = (cell) => cell.model.sharedModel.getSource();
  const isEssay = (cell) => !isCode(cell) && nbgrader(cell).solution;

  async function ask(address) {
    const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const start = new URL(page.baseUrl.replace(/[/]*$/, "/"), location.origin);
    const answer = await fetch(new URL(address, start));
    return answer.ok ? answer.json() : {};
  }

  const texts = () => ask(`pamong/static/0/messages/${LANGUAGE}/notebook.json`);
  const circumstances = (panel) => ask(`pamong/view?path=${encodeURIComponent(panel.context.path)}`).catch(() => ({}));

  /* One line above the module: what it is doing, or what to do. */
  class Banner {
    constructor(panel, say) {
      this.say = say;
      this.node = document.createElement("div");
      this.node.className = "pamong-banner";
      this.node.setAttribute("role", "status");
      panel.node.append(this.node);
    }
    show(key) {
      this.node.toggleAttribute("data-trouble", key === "offline");
      this.node.replaceChildren(this.say(key));
      this.node.hidden = false;
    }
    trouble(key, press) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = this.say(press ? "again" : "reload");
      button.onclick = press || (() => location.reload());
      this.node.dataset.trouble = "";
      this.node.replaceChildren(this.say(key), button);
      this.node.hidden = false;
    }
    hide() {
      this.node.hidden = true;
    }
  }

  /* What the check says, for the author of a preview: one line, the rest behind it. */
  class Remarks {
    constructor(panel) {
      this.node = document.createElement("details");
      this.node.className = "pamong-author";
      this.summary = document.createElement("summary");
      this.summary.setAttribute("role", "status");
      this.list = document.createElement("ul");
      this.node.append(this.summary, this.list);
      panel.node.append(this.node);
    }
    show({ headline, severity, notes, lines }) {
      if (this.summary.textContent === headline) return;
      if (severity === "error" && this.node.dataset.severity !== "error") this.node.open = true;
      this.node.dataset.severity = severity;
      this.summary.textContent = headline;
      this.list.replaceChildren(
        ...[...notes, ...lines].map((line) => Object.assign(document.createElement("li"), { textContent: line })),
      );
    }
  }

  /* Plays the changed exercises again, in place; a changed notebook is loaded afresh. */
  function follow(panel, news, replay) {
    const remarks = new Remarks(panel);
    remarks.show(news);
    let seen = news.revision;
    let busy = false;
    setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        const now = (await circumstances(panel)).preview;
        if (!now) return;
        remarks.show(now);
        if (now.revision === seen) return;
        const before = seen;
        seen = now.revision;
        if (now.book > before) return void location.reload();
        const changed = Object.keys(now.exercises).filter((id) => now.exercises[id] > before);
        if (changed.length) await replay((cell) => changed.some((id) => source(cell).includes(`"${id}"`)));
      } finally {
        busy = false;
      }
    }, NEWS);
  }

  /* Focus goes from one control of a form to the next; cells and their shortcuts stay out of it. */
  function guardKeyboard(panel) {
    const node = panel.node;
    node.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"), true);
    node.addEventListener("keydown", (event) => event.stopPropagation());
    node.addEventListener("dblclick", (event) => event.stopPropagation(), true);
    const unstop = () => {
      for (const stop of node.querySelectorAll(".jp-Cell[tabindex='0'], .jp-Notebook[tabindex='0'], .jp-WindowedPanel-outer[tabindex='0']"))
        stop.tabIndex = -1;
    };
    new MutationObserver(unstop).observe(node, { subtree: true, childList: true, attributeFilter: ["tabindex"] });
    unstop();
  }

  /* An author's notebook: code in sight and texts open to editing, whatever participants will get; only
     the forms keep their keys to themselves. Nothing of this is saved. */
  function assist(panel) {
    for (const cell of panel.content.widgets) {
      cell.syncEditable = cell.syncCollapse = false;
      cell.readOnly = cell.inputHidden = false;
    }
    const form = (event) => event.target.closest?.(".pm-form");
    panel.node.addEventListener("focusin", (event) => form(event) && event.target.setAttribute("data-lm-suppress-shortcuts", "true"), true);
    panel.node.addEventListener("keydown", (event) => form(event) && event.stopPropagation());
  }

  function nameThePage(panel) {
    const heading = panel.node.querySelector(".jp-RenderedMarkdown h1");
    const title = heading?.textContent.replace("¶", "").trim();
    document.documentElement.lang = LANGUAGE;
    if (!title) return;
    const hold = () => document.title !== title && (document.title = title);
    hold();
    new MutationObserver(hold).observe(document.querySelector("title"), { childList: true });
  }

  function forgetChanges(panel) {
    const clean = () => panel.model?.dirty && (panel.model.dirty = false);
    panel.model.stateChanged.connect(clean);
    clean();
  }

  /* Notebook 7 shows one document: its header, menus and spacers go. In JupyterLab they stay. */
  function standAlone(shell) {
    document.body.classList.add("pamong-alone");
    const hide = (widget, depth) => {
      for (const child of widget.children()) {
        if (CHROME.includes(child.id)) child.hide();
        else if (depth) hide(child, depth - 1);
      }
    };
    hide(shell, 4);
  }

  function dress(app, panel) {
    panel.addClass("pamong-page");
    panel.addClass("pamong-preparing");
    panel.toolbar.hide();
    if (document.body.dataset.notebook === "notebooks") standAlone(app.shell);
    for (const cell of panel.content.widgets) {
      if (isEssay(cell)) cell.addClass("pamong-essay");
      cell.readOnly = true;
    }
  }

  async function run(panel, actions, wanted = () => true) {
    let complete = true;
    for (const cell of panel.content.widgets.filter((it) => isCode(it) && wanted(it)))
      complete = (await actions.runCells(panel.content, [cell], panel.sessionContext)) && complete;
    return complete;
  }

  /* The page stays where it is while forms are taken out and put back. */
  async function rerun(panel, actions, wanted) {
    const page = panel.content.node;
    const place = page.scrollTop;
    const cells = panel.content.widgets.filter((it) => isCode(it) && wanted(it));
    for (const cell of cells) cell.node.style.minHeight = `${cell.node.offsetHeight}px`;
    const complete = await run(panel, actions, wanted);
    await new Promise((done) => setTimeout(done, 300));
    for (const cell of cells) cell.node.style.minHeight = "";
    page.scrollTop = place;
    return complete;
  }

  async function open(app, panel, actions, say) {
    const asked = circumstances(panel);
    await panel.context.ready;
    if (panel.model?.getMetadata("pamong")?.participant_view !== true) return;
    const { authoring, preview } = await asked;
    if (authoring) return assist(panel);
    const banner = new Banner(panel, say);
    banner.show("preparing");
    dress(app, panel);
    guardKeyboard(panel);
    forgetChanges(panel);
    const context = panel.sessionContext;
    let running = false;
    const play = async (key) => {
      if (running) return;
      running = true;
      banner.show(key);
      try {
        await context.ready;
        await context.session?.kernel?.info;
        const complete = await run(panel, actions);
        panel.removeClass("pamong-preparing");
        if (complete) banner.hide();
        else banner.trouble("incomplete");
        nameThePage(panel);
      } catch (error) {
        console.error(error);
        banner.trouble("failed");
      } finally {
        running = false;
      }
    };
    const look = recover(panel, banner, play);
    await play("preparing");
    look();
    if (preview) {
      follow(panel, preview, async (wanted) => {
        if (!(await rerun(panel, actions, wanted))) banner.trouble("incomplete");
      });
    }
    panel.content.node.scrollTop = 0;
    performance.mark("pamong-open");
  }

  const opened = (panel) => !panel.hasClass("pamong-preparing");

  /* A kernel that died and came back runs the module again; the forms restore themselves. A lost line
     is tried again and again: the application alone would give up after two minutes. */
  function recover(panel, banner, play) {
    const context = panel.sessionContext;
    let died = false;
    let offline = false;
    const restart = async () => {
      died = false;
      banner.show("restarting");
      await context.restartKernel();
      await play("restarting");
    };
    const reconnect = () => {
      const kernel = context.session?.kernel;
      if (offline && kernel && kernel.connectionStatus !== "connected") void kernel.reconnect().catch(() => {});
    };
    const look = () => {
      const kernel = context.session?.kernel;
      if (kernel?.status === "autorestarting" || kernel?.status === "restarting") {
        died = true;
        banner.show("restarting");
        dismissDialogs();
      } else if (kernel?.status === "dead" || (!kernel && opened(panel))) {
        banner.trouble("dead", kernel && restart);
        dismissDialogs();
      } else if (died && kernel?.status === "idle") {
        died = false;
        void play("restarting");
      } else if (opened(panel) && kernel.connectionStatus !== "connected") {
        offline = true;
        banner.show("offline");
      } else if (offline && kernel?.connectionStatus === "connected") {
        offline = false;
        banner.hide();
      }
    };
    context.statusChanged.connect(look);
    context.connectionStatusChanged.connect(look);
    context.kernelChanged.connect(look);
    window.addEventListener("online", reconnect);
    setInterval(reconnect, RETRY);
    return look;
  }

  /* The application's own dialogs about the kernel; ours says it in plain words. */
  function dismissDialogs() {
    setTimeout(() => {
      for (const button of document.querySelectorAll(".jp-Dialog .jp-mod-accept")) button.click();
    }, 300);
  }

  async function activate(app, tracker) {
    const { NotebookActions } = await shared("@jupyterlab/notebook");
    const style = document.createElement("style");
    style.textContent = CSS;
    document.head.append(style);
    const words = texts();
    const visit = async (panel) => {
      const entries = await words.catch(() => ({}));
      await open(app, panel, NotebookActions, (key) => entries[key] ?? "");
    };
    tracker.widgetAdded.connect((_, panel) => void visit(panel));
    tracker.forEach((panel) => void visit(panel));
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init(given) {
      scope = given;
    },
    async get(module) {
      if (module !== "./extension") throw new Error(`no module ${module}`);
      const { INotebookTracker } = await shared("@jupyterlab/notebook");
      const plugin = { id: `${NAME}:plugin`, autoStart: true, requires: [INotebookTracker], activate };
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
