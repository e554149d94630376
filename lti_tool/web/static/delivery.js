// Asks where the grade is until it has arrived, is stuck or overruled, or ten minutes have passed; slower and slower, and not while hidden.

import { writeSentence } from "./times.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const GIVE_UP_MS = 10 * 60_000;
const SETTLED = new Set(["delivered", "stuck", "overruled", "none"]);

const box = document.querySelector("[data-delivery]");
let started = Date.now();
let wait = FIRST_WAIT_MS;

function show({ state, text, delivered_iso: since }) {
  const line = box.querySelector("[data-delivery-text]");
  if (since) writeSentence(line, since);
  else if (line.textContent !== text) line.textContent = text; // said once, not at every answer
  box.classList.replace(`delivery-${box.dataset.delivery}`, `delivery-${state}`);
  box.dataset.delivery = state;
}

async function ask() {
  if (document.visibilityState === "visible") {
    try {
      const response = await fetch(box.dataset.poll, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
      if (response.status === 401 || response.status === 403 || response.status === 404) return;
      if (response.ok) show(await response.json());
    } catch {
      // offline or not JSON: what stands there is still true, and the next answer may come
    }
  }
  wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
  next();
}

function next() {
  if (!SETTLED.has(box.dataset.delivery) && Date.now() - started < GIVE_UP_MS) setTimeout(ask, wait);
}

/** Begins to ask; a page calls it when it has something to ask for only later. */
export function follow() {
  started = Date.now();
  if (box?.dataset.poll) next();
}

if (!box?.closest("[hidden]")) follow();
