// Brings the current stop into view, inside the strip only: the page itself must not move.

const line = document.querySelector(".strip-line");
const current = line?.querySelector("[data-current]");

function showCurrent() {
  const outer = line.getBoundingClientRect();
  const inner = current.getBoundingClientRect();
  line.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}

if (current) {
  showCurrent();
  document.fonts?.ready.then(showCurrent);
}

/** Shows the current stop as done, in the line and in the menu; what is passed stays passed. */
export function markCurrentDone() {
  const strip = document.querySelector(".strip");
  for (const stop of strip?.querySelectorAll("[data-current]") ?? []) {
    const drawing = stop.querySelector(".stop-state use");
    if (drawing.getAttribute("href") === "#icon-passed") continue;
    drawing.setAttribute("href", "#icon-done");
    stop.querySelector("[data-state-text]").textContent = strip.dataset.done;
  }
}
