// News of the store on open pages. All tabs of a browser share one stream: six would be all the connections that it opens
// to a server. The tab that holds the lock has the stream and tells the others, who take it over when that one goes.
// Each change comes as the event `nw:change` of the document, once, and never one that the page shows already.

const { seq, viewer } = document.body.dataset;
const begun = Number(seq); // NaN where it is not known: then all is news
const taken = new Set();
const kept = []; // of who leads: what a tab that comes later may have missed
const channel = new BroadcastChannel(`nw/live/${viewer}`);
let stop = null;
let last = begun;

function take(change) {
  if (change.seq <= begun || taken.has(change.seq)) return;
  taken.add(change.seq);
  last = Math.max(last || 0, change.seq);
  document.dispatchEvent(new CustomEvent("nw:change", { detail: change }));
}

function tell(event) {
  const change = JSON.parse(event.data);
  kept.push(change);
  if (kept.length > 100) kept.shift();
  channel.postMessage({ change });
  take(change);
}

/** Holds the stream until the signal comes. One that the server refuses is tried again: it may have too many. */
function lead(signal) {
  return new Promise((done) => {
    let source, again;
    const open = () => {
      source = new EventSource(`/live?since=${last}`);
      source.addEventListener("change", tell);
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED && !signal.aborted) again = setTimeout(open, 15_000);
      });
    };
    open();
    document.documentElement.dataset.leads = "";
    signal.addEventListener("abort", () => {
      delete document.documentElement.dataset.leads;
      clearTimeout(again);
      source.close();
      done();
    });
  });
}

function start() {
  const ending = new AbortController();
  stop = () => ending.abort();
  channel.postMessage({ hello: last });
  if (!navigator.locks) return void lead(ending.signal); // a page without TLS, of another machine
  navigator.locks.request(`nw/live/${viewer}`, { signal: ending.signal }, () => lead(ending.signal)).catch(() => {});
}

channel.addEventListener("message", ({ data }) => {
  if (data.change) take(data.change);
  else for (const change of kept) if (change.seq > data.hello) channel.postMessage({ change });
});
addEventListener("pagehide", () => stop?.()); // or the page could not be kept for going back
addEventListener("pageshow", (event) => event.persisted && start());

/** The feed grows at its top, by what its filters take. */
function grow(feed) {
  const said = document.querySelector("[data-news]");
  let count = 0;
  document.addEventListener("nw:change", ({ detail }) => {
    const { actor, project } = feed.dataset;
    if ((actor && actor !== detail.actor) || (project && project !== detail.project)) return;
    document.querySelector(".empty")?.remove();
    feed.insertAdjacentHTML("afterbegin", detail.row);
    feed.firstElementChild.classList.add("new");
    count += 1;
    said.textContent = `${count} new change${count === 1 ? "" : "s"}`;
  });
}

/** A line above what was there when this browser showed the feed last. */
function draw(feed) {
  const key = `nw/seen/${viewer}`;
  const seen = Number(localStorage.getItem(key) ?? 0);
  const rows = [...feed.querySelectorAll("[data-change]")];
  const first = rows.findIndex((row) => Number(row.dataset.change) <= seen);
  if (first > 0) rows[first].insertAdjacentHTML("beforebegin", '<li class="seen"><span>Seen up to here</span></li>');
  addEventListener("pagehide", () => localStorage.setItem(key, String(Math.max(seen, last))));
}

/** Who changed the note that is shown, and why; not what the reader did, nor what the page shows already. */
function announce(banner) {
  document.addEventListener("nw:change", ({ detail }) => {
    const { slug, revision } = banner.dataset;
    if (detail.slug !== slug || detail.revision <= Number(revision) || detail.actor === viewer) return;
    const who = document.createElement("b");
    who.textContent = `${detail.sign} ${detail.actor}`;
    const what = [`${detail.did[0].toUpperCase()}${detail.did.slice(1)} by `, who, detail.reason ? `: ${detail.reason} · ` : " · "];
    banner.replaceChildren(...what, ...("writing" in banner.dataset ? difference(detail, revision) : [leading(detail.slug, "", "show")]));
  });
}

function leading(slug, below, words) {
  const link = document.createElement("a");
  link.href = `/notes/${encodeURIComponent(slug)}${below}`;
  link.textContent = words;
  return link;
}

/** For who writes: in a tab of its own, so that nothing that was typed is left. */
function difference({ slug, revision, deleted }, from) {
  const link = deleted ? leading(slug, "", "see what is left") : leading(slug, `/diff?from=${from}&to=${revision}`, "see the difference");
  link.target = "_blank";
  return [link, deleted ? "" : ". What you typed stays; when you save, both are put together, or you are shown where they meet."];
}

const feed = document.querySelector("[data-feed]");
const banner = document.querySelector("[data-banner]");
if (feed) grow(feed), draw(feed);
if (banner) announce(banner);
if (feed || banner || document.querySelector("[data-live]")) start();
