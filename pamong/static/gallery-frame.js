/* The choices above the gallery: width, theme, and which scenes are to be seen. */

const stage = document.getElementById("stage");
const chosen = (name) => document.getElementById(name).value;

function apply() {
  stage.style.width = chosen("width") ? `${chosen("width")}px` : "";
  const address = new URLSearchParams({ kind: chosen("kind"), state: chosen("state"), theme: chosen("theme") });
  stage.contentWindow.location.replace(`/scenes?${address}`);
  if (chosen("theme")) document.documentElement.dataset.theme = chosen("theme");
  else delete document.documentElement.dataset.theme;
}

for (const name of ["kind", "state", "width", "theme"]) document.getElementById(name).addEventListener("change", apply);
