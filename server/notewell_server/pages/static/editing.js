// Writing: a preview while one types, a draft that is kept in this browser, Ctrl+S, and a word before unsaved text is left.
// Without it the forms work the same, with a button for the preview.

const editor = document.querySelector("[data-editor]");
const settle = document.querySelector("[data-settle]");
const form = editor ?? settle;
const SENT = "nw-sent"; // the key of the draft that was sent to be saved
const KEPT = "draft kept in this browser";
const WAIT = 500; // ms after the last key, until the preview is asked for

/** Where drafts of a form's address are kept, for each person apart. */
const keyOf = (who, path) => `nw-draft ${who} ${path}`;

/** What the form says: all fields but the button. */
function said() {
  const fields = Object.fromEntries(new FormData(form));
  delete fields.show;
  return fields;
}

/** What the form said when it came: a browser that comes back to it puts in again what was typed. */
function asItCame() {
  const named = [...form.elements].filter((element) => element.name && element.type !== "submit");
  const sent = named.filter((element) => !["checkbox", "radio"].includes(element.type) || element.defaultChecked);
  return Object.fromEntries(sent.map((element) => [element.name, element.defaultValue]));
}

/** A form's text as it is compared: with line feeds, whatever a browser makes of them. */
const alike = (one, other) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => name === "revision" || (one[name] ?? "").replace(/\r\n?/g, "\n") === (other[name] ?? "").replace(/\r\n?/g, "\n"));

/** Ctrl+S saves; leaving asks where something is not saved. */
function guardForm() {
  const begun = asItCame();
  const isRejected = document.querySelector("[role=alert]") !== null;
  let isSent = false;
  const isUnsaved = () => isRejected || !alike(begun, said());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.main"));
  });
  form.addEventListener("submit", () => (isSent = true));
  addEventListener("pageshow", () => (isSent = false)); // one came back
  addEventListener("beforeunload", (event) => {
    if (!isSent && isUnsaved()) event.preventDefault();
  });
  return { begun, isUnsaved };
}

/** The draft of this form, offered where there is one, and kept as one types. */
function keepDraft({ begun, isUnsaved }) {
  const key = keyOf(editor.dataset.editor, location.pathname + (location.pathname === "/new" ? location.search : ""));
  const told = editor.querySelector("[data-kept]");
  addEventListener("pageshow", () => {
    offer(key, begun, told);
    if (isUnsaved() && read(key)) told.textContent = KEPT;
  }); // by then a browser has put in again what it will
  editor.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
  editor.addEventListener("input", () => {
    told.textContent = isUnsaved() ? KEPT : "nothing changed yet";
    try {
      if (isUnsaved()) localStorage.setItem(key, JSON.stringify({ fields: said(), at: Date.now() }));
      else localStorage.removeItem(key);
    } catch {
      told.textContent = "not saved, and this browser keeps no drafts";
    }
  });
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** A draft is never put in by itself: it may be older than what others wrote. */
function offer(key, begun, told) {
  const draft = read(key);
  if (!draft || alike(begun, draft.fields) || alike(said(), draft.fields)) return;
  const bar = editor.querySelector("[data-draft]");
  const since = draft.fields.revision === begun.revision ? "" : ` It was begun from r${draft.fields.revision}; what came since is merged when you save.`;
  bar.querySelector("[data-draft-said]").textContent = `There is a draft of yours from ${new Date(draft.at).toLocaleString()}, which was not saved.${since}`;
  bar.hidden = false;
  bar.querySelector("[data-draft-take]").addEventListener("click", () => {
    for (const element of editor.elements) {
      if (!element.name || element.name === "show") continue;
      if (element.type === "checkbox") element.checked = element.name in draft.fields;
      else element.value = draft.fields[element.name] ?? "";
    }
    bar.hidden = true;
    told.textContent = "draft taken up, not saved yet";
    editor.querySelector("[data-text]").focus();
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  });
  bar.querySelector("[data-draft-drop]").addEventListener("click", () => {
    localStorage.removeItem(key);
    bar.hidden = true;
    editor.querySelector("[data-text]").focus();
  });
}

/** Frames of diagrams stay, where a browser can move them: each is drawn anew without being loaded again. */
function put(shown, html) {
  const drawn = [...shown.querySelectorAll("[data-diagram]")];
  const next = document.createElement("div");
  next.innerHTML = html;
  shown.append(next);
  next.querySelectorAll("[data-diagram]").forEach((figure, index) => {
    const frame = drawn[index]?.querySelector("iframe");
    if (!frame || !figure.moveBefore) return;
    figure.moveBefore(frame, figure.firstChild);
    figure.dataset.diagram = drawn[index].dataset.diagram;
    figure.querySelector("details").open = drawn[index].querySelector("details").open;
  });
  while (shown.firstChild !== next) shown.firstChild.remove();
  document.dispatchEvent(new Event("nw:preview"));
}

/** What it will look like, and whether its references exist, asked for one at a time. */
function preview() {
  const shown = editor.querySelector("[data-preview]");
  let timer, shownFor, isAsking = false;
  const ask = async () => {
    const body = new URLSearchParams(said());
    if (isAsking || body.toString() === shownFor) return;
    isAsking = true;
    try {
      const answer = await fetch("/preview", { method: "POST", body, credentials: "same-origin" });
      if (answer.ok) {
        put(shown, await answer.text());
        shownFor = body.toString();
      }
    } catch {
      // what is shown stays; the next key asks again
    } finally {
      isAsking = false;
      if (new URLSearchParams(said()).toString() !== body.toString()) timer = setTimeout(ask, WAIT);
    }
  };
  editor.querySelector("[data-show]").hidden = true;
  editor.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  shown.addEventListener("click", (event) => instead(event.target.closest("[data-instead]")));
  ask();
}

/** A reference that leads nowhere becomes the name that was clicked. */
function instead(button) {
  if (!button) return;
  const field = editor.querySelector("[data-text]");
  const was = `[[${button.dataset.instead}`;
  const at = field.value.indexOf(was);
  field.focus();
  if (at < 0) return;
  field.setRangeText(`[[${button.textContent}`, at, at + was.length, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Whoever writes words of their own means them. */
function chooseOwn() {
  settle.addEventListener("input", (event) => {
    const name = event.target.dataset.own;
    if (name) settle.querySelector(`[name="${name}"][value="own"]`).checked = true;
  });
}

/** What was saved needs no draft any more: the one that this tab sent last. */
function forget() {
  const key = sessionStorage.getItem(SENT);
  if (!key || !document.querySelector("[data-saved]")) return;
  localStorage.removeItem(key);
  sessionStorage.removeItem(SENT);
}

forget();
if (form) {
  const guard = guardForm();
  if (editor) keepDraft(guard), preview();
  else chooseOwn();
}
