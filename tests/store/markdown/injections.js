// Shows each page in a frame of its own, provokes whatever is in it, and tells the server what was wrong with it.
const HARMLESS = ["http:", "https:", "mailto:", ":"];
const EVENTS = ["mouseover", "pointerover", "click", "focus", "blur", "toggle", "beforetoggle", "beforeinput",
                "animationstart", "error", "load", "start", "begin"];
const faults = {};
const shownFrames = [];

function blame(page, fault) {
  (faults[page] ??= []).push(fault);
}

function ran(where) {
  const frame = shownFrames.find((one) => one.contentWindow === where);
  blame(frame ? frame.dataset.page : "?", "a script ran");
}

function kinds(object) {
  const found = {};
  for (const name in object) {
    try { found[name] = Object.prototype.toString.call(object[name]); } catch { found[name] = "refused"; }
  }
  return found;
}

function show([name, html]) {
  return new Promise((shown) => {
    const frame = document.createElement("iframe");
    frame.dataset.page = name;
    shownFrames.push(frame);
    frame.onload = () => shown(frame);
    frame.srcdoc = `<!doctype html><title>x</title><main>${html}</main>`;
    document.body.append(frame);
  });
}

function provoke(element) {
  if (element.localName !== "a" && element.localName !== "form")
    for (const name of EVENTS) element.dispatchEvent(new element.ownerDocument.defaultView.Event(name));
}

function inspect(frame, clean) {
  const page = frame.dataset.page, main = frame.contentDocument.querySelector("main");
  if (!main) return blame(page, "the page is gone");
  for (const element of main.querySelectorAll("*")) {
    for (const { name } of element.attributes)
      if (name.startsWith("on") || name === "style") blame(page, `${element.localName} has ${name}`);
    if (element.href !== undefined && !HARMLESS.includes(element.protocol)) blame(page, `a link ${element.href}`);
    provoke(element);
  }
  for (const [where, what] of [["document", frame.contentDocument], ["window", frame.contentWindow]]) {
    const now = kinds(what);
    for (const name in clean[where])
      if (now[name] !== clean[where][name]) blame(page, `${where}.${name} is ${now[name]}`);
  }
}

// What is put into a page as text is parsed again, and may then read differently.
function parseAgain(frame) {
  const page = frame.contentDocument, main = page?.querySelector("main");
  if (!main) return;
  const again = page.createElement("div");
  again.innerHTML = main.innerHTML;
  const parsed = new DOMParser().parseFromString(again.innerHTML, "text/html").body;
  main.append(again, ...page.adoptNode(parsed).childNodes);
}

async function run(pages) {
  const cleanFrame = await show(["clean", ""]);
  const clean = { document: kinds(cleanFrame.contentDocument), window: kinds(cleanFrame.contentWindow) };
  const shown = await Promise.all(Object.entries(pages).map(show));
  shown.forEach((frame) => inspect(frame, clean));
  shown.forEach(parseAgain);
  shown.forEach((frame) => inspect(frame, clean));
  await new Promise((resolve) => setTimeout(resolve, 300));  // for what has been asked to arrive
  await fetch("/result", { method: "POST", body: JSON.stringify(faults) });
}
