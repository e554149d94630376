// Tells the course site how high this page is, so that it can fit its frame (Canvas does; Moodle lets us scroll).
// The height is that of the content, never of the viewport: answering to our own growth must not make us grow.

const SETTLE_MS = 100;
const isFramed = window.parent !== window;

let lastHeight = 0;
let timer = 0;

function report() {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (Math.abs(height - lastHeight) < 2) return;
  lastHeight = height;
  // any parent may know our height: nothing else is in the message
  window.parent.postMessage({ subject: "lti.frameResize", height }, "*");
}

if (isFramed) {
  document.documentElement.classList.add("is-framed"); // the course site names the course already
  report();
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(report, SETTLE_MS);
  }).observe(document.documentElement);
} else {
  // in a window of its own there is nothing to open a window from
  for (const element of document.querySelectorAll("[data-when-framed]")) element.hidden = true;
}
