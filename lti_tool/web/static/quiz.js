// The quiz saves itself, checks single answers and hands in, all by posting the page's own form.
//
// What the server has not confirmed is kept on this device and put back at the next visit; it leaves only when a save
// has confirmed it. One page at a time has the attempt: one that another has replaced sends nothing any more.

import { busy, isBusy } from "./buttons.js";
import { NotForScripts, Refused, ask, go } from "./post.js";
import { answerOf, cardsOf, isChanged, nameOf, sayPresent } from "./quiz_cards.js";
import { bringBack } from "./quiz_kept.js";
import { QuestionMap } from "./quiz_map.js";
import { TimeLeft } from "./quiz_time.js";
import { Saving } from "./saving.js";
import { Unsent } from "./unsent.js";

const TIME_OVER_RETRY_MS = 3_000;

const form = document.getElementById("answers");
const words = form.dataset;
const status = form.querySelector("[data-save-status]");
const timeLine = document.querySelector("[data-seconds-left]");
const attempt = form.getAttribute("action"); // `form.action` would be the buttons of that name
const page = { writer: form.elements.writer.value, seen: form.elements.seen_writer.value };

const unsent = new Unsent(attempt, page);
const map = new QuestionMap(form);
const saving = new Saving(form, unsent, {
  saving: () => tell(words.saving),
  saved: () => tell(words.saved),
  answered,
  leave,
  waiting: (failure) => tell(isVisitOver(failure) ? words.visitOver : navigator.onLine ? words.unsaved : words.offline, "waiting"),
  refused,
});
let isTimeOver = false;
let timeOverRetry = 0;
const time = timeLine && new TimeLeft(timeLine, { onWarning: warn, onEnd: handInByItself, onAsk: askWhereItStands });

function tell(text, state = "") {
  status.dataset.state = state;
  if (status.textContent !== text) status.textContent = text;
}

function leave(location) {
  saving.stop();
  go(location);
}

/** The visit has ended or was another one's: opening the activity again helps, and the answers wait here. */
function isVisitOver(failure) {
  return failure.status === 401 || failure.status === 403;
}

/** What was sent is not taken, now or later; where it is not the attempt itself that is gone, `message` says why. */
function refused(failure, message) {
  if (failure.code === "TakenOver") showReplaced();
  else if (failure.code === "AttemptClosed" || failure.code === "AttemptOver") showClosed(failure);
  else if (message) message.textContent = failure.message;
  else tell(isVisitOver(failure) ? words.visitOver : failure.message, "waiting");
}

function answered({ seconds_left: seconds }) {
  if (time && typeof seconds === "number") time.set(seconds);
}

// Answering

form.addEventListener("change", (event) => {
  if (event.target.matches(".choices input")) changed(event.target.closest("[data-question]"));
});

function changed(card) {
  sayPresent(card);
  card.querySelector("[data-message]")?.replaceChildren();
  keep(card);
}

function keep(card) {
  unsent.put(nameOf(card), answerOf(card));
  map.show();
  if (navigator.onLine) saving.soon();
  else goOffline();
}

function goOffline() {
  if (saving.isStopped || isTimeOver) return;
  tell(words.offline, "waiting");
  if (!unsent.isEmpty) saving.later();
}

window.addEventListener("offline", goOffline);
window.addEventListener("online", () => {
  if (saving.isStopped) return;
  if (isTimeOver) {
    handInByItself();
    return;
  }
  if (unsent.isEmpty) tell(words.online);
  saving.again();
  askWhereItStands();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") saving.now();
  else askWhereItStands();
});

/** Whether there is time left, and whether this page still has the attempt. */
async function askWhereItStands() {
  if (saving.isStopped) return null;
  try {
    const standing = await ask(words.standing);
    if (standing.location && unsent.isEmpty) leave(standing.location);
    else if (standing.location) saving.now(); // which is told why nothing more is taken
    else if (standing.writer !== page.writer && standing.writer !== page.seen) showReplaced();
    else answered(standing);
    return standing;
  } catch {
    return null; // the next save will tell
  }
}

// Another page has the attempt, or nobody any more (who first notices that its time is up hands it in)

function showReplaced() {
  stopWith(form.querySelector("[data-replaced]"));
}

function showClosed(failure) {
  const box = form.querySelector("[data-closed]");
  box.querySelector("[data-closed-text]").textContent = failure.message;
  stopWith(box);
}

function stopWith(box) {
  saving.stop();
  tell("");
  for (const part of form.querySelectorAll("[data-question], .hand-in, .review")) part.inert = true;
  box.hidden = false;
  box.focus();
}

for (const button of document.querySelectorAll("[data-reload]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    window.location.reload();
  });
}

// Checking one answer

async function check(button, card) {
  const message = card.querySelector("[data-message]");
  if (!answerOf(card).length) {
    message.textContent = words.choose;
    card.querySelector(".choices input").focus();
    return;
  }
  const release = busy(button, words.checking);
  const choices = card.querySelector(".choices");
  choices.inert = true; // the answer under way is the one that is checked; disabled inputs would not be posted
  try {
    const answer = await saving.send(button.value);
    if (answer.location) {
      leave(answer.location);
      return;
    }
    replace(card, answer.question_html ?? "");
    tell(words.saved);
  } catch (failure) {
    choices.inert = false;
    release();
    explain(failure, message, button.value, words.checkFailed);
  }
}

function replace(card, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const next = template.content.querySelector("[data-question]");
  if (!next) throw new NotForScripts("no card in the answer");
  unsent.drop(nameOf(card));
  card.replaceWith(next);
  map.follow(next);
  map.show();
  const verdict = next.querySelector(".verdict[tabindex]") ?? next;
  verdict.focus({ preventScroll: true }); // which also reads it out
  (verdict.closest(".choice") ?? verdict).scrollIntoView({ block: "nearest" });
}

/** Says beside a button why nothing came of it. */
function explain(failure, message, action, unreachable) {
  if (isVisitOver(failure)) message.textContent = words.visitOver;
  else if (failure instanceof NotForScripts) submitPlainly(action);
  else if (failure instanceof Refused && !failure.retryable) refused(failure, message);
  else {
    message.textContent = unreachable;
    saving.later();
  }
}

// Handing in

async function handIn(button) {
  const message = button.closest(".review, .hand-in").querySelector("[data-message]");
  message.textContent = "";
  const release = busy(button, button.dataset.busy ?? words.handingIn);
  try {
    const answer = await saving.send(button.value);
    if (!answer.location) throw new NotForScripts("nowhere to go");
    leave(answer.location);
  } catch (failure) {
    release();
    explain(failure, message, button.value, words.handInFailed);
  }
}

function warn(timeLeft) {
  document.querySelector("[data-time-warning]").textContent = words.timeWarning.replace("{left}", timeLeft);
}

/** The time is over: what stands here is saved and handed in, as soon as there is a connection. */
async function handInByItself() {
  clearTimeout(timeOverRetry);
  const standing = await askWhereItStands();
  if (saving.isStopped) return;
  isTimeOver = !(standing?.seconds_left > 0);
  for (const card of cardsOf(form)) card.inert = isTimeOver;
  if (!isTimeOver) {
    time.goOn(standing.seconds_left);
    return;
  }
  tell(words.timeOver);
  try {
    leave((await saving.send("submit-anyway")).location);
  } catch (failure) {
    if (failure instanceof Refused && !failure.retryable) {
      refused(failure);
      return;
    }
    tell(words.timeOverOffline, "waiting");
    timeOverRetry = setTimeout(handInByItself, TIME_OVER_RETRY_MS); // until it is taken: the answers also stay on this device
  }
}

/** The way without scripts: a real submission, which shows the server's own page. */
function submitPlainly(action) {
  saving.stop();
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
  if (saving.isStopped || isBusy(button)) return;
  if (action.startsWith("check:")) check(button, button.closest("[data-question]"));
  else if (action === "save") saving.now();
  else handIn(button);
});

for (const button of document.querySelectorAll("[data-without-scripts]")) button.hidden = true;
// a page kept alive in the history comes back with dead buttons and an old state otherwise
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
form.querySelector("[data-review]")?.focus();
map.show();
// On a slow line people answer before this script has come: newer than anything that was left behind.
const early = cardsOf(form).filter(isChanged);
early.forEach(changed);
const others = cardsOf(form).filter((card) => !early.includes(card));
const hadAnswers = bringBack(others, form.querySelector("[data-kept]"), { attempt, ...page }, (card) => {
  tell(words.restored);
  keep(card);
});
if (hadAnswers && unsent.isEmpty) tell(words.saved); // they had arrived after all
