// The quiz saves itself, checks single answers and hands in, all by posting the page's own form.
//
// Requests go one after the other, so that no reply can be older than a choice it answers. What the server has not
// confirmed is kept on this device and put back at the next visit; it leaves only when a save has confirmed it.

import { NotForScripts, Refused, go, post } from "./post.js";
import { Unsent } from "./unsent.js";

const SETTLE_MS = 250;
const FIRST_RETRY_MS = 3_000;
const LONGEST_RETRY_MS = 20_000;

const form = document.getElementById("answers");
const words = form.dataset;
const status = form.querySelector("[data-save-status]");
const address = form.getAttribute("action"); // `form.action` would be the buttons of that name
const unsent = new Unsent(address);

let queue = Promise.resolve();
let saveTimer = 0;
let retry = FIRST_RETRY_MS;
let isSaving = false;
let isLeaving = false;

/** Posts the form as it is when its turn comes. */
function send(action) {
  const turn = queue.then(() => {
    const fields = new FormData(form);
    fields.set("action", action);
    const sent = unsent.snapshot();
    return post(address, fields, { keepalive: true }).then((answer) => {
      unsent.confirm(sent);
      return answer;
    });
  });
  queue = turn.catch(() => {});
  return turn;
}

function tell(text, state = "") {
  status.dataset.state = state;
  if (status.textContent !== text) status.textContent = text;
}

function showCount() {
  const line = form.querySelector("[data-progress-count]");
  const names = new Set([...form.querySelectorAll(".choices input:checked")].map((input) => input.name));
  line.textContent = words.progress.replace("{answered}", names.size).replace("{total}", line.dataset.total);
}

function leave(location) {
  isLeaving = true;
  go(location);
}

// Saving

function saveSoon(wait = SETTLE_MS) {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, wait);
}

async function save() {
  if (isSaving || isLeaving || unsent.isEmpty) return;
  isSaving = true;
  const slow = setTimeout(() => tell(words.saving), 800);
  try {
    const answer = await send("save");
    retry = FIRST_RETRY_MS;
    if (answer.location) leave(answer.location);
    else if (unsent.isEmpty) tell(words.saved);
    else saveSoon();
  } catch (failure) {
    showSaveFailure(failure);
  } finally {
    clearTimeout(slow);
    isSaving = false;
  }
}

function showSaveFailure(failure) {
  if (failure instanceof Refused && !failure.retryable) {
    tell(failure.message, "waiting");
    return;
  }
  tell(navigator.onLine ? words.unsaved : words.offline, "waiting");
  saveSoon(retry);
  retry = Math.min(retry * 2, LONGEST_RETRY_MS);
}

form.addEventListener("change", (event) => {
  if (!event.target.matches(".choices input")) return;
  const card = event.target.closest("[data-question]");
  unsent.put(event.target.name, [...card.querySelectorAll(".choices input:checked")].map((input) => input.value));
  sayPresent(card);
  card.querySelector("[data-message]").textContent = "";
  showCount();
  saveSoon();
});

window.addEventListener("online", () => { retry = FIRST_RETRY_MS; saveSoon(0); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });

/** From now on the card is posted even when nothing in it is ticked: then its answer has been taken back. */
function sayPresent(card) {
  const field = card.querySelector("[data-present]");
  if (field) field.disabled = false;
}

/** Puts kept choices back; false when the card no longer takes them. */
function putBack(name, values) {
  const inputs = [...form.querySelectorAll(`.choices input[name="${CSS.escape(name)}"]`)];
  const known = inputs.map((input) => input.value);
  if (!inputs.length || inputs[0].disabled || values.some((value) => !known.includes(value))) return false;
  for (const input of inputs) input.checked = values.includes(input.value);
  sayPresent(inputs[0].closest("[data-question]"));
  return true;
}

function restore() {
  for (const [name, kept] of unsent.entries()) {
    const values = [kept].flat(); // an earlier version kept one plain value
    if (!putBack(name, values)) unsent.drop(name);
  }
  if (unsent.isEmpty) return;
  tell(words.restored);
  showCount();
  saveSoon(0);
}

// Checking one answer

async function check(button, card) {
  const message = card.querySelector("[data-message]");
  const chosen = card.querySelector("input:checked");
  if (!chosen) {
    message.textContent = words.choose;
    card.querySelector(".choices input").focus();
    return;
  }
  const release = busy(button, words.checking);
  const choices = card.querySelector(".choices");
  choices.inert = true; // the answer under way is the one that is checked; disabled inputs would not be posted
  try {
    const answer = await send(button.value);
    if (answer.location) {
      leave(answer.location);
      return;
    }
    replace(card, answer.question_html ?? "");
    tell(words.saved);
  } catch (failure) {
    choices.inert = false;
    release();
    if (failure instanceof NotForScripts) submitPlainly(button.value);
    else message.textContent = failure instanceof Refused ? failure.message : words.checkFailed;
  }
}

function replace(card, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const next = template.content.querySelector("[data-question]");
  const name = `q.${card.dataset.question}`;
  if (!next) throw new NotForScripts("no card in the answer");
  unsent.drop(name);
  card.replaceWith(next);
  showCount();
  const verdict = next.querySelector(".verdict[tabindex]") ?? next;
  verdict.focus({ preventScroll: true }); // which also reads it out
  (verdict.closest(".choice") ?? verdict).scrollIntoView({ block: "nearest" });
}

// Handing in

async function handIn(button) {
  const message = button.parentElement.querySelector("[data-message]");
  message.textContent = "";
  clearTimeout(saveTimer);
  const release = busy(button, words.handingIn);
  try {
    const answer = await send(button.value);
    if (!answer.location) throw new NotForScripts("nowhere to go");
    leave(answer.location);
  } catch (failure) {
    release();
    if (failure instanceof NotForScripts) {
      submitPlainly(button.value);
      return;
    }
    message.textContent = failure instanceof Refused ? failure.message : words.handInFailed;
    saveSoon(retry);
  }
}

/** Shows that a button is at work and makes it deaf; returns the way back. It keeps the focus, so `disabled` is not used. */
function busy(button, text) {
  const content = [...button.childNodes];
  button.setAttribute("aria-disabled", "true");
  button.replaceChildren(text);
  return () => {
    button.removeAttribute("aria-disabled");
    button.replaceChildren(...content);
  };
}

/** The way without scripts: a real submission, which shows the server's own page. */
function submitPlainly(action) {
  isLeaving = true;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "action";
  field.value = action;
  form.append(field);
  form.submit();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  const action = button?.value ?? "save";
  if (isLeaving || button?.getAttribute("aria-disabled") === "true") return;
  if (action.startsWith("check:")) check(button, button.closest("[data-question]"));
  else if (action === "save") save();
  else handIn(button);
});

for (const button of form.querySelectorAll("[data-without-scripts]")) button.hidden = true;
// a page kept alive in the history comes back with dead buttons otherwise
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
document.getElementById("unanswered")?.focus();
showCount();
restore();
