/* Participant view for Notebook 7 and JupyterLab, as a prebuilt extension without a build step.

It acts only on notebooks whose metadata say {"pamong": {"participant_view": true}}: hides code and
chrome, runs every code cell on opening and again after the kernel died, keeps the notebook's
one-letter shortcuts away from the forms, and never saves the notebook (answers lie in their logs).

A module's source in course/source/ stays an ordinary notebook, code and all. In an author's preview the
page follows the files: it plays what changed again and lists what the check says. */
(function () {
  const NAME = "pamong-participant";
  const CHROME = ["top-panel-wrapper", "menu-panel-wrapper", "spacer-widget-top", "spacer-widget-bottom"];
  const RETRY = 8000;
  const NEWS = 1000;
  const SHEETS = ["tokens.css", "notebook.css"];
  let scope = null;

  async function shared(name) {
    const versions = scope?.[name];
    if (!versions) throw new Error(`not shared by the application: ${name}`);
    const loaded = Object.keys(versions).find((version) => versions[version].loaded);
    return (await versions[loaded || Object.keys(versions)[0]].get())();
  }

  const nbgrader = (cell) => cell.model.getMetadata("nbgrader") || {};
  const isCode = (cell) => cell.model.type === "code";
  const source = (cell) => cell.model.sharedModel.getSource();
  const isEssay = (cell) => !isCode(cell) && nbgrader(cell).solution;

  function base() {
    const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return new URL(page.baseUrl.replace(/[/]*$/, "/"), location.origin);
  }

  /* A hub answers no script without the token of the page's own cookie. */
  async function ask(address) {
    const token = decodeURIComponent(document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "");
    const answer = await fetch(new URL(address, base()), { headers: { "X-XSRFToken": token } });
    return answer.ok ? answer.json() : {};
  }

  /* In the language of whose server this is. */
  const texts = () => ask("pamong/static/0/messages/-/notebook.json");
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

  /* Where the server has a home for the participant: the way back above the module, handing in below it. */
  async function surround(panel, say, { module, revision, elsewhere }) {
    const pages = panel.node.querySelector(".jp-WindowedPanel-viewport");
    if (!module || !pages || panel.node.querySelector(".pamong-bar")) return;
    const bar = document.createElement("nav");
    bar.className = "pamong-bar";
    bar.setAttribute("aria-label", say("bar"));
    const link = (key, address) => Object.assign(document.createElement("a"), { textContent: say(key), href: new URL(address, base()).href });
    bar.append(link("bar.home", "pamong/"), link("bar.light", `pamong/modules/${module}/`));
    if (elsewhere) bar.append(link("bar.handin", `pamong/modules/${module}/#kirim`));
    pages.before(bar);
    if (elsewhere) return;
    const end = document.createElement("div");
    end.className = "pamong-handin";
    end.id = "kirim";
    pages.after(end);
    const panelOfHandIn = await import(new URL(`pamong/static/${revision}/handin.js`, base()).href);
    await panelOfHandIn.mount(end, { base: base().pathname, module });
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

  function nameThePage(panel, language) {
    const heading = panel.node.querySelector(".jp-RenderedMarkdown h1");
    const title = heading?.textContent.replace("¶", "").trim();
    if (language) document.documentElement.lang = language;
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
    const dressed = asked.then(({ revision }) => Promise.all(SHEETS.map((name) => sheet(name, revision))));
    await panel.context.ready;
    if (panel.model?.getMetadata("pamong")?.participant_view !== true) return;
    const { authoring, preview, notice, ...here } = await asked;
    if (notice) return void location.replace(notice);
    if (authoring) return assist(panel);
    await dressed;
    const banner = new Banner(panel, say);
    banner.show("preparing");
    dress(app, panel);
    guardKeyboard(panel);
    forgetChanges(panel);
    const context = panel.sessionContext;
    let running = false;
    let again = false;
    const round = async () => {
      try {
        await context.ready;
        await context.session?.kernel?.info;
        const complete = await run(panel, actions);
        panel.removeClass("pamong-preparing");
        return complete ? "" : "incomplete";
      } catch (error) {
        console.error(error);
        return "failed";
      }
    };
    const play = async (key) => {
      again = true; /* a kernel that died under a round is played to from the start */
      if (running) return;
      running = true;
      let trouble = "";
      while (again) {
        again = false;
        banner.show(key);
        trouble = await round();
      }
      running = false;
      if (trouble) banner.trouble(trouble);
      else banner.hide();
      nameThePage(panel, say("language"));
    };
    const look = recover(panel, banner, play, () => running);
    await play("preparing");
    look();
    surround(panel, say, here).catch((error) => console.error(error));
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
  function recover(panel, banner, play, running) {
    const context = panel.sessionContext;
    let died = false;
    let offline = false;
    let silence = 0;
    const restart = async () => {
      died = false;
      banner.show("restarting");
      await context.restartKernel();
      await play("restarting");
    };
    /* A kernel that came back and says nothing: its first words may have been lost, or it is stuck. */
    const rouse = () => {
      const kernel = context.session?.kernel;
      const mute = died && ["unknown", "starting"].includes(kernel?.status);
      silence = mute ? silence + 1 : 0;
      if (silence > 2) {
        silence = 0;
        restart().catch(() => banner.trouble("dead", restart));
      } else if (kernel && (mute || (offline && kernel.connectionStatus !== "connected"))) {
        void kernel.reconnect().catch(() => {});
      }
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
        if (died || running()) banner.show("restarting");
        else banner.hide();
      }
    };
    context.statusChanged.connect(look);
    context.connectionStatusChanged.connect(look);
    context.kernelChanged.connect(look);
    window.addEventListener("online", rouse);
    setInterval(rouse, RETRY);
    return look;
  }

  /* The application's own dialogs about the kernel; ours says it in plain words. */
  function dismissDialogs() {
    setTimeout(() => {
      for (const button of document.querySelectorAll(".jp-Dialog .jp-mod-accept")) button.click();
    }, 300);
  }

  /* Parts of the page's look, from the address under which the forms ask for them too. */
  function sheet(name, revision) {
    const { href } = new URL(`pamong/static/${revision || "0"}/${name}`, base());
    if (document.querySelector(`link[href="${href}"]`)) return undefined;
    return new Promise((resolve) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: resolve });
      document.head.append(link);
    });
  }

  /* A page that is all ours is as light or dark as the system; beside Jupyter's own parts it is as they are. */
  function followTheme() {
    const root = document.documentElement;
    const apply = () => {
      const { jpThemeLight } = document.body.dataset;
      if (document.body.classList.contains("pamong-alone")) delete root.dataset.theme;
      else root.dataset.theme = jpThemeLight === "false" ? "dark" : "light";
    };
    new MutationObserver(apply).observe(document.body, { attributeFilter: ["class", "data-jp-theme-light"] });
    apply();
  }

  async function activate(app, tracker) {
    const { NotebookActions } = await shared("@jupyterlab/notebook");
    followTheme();
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
