// A board: cards are moved by dragging, by keys, and by the form that each card has. All of them send that form's fields,
// and the columns of the page become those that come back. Without this script the form does it. What others do is shown as
// the stream tells of it.

const said = document.querySelector("[data-said]");
const refused = document.querySelector("[data-refused]");
const columns = () => document.querySelector("[data-board]");
const cardOf = (element) => element?.closest?.("[data-card]") ?? null;
const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
const allColumns = () => [...columns().querySelectorAll("[data-name]")];
const named = (slug) => columns().querySelector(`[data-card="${CSS.escape(slug)}"]`);
const focusOn = (card, how) => card?.querySelector("a").focus(how);
const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const asked = async () => parsed(await fetch(`${columns().dataset.board}/columns`));
let isMoving = false;
let shown = 0; // how often the columns were put in

/** Say where a card is, for those who do not see it. */
function say(card, by = "") {
  const column = card.closest("[data-name]");
  const cards = cardsOf(column);
  said.textContent = `${card.querySelector("a").textContent}: ${column.dataset.name}, ${cards.indexOf(card) + 1} of ${cards.length}${by}`;
}

/** The columns become those of that page. What stays there is kept, with the focus if it has it. */
async function put(page) {
  const fresh = page.querySelector("[data-board]");
  if (!fresh) return;
  shown += 1;
  for (const menu of columns().querySelectorAll("[data-menu][open]")) menu.open = false;
  await htmx.swap({ text: fresh.outerHTML, target: columns(), sourceElement: columns(), swap: "outerMorph" });
  for (const form of columns().querySelectorAll("[data-move]")) form.reset(); // what was chosen of a card that is another now
}

function refuse(page) {
  const why = page.querySelector("[data-why]");
  refused.replaceChildren(...(why ? why.cloneNode(true).childNodes : [document.createTextNode("The card was not moved: the server does not answer as it should. Try again.")]));
  refused.hidden = false;
  refused.scrollIntoView({ block: "nearest" });
}

/** Send what a card's form would, and show what comes of it. */
async function move(slug, fields) {
  const card = named(slug);
  const form = card?.querySelector("[data-move]");
  if (!form || isMoving) return;
  isMoving = true;
  card.setAttribute("aria-busy", "true");
  const body = new URLSearchParams({ card: slug, revision: card.dataset.revision, status: "", fragment: "1", ...fields });
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = await parsed(answer);
    refused.hidden = answer.ok;
    if (answer.ok) {
      await put(page);
      if (named(slug)) say(named(slug));
    } else {
      refuse(page);
      await put(await asked());
    }
    focusOn(named(slug));
  } catch {
    refuse(document.createElement("div"));
  } finally {
    isMoving = false;
    named(slug)?.removeAttribute("aria-busy");
    catchUp();
  }
}

const news = new Map(); // of each note the newest change that was told and is not shown yet
const PAUSE = 300; // ms between two looks, however many changes are told
const LONG_PAUSE = 5_000; // after one that failed
let isAsking = false;

const isHeld = () => isMoving || dragged !== null || document.hidden || columns().querySelector("[data-menu][open]") !== null;

/** One's own moves are on the page before the stream tells of them. */
function isShown({ slug, revision }) {
  const note = slug === columns().dataset.slug ? columns() : named(slug);
  return note !== null && Number(note.dataset.revision) >= revision;
}

/** Show what others did, but not while a card is held or its menu is open: then once that is over. */
async function catchUp() {
  for (const [slug, change] of news) if (isShown(change)) news.delete(slug);
  if (!news.size || isAsking || isHeld()) return;
  isAsking = true;
  const told = [...news.values()];
  const before = shown;
  let pause = PAUSE;
  try {
    const page = await asked();
    if (isHeld() || shown !== before) return;
    for (const change of told) if (news.get(change.slug) === change) news.delete(change.slug);
    const focused = cardOf(document.activeElement)?.dataset.card;
    await put(page);
    if (focused && cardOf(document.activeElement)?.dataset.card !== focused) focusOn(named(focused), { preventScroll: true });
    point(told);
  } catch {
    pause = LONG_PAUSE;
  } finally {
    setTimeout(() => { isAsking = false; catchUp(); }, pause);
  }
}

/** The cards that others changed. */
function point(changes) {
  const seen = changes.filter(({ slug }) => named(slug));
  for (const { slug } of seen) named(slug).classList.add("changed");
  if (seen.length === 1) say(named(seen[0].slug), `, by ${seen[0].actor}`);
  else if (seen.length) said.textContent = `Others changed ${seen.length} cards`;
}

/** To the next column that is one, in this direction. */
function across(card, step) {
  const open = allColumns().filter((column) => "status" in column.dataset);
  const at = open.indexOf(card.closest("[data-name]"));
  const target = at < 0 ? open[0] : open[at + step];
  if (target) move(card.dataset.card, { status: target.dataset.status, place: "last" });
}

/** The card at the same height in the next column that has one, in this direction. */
function beside(card, step) {
  const all = allColumns();
  const own = card.closest("[data-name]");
  const index = cardsOf(own).indexOf(card);
  for (let at = all.indexOf(own) + step; all[at]; at += step) {
    const cards = cardsOf(all[at]);
    if (cards.length) return cards[Math.min(index, cards.length - 1)];
  }
  return null;
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "Escape" && event.target.closest("[data-menu][open]")) {
    const menu = event.target.closest("[data-menu]");
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const card = cardOf(event.target);
  if (!card) {
    if ("hjkl".includes(event.key) && columns().contains(event.target)) focusOn(columns().querySelector("[data-card]"));
    return;
  }
  const cards = cardsOf(card.closest("[data-name]"));
  const at = cards.indexOf(card);
  const does = {
    j: () => focusOn(cards[at + 1]),
    k: () => focusOn(cards[at - 1]),
    h: () => focusOn(beside(card, -1)),
    l: () => focusOn(beside(card, 1)),
    "[": () => across(card, -1),
    "]": () => across(card, 1),
    "{": () => at > 0 && move(card.dataset.card, { place: "up" }),
    "}": () => at < cards.length - 1 && move(card.dataset.card, { place: "down" }),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
}

/** Which card a dragged one would go before, by how low it is held; null for the end. */
function below(column, y, dragged) {
  const others = cardsOf(column).filter((card) => card !== dragged);
  return others.find((card) => { const box = card.getBoundingClientRect(); return y < box.top + box.height / 2; }) ?? null;
}

let dragged = null;
const unmark = () => columns().querySelectorAll(".before, .at-end").forEach((one) => one.classList.remove("before", "at-end"));

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card][draggable]");
  if (!card) return;
  dragged = card;
  card.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.card);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  unmark();
  catchUp();
});
document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-status]");
  if (!column) return;
  event.preventDefault();
  unmark();
  const next = below(column, event.clientY, dragged);
  if (next) next.classList.add("before");
  else column.classList.add("at-end");
});
document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-status]");
  if (!column) return;
  event.preventDefault();
  const status = column === dragged.closest("[data-name]") ? "" : column.dataset.status;
  move(dragged.dataset.card, { status, place: "last", before: below(column, event.clientY, dragged)?.dataset.card ?? "" });
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-move]")) return;
  event.preventDefault();
  const { card, status, place } = Object.fromEntries(new FormData(event.target));
  move(card, { status, place });
});
document.addEventListener("keydown", keys);
document.addEventListener("toggle", catchUp, true); // which does not bubble
document.addEventListener("visibilitychange", catchUp);
document.addEventListener("nw:change", ({ detail }) => {
  news.set(detail.slug, detail);
  catchUp();
});
document.querySelector("[data-keys]")?.removeAttribute("hidden");
