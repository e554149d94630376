// Times in the reader's own zone, exact and relative; without scripts the server's words stay.

const language = document.documentElement.lang || undefined;
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const STEPS = [["minute", 60], ["hour", 60], ["day", 24], ["month", 30]];

function ago(date) {
  let amount = (date - Date.now()) / 60_000;
  let unit = "minute";
  for (const [index, [name]] of STEPS.entries()) {
    unit = name;
    const size = STEPS[index + 1]?.[1];
    if (!size || Math.abs(amount) < size) break;
    amount /= size;
  }
  return relative.format(Math.round(amount), unit);
}

for (const element of document.querySelectorAll("time[datetime]")) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) continue;
  element.textContent = `${exact.format(date)} (${ago(date)})`;
}
