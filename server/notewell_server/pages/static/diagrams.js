// Diagrams of Mermaid, each drawn in a frame without an origin: its source and the theme go in by messages, its height comes
// back. What cannot be drawn is shown as its source, which is all there is without this script.

const TALLEST = 3_000; // pixels; what is taller is scrolled in its frame
const WAIT = 10_000; // ms after which a frame that said nothing has failed
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
const frames = () => [...document.querySelectorAll("[data-diagram] > iframe")];
const asked = new WeakMap(); // of each frame what it was sent last
const sourceOf = (figure) => figure.querySelector("details");

/** What is not drawn so already. */
function ask(frame) {
  const source = sourceOf(frame.parentElement).querySelector("code").textContent;
  const paper = getComputedStyle(document.body).backgroundColor;
  const message = { source, paper, theme: theme() };
  if (asked.get(frame) === JSON.stringify(message)) return;
  asked.set(frame, JSON.stringify(message));
  frame.contentWindow.postMessage(message, "*");
}

/** A frame for each that has none yet. It is loaded only when it comes near. */
const beginAll = () => document.querySelectorAll('[data-diagram=""]').forEach(begin);

function begin(figure) {
  figure.dataset.diagram = "begun";
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = `Diagram ${frames().length + 1}`;
  frame.loading = "lazy";
  frame.addEventListener("load", () => setTimeout(() => frame.dataset.said ?? fail(frame, "The browser does not draw it."), WAIT));
  frame.src = "/diagram";
  sourceOf(figure).open = false;
  figure.prepend(frame);
}

function fail(frame, why) {
  const said = document.createElement("p");
  said.className = "quiet";
  said.textContent = `This diagram cannot be drawn. ${why}`;
  sourceOf(frame.parentElement).open = true;
  frame.replaceWith(said);
}

addEventListener("message", ({ source, data }) => {
  const frame = frames().find((one) => one.contentWindow === source);
  if (!frame) return;
  frame.dataset.said = "";
  if (data?.isReady) asked.delete(frame), ask(frame);
  else if (typeof data?.error === "string") fail(frame, data.error.slice(0, 1_000));
  else if (data?.height > 0) {
    frame.height = Math.min(data.height, TALLEST);
    frame.parentElement.dataset.diagram = "drawn";
  }
});
dark.addEventListener("change", () => frames().forEach(ask));
document.addEventListener("htmx:after:swap", beginAll);
document.addEventListener("nw:preview", () => {
  frames().forEach(ask);
  beginAll();
});
beginAll();
