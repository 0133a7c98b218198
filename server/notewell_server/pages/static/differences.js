// n and p step from place to place of a difference, from where one reads; the last one goes on at the first.

const places = [...document.querySelectorAll("[data-place]")];

function go(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (!places.length || (event.key !== "n" && event.key !== "p")) return;
  const at = places.indexOf(document.activeElement);
  const next = event.key === "n" ? at + 1 : (at < 0 ? 0 : at) - 1 + places.length;
  event.preventDefault();
  places[next % places.length].focus({ preventScroll: true });
  places[next % places.length].scrollIntoView({ block: "center" });
}

document.addEventListener("keydown", go);
