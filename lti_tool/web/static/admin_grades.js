// Keeps the page true while grades that were just let go are on their way: fetches it again, slower and slower, for ten
// minutes at most and not while hidden, and puts in the parts that have changed. What holds the focus is left alone.

import { writeTimes } from "./times.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const GIVE_UP_MS = 10 * 60_000;

const started = Date.now();
let wait = FIRST_WAIT_MS;

const isPending = () => document.querySelector("[data-pending]")?.dataset.pending === "yes";

function putIn(page) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh || part.contains(document.activeElement)) continue;
    writeTimes(fresh);
    if (part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
    if (fresh.dataset.pending) part.dataset.pending = fresh.dataset.pending;
  }
}

async function look() {
  if (document.visibilityState === "visible") {
    try {
      const address = window.location.pathname;
      const response = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(LONGEST_WAIT_MS) });
      if (response.redirected || (response.status >= 400 && response.status < 500)) return; // signed out
      if (response.ok) putIn(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // offline: what stands there was true, and the next answer may come
    }
  }
  wait = Math.min(wait * 1.4, LONGEST_WAIT_MS);
  next();
}

function next() {
  if (isPending() && Date.now() - started < GIVE_UP_MS) setTimeout(look, wait);
}

next();
