// What the pages do beyond htmx. Each part finds its own elements by data attributes, and does nothing where there are none:
// every page works without it.

const isTyping = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

/** `/` leads to the search; a letter follows the link that names it as its data-key. */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const found = event.key === "/" ? [...document.querySelectorAll("[data-find]")].at(-1) : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (event.key === "/") found.select(), found.focus();
  else found.click();
}

/** ↓ and ↑ step from the field through what was found. */
function steps(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const field = document.querySelector("[data-steps]");
  const places = field && [field, ...document.querySelectorAll("[data-results] li > a")];
  const at = places ? places.indexOf(document.activeElement) : -1;
  if (at < 0) return;
  const next = places[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The contents show where one reads. */
function follow() {
  const links = new Map([...document.querySelectorAll(".on-page a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  if (!links.size) return;
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const top = document.querySelector(".head").offsetHeight + 40;
    const read = headings.findLast((heading) => heading.getBoundingClientRect().top < top) ?? headings[0];
    for (const [id, link] of links) link.toggleAttribute("aria-current", id === read?.id);
    links.get(read?.id)?.setAttribute("aria-current", "true");
  };
  addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  mark();
}

/** The slider says which month it is at, and shows it when it is let go. */
function slide(form) {
  const field = form.querySelector("[type=range]");
  const said = form.querySelector("output");
  const words = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
  field.addEventListener("input", () => {
    const month = Number(field.value);
    said.textContent = words.format(new Date(Date.UTC(Math.floor(month / 12), month % 12)));
    field.setAttribute("aria-valuetext", said.textContent);
  });
  field.addEventListener("change", () => form.requestSubmit());
}

document.querySelectorAll("[data-months]").forEach(slide);
document.addEventListener("keydown", keys);
document.addEventListener("keydown", steps);
follow();
