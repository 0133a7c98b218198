// The log of a run that goes on: its lines as they come. A page that nobody sees has no stream, for a browser opens few
// to one server.

function follow(log) {
  const end = log.parentElement.querySelector("[data-end]");
  let known = Number(log.dataset.known);
  let source = null;
  let isOver = false;

  function add(event) {
    const { at, text } = JSON.parse(event.data);
    const line = document.createElement("p");
    const time = document.createElement("time");
    time.dateTime = at;
    time.textContent = at.slice(11, 19);
    line.append(time, ` ${text}`);
    log.append(line);
    log.scrollTop = log.scrollHeight;
    known = Number(event.lastEventId);
  }

  function close() {
    source?.close();
    source = null;
  }

  function open() {
    if (source || isOver || document.hidden) return;
    source = new EventSource(`${log.dataset.log}?since=${known}`);
    source.addEventListener("line", add);
    source.addEventListener("end", (event) => {
      isOver = true;
      close();
      end.textContent = `It has ended: ${JSON.parse(event.data)}.`;
    });
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  log.scrollTop = log.scrollHeight;
  open();
}

document.querySelectorAll("[data-log]").forEach(follow);
