// A board: cards are moved by dragging, by keys, and by the form that each card has. All of them send that form's fields,
// and put the columns that come back where those of the page stand. Without this script the form does it.

const said = document.querySelector("[data-said]");
const refused = document.querySelector("[data-refused]");
const columns = () => document.querySelector("[data-board]");
const cardOf = (element) => element?.closest?.("[data-card]") ?? null;
const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
const allColumns = () => [...columns().querySelectorAll("[data-name]")];
const named = (slug) => columns().querySelector(`[data-card="${CSS.escape(slug)}"]`);
const focusOn = (card) => card?.querySelector("a").focus();
const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
let isMoving = false;

/** Say where a card is, for those who do not see it. */
function say(card) {
  const column = card.closest("[data-name]");
  const cards = cardsOf(column);
  said.textContent = `${card.querySelector("a").textContent}: ${column.dataset.name}, ${cards.indexOf(card) + 1} of ${cards.length}`;
}

/** The columns of this page, or the board as it is now, with the focus on the same card. */
function put(page, slug) {
  const fresh = page.querySelector("[data-board]");
  if (!fresh) return;
  const old = columns();
  const { scrollLeft } = old;
  old.replaceWith(fresh);
  fresh.scrollLeft = scrollLeft;
  focusOn(named(slug));
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
      put(page, slug);
      if (named(slug)) say(named(slug));
    } else {
      refuse(page);
      put(await parsed(await fetch(`${columns().dataset.board}/columns`)), slug);
    }
  } catch {
    refuse(document.createElement("div"));
  } finally {
    isMoving = false;
    named(slug)?.removeAttribute("aria-busy");
  }
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
document.querySelector("[data-keys]")?.removeAttribute("hidden");
