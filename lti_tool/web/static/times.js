// Times in the reader's own zone, exact and relative; without scripts the server's words stay.

const language = document.documentElement.lang || undefined;
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const STEPS = [["minute", 60], ["hour", 60], ["day", 24], ["month", 30]];

function ago(date, now) {
  let amount = (date - Date.now()) / 60_000;
  if (now && Math.abs(amount) < 1) return now;
  let unit = "minute";
  for (const [index, [name]] of STEPS.entries()) {
    unit = name;
    const size = STEPS[index + 1]?.[1];
    if (!size || Math.abs(amount) < size) break;
    amount /= size;
  }
  return relative.format(Math.round(amount), unit);
}

/** Writes the time an element stands for. `now`: the words for less than a minute ago. Where how long it is from now
 *  matters, the element is marked `data-exact`: this device's own clock may be wrong. */
function write(element, now) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const isExact = "exact" in element.dataset;
  element.textContent = isExact ? exact.format(date) : `${exact.format(date)} (${ago(date, now)})`;
}

/** Puts a time into the element's `data-sentence`, where it says {time}. */
export function writeSentence(element, iso) {
  const time = document.createElement("time");
  time.dateTime = iso;
  write(time, element.dataset.now);
  const [before, after] = element.dataset.sentence.split("{time}");
  element.replaceChildren(before, time, after);
}

/** Writes all the times in a part of the page. */
export function writeTimes(part) {
  for (const element of part.querySelectorAll("time[datetime]")) write(element, element.dataset.now);
}

writeTimes(document);
for (const element of document.querySelectorAll("[data-since]")) writeSentence(element, element.dataset.since);
