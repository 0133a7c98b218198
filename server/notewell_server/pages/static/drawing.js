// In the frame of a diagram: draws the source that the page sends, and tells it how high the drawing is, or why there is none.
// Nothing here is trusted to keep a hostile source from doing harm: the frame's policy does.

const told = (message) => parent.postMessage(message, location.origin);
const { body, documentElement: root } = document;
const look = { startOnLoad: false, suppressErrorRendering: true, securityLevel: "strict", fontFamily: "ui-sans-serif, system-ui, sans-serif" };
const NARROWEST = 520; // pixels
const BAR = 16; // pixels of a scroll bar
let drawings = 0;

/** Links lead nowhere: they would lead the frame away, and not the page. */
function unlink() {
  for (const link of body.querySelectorAll("a")) {
    link.removeAttribute("href");
    link.removeAttribute("xlink:href");
  }
}

/** As wide as the page, but never so narrow that it cannot be read: then the frame is scrolled. */
function fit(drawing) {
  drawing.style.display = "block";
  drawing.style.minWidth = `${Math.min(parseFloat(drawing.style.maxWidth) || 0, NARROWEST)}px`;
}

function measure() {
  if (!body.firstElementChild) return;
  const bar = root.scrollWidth > root.clientWidth ? BAR : 0;
  told({ height: Math.ceil(body.getBoundingClientRect().height) + bar });
}

async function draw({ source, paper, theme }) {
  root.style.colorScheme = theme;
  mermaid.initialize({ ...look, theme: theme === "dark" ? "dark" : "neutral", themeVariables: { edgeLabelBackground: paper } });
  drawings += 1;
  try {
    body.innerHTML = (await mermaid.render(`drawing-${drawings}`, source)).svg;
    fit(body.firstElementChild);
    unlink();
    measure();
  } catch (error) {
    told({ error: String(error?.message ?? error) });
  }
}

body.style.margin = 0;
body.style.display = "flow-root";
new ResizeObserver(measure).observe(body);
addEventListener("message", ({ data, source }) => source === parent && draw(data));
told({ isReady: true });
