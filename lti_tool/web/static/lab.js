// A lab's conversation: sends what is said, follows the reply, keeps drafts. The page works without this file; it posts
// the same form to the same address.
//
// What has not reached the server is kept on this device and put back at the next visit. A reply is only followed here:
// it is written on the server whether anybody looks or not.

import { NotForScripts, Refused, go, post } from "./post.js";
import { follow } from "./reply.js";
import { Unsent, leftBehind } from "./unsent.js";

const SETTLE_MS = 900;
const FIRST_RETRY_MS = 3_000;
const LONGEST_RETRY_MS = 20_000;

const form = document.getElementById("say");
const words = form.dataset;
const address = form.getAttribute("action");
const field = form.elements.text;
const sendButton = form.querySelector("[data-send]");
const message = form.querySelector("[data-message]");
const saved = form.querySelector("[data-save-status]");
const live = document.querySelector("[data-live]");
const turns = document.querySelector("[data-turns]");
const unsent = new Unsent(address, { writer: "", seen: "" }); // one draft an attempt, whichever page wrote it

let saveTimer = 0;
let retryMs = FIRST_RETRY_MS;
let isBusy = false; // something is being sent, or a reply is on its way
let isLeaving = false;

function tell(text, state = "") {
  saved.dataset.state = state;
  if (saved.textContent !== text) saved.textContent = text;
}

function fields(action) {
  const given = new FormData(form);
  given.set("action", action);
  return given;
}

// Turns

function blank(kind) {
  const turn = document.querySelector(`template[data-blank="${kind}"]`).content.firstElementChild.cloneNode(true);
  for (const part of turn.querySelectorAll("[data-without-scripts]")) part.remove();
  return turn;
}

function write(turn, text) {
  const paragraphs = text.split("\n").filter((part) => part.trim());
  turn.querySelector("[data-text]").replaceChildren(
    ...paragraphs.map((part) => Object.assign(document.createElement("p"), { textContent: part })),
  );
}

function addTurn(kind, number, text = "") {
  const turn = blank(kind);
  turn.id = `turn-${number}`;
  turn.dataset.turn = number;
  write(turn, text);
  turns.append(turn);
  return turn;
}

function replaceTurn(turn, kind, number) {
  const next = blank(kind);
  next.id = `turn-${number}`;
  next.dataset.turn = number;
  turn.replaceWith(next);
  return next;
}

/** Follows the reply that `state` tells of, in its place in the conversation. */
function followReply(turn, state) {
  setBusy(true);
  live.textContent = words.replying;
  follow(state, {
    onText: (text) => write(turn, text),
    onEnd: (end) => endReply(turn, end),
  });
}

function endReply(turn, end) {
  if (end.status === "failed") {
    const failed = replaceTurn(turn, "failed", end.number);
    failed.querySelector("[data-note]").textContent = end.note;
    failed.querySelector("[data-retry]").value = `retry:${end.number}`;
    live.textContent = end.note;
  } else {
    turn.dataset.state = "done";
    turn.querySelector("[data-status]")?.remove();
    write(turn, end.text);
    live.textContent = `${words.replied} ${end.text}`;
  }
  if (end.cause === "support") document.querySelector("[data-support]").hidden = false;
  form.querySelector("[data-number]").value = end.number + 1;
  form.querySelector("[data-left]").textContent = end.left;
  message.textContent = "";
  setBusy(false);
  showComposer(end.can_say);
}

// Speaking

function setBusy(busy) {
  isBusy = busy;
  if (busy) sendButton?.setAttribute("aria-disabled", "true");
  else sendButton?.removeAttribute("aria-disabled");
}

function showComposer(canSay) {
  if (!sendButton) return;
  sendButton.hidden = !canSay;
  if (!field.value) form.querySelector(".composer-field").hidden = !canSay;
  form.querySelector("[data-with-scripts]").hidden = !canSay;
}

async function say() {
  const text = field.value.trim();
  message.textContent = isBusy ? words.busy : "";
  if (isBusy) return;
  if (!text) {
    message.textContent = words.empty;
    field.focus();
    return;
  }
  if (text.length > Number(field.dataset.most)) {
    message.textContent = words.tooLong;
    return;
  }
  await speak("say", (state) => {
    addTurn("student", state.number - 1, text);
    if (field.value.trim() === text) {
      field.value = ""; // and not what has been typed since
      unsent.drop("text");
    }
    tell("");
    return addTurn("replying", state.number);
  });
}

async function retry(button) {
  const turn = button.closest("[data-turn]");
  message.textContent = "";
  if (isBusy) return;
  await speak(button.value, (state) => replaceTurn(turn, "replying", state.number));
}

/** Posts a move that a reply follows; `show` puts it into the page and returns the turn to be written. */
async function speak(action, show) {
  clearTimeout(saveTimer);
  setBusy(true);
  const slow = setTimeout(() => tell(words.sending), 800);
  try {
    const state = await post(address, fields(action), { keepalive: true });
    const turn = show(state);
    turn.scrollIntoView({ block: "nearest" });
    followReply(turn, state);
  } catch (failure) {
    setBusy(false);
    if (failure instanceof NotForScripts) submitPlainly(action);
    else message.textContent = failure instanceof Refused ? failure.message : words.notSent;
  } finally {
    clearTimeout(slow);
    tell("");
  }
}

/** The way without scripts: a real submission, which shows the server's own page. */
function submitPlainly(action) {
  isLeaving = true;
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: action });
  form.append(hidden);
  form.submit();
}

// Drafts

function saveSoon(wait = SETTLE_MS) {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, wait);
}

async function save() {
  if (isLeaving || unsent.isEmpty) return;
  const sent = unsent.snapshot();
  try {
    await post(address, fields("draft"), { keepalive: true });
    unsent.confirm(sent);
    retryMs = FIRST_RETRY_MS;
    if (unsent.isEmpty) tell(field.value ? words.saved : "");
    else saveSoon();
  } catch (failure) {
    if (failure instanceof Refused && !failure.retryable) {
      tell(failure.message, "waiting");
      return;
    }
    tell(navigator.onLine ? words.unsaved : words.offline, "waiting");
    saveSoon(retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

function restore() {
  if (field.value !== field.defaultValue) {
    typed(); // before this script had come: newer than anything that was kept
    return;
  }
  const kept = leftBehind(address)[0]?.answers.get("text")?.[0];
  if (kept === undefined) return;
  if (kept === field.value) {
    unsent.drop("text");
    return;
  }
  field.value = kept;
  unsent.put("text", [kept]);
  saveSoon(0);
}

function typed() {
  unsent.put("text", [field.value]);
  message.textContent = field.value.length > Number(field.dataset.most) ? words.tooLong : "";
  saveSoon();
}

field.addEventListener("input", typed);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !sendButton || sendButton.hidden) return;
  event.preventDefault();
  say();
});

// Buttons anywhere on the page belong to the form by their `form` attribute

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.hasAttribute("formaction")) {
    isLeaving = true; // handing in: a page of its own, and the text goes along
    return;
  }
  event.preventDefault();
  if (button?.getAttribute("aria-disabled") === "true") return;
  if (button?.value.startsWith("retry:")) retry(button);
  else if (button?.value === "say") say();
  else saveAndLeave();
});

async function saveAndLeave() {
  unsent.put("text", [field.value]);
  await save();
  if (unsent.isEmpty) tell(words.saved);
}

window.addEventListener("online", () => saveSoon(0));
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) go(document.URL); });

for (const part of document.querySelectorAll("[data-without-scripts]")) part.hidden = true;
for (const part of form.querySelectorAll("[data-with-scripts]")) part.hidden = sendButton.hidden;
document.querySelector(".asking")?.focus();
restore();
const pending = turns?.querySelector('[data-state="replying"]');
if (pending) followReply(pending, { events: pending.dataset.events, state: pending.dataset.stateHref });
// Where a closed <details> cannot be shown by the style sheet, the brief is opened beside the conversation.
const brief = document.querySelector(".lab-sides > .brief");
if (!CSS.supports("selector(::details-content)") && window.matchMedia("(min-width: 52em)").matches) brief.open = true;
