// Keys for a case: j and k go from criterion to criterion, 0 to 4 choose a level. The form works without them. On the
// list, what comes next has the focus: an autofocus attribute does nothing in a frame of another site.

const criteria = [...document.querySelectorAll("[data-criterion]")];
const note = document.querySelector("[data-keys]");
if (note) note.hidden = false;
document.querySelector("#trouble, [data-next]")?.focus();

function current() {
  return criteria.findIndex((one) => one.contains(document.activeElement));
}

function isTyping(target) {
  return target instanceof HTMLElement && target.closest("textarea, select, input:not([type=radio])") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const place = current();
  if (event.key === "j" || event.key === "k") {
    const next = place < 0 ? 0 : place + (event.key === "j" ? 1 : -1);
    const wanted = criteria[Math.max(0, Math.min(criteria.length - 1, next))];
    wanted?.focus();
    wanted?.scrollIntoView({ block: "nearest" });
  } else if (/^[0-4]$/.test(event.key) && place >= 0) {
    const choice = criteria[place].querySelector(`input[type=radio][value="${event.key}"]`);
    if (choice) {
      choice.checked = true;
      choice.focus(); // so that it is read out, and Tab goes on to the reason
    }
  } else {
    return;
  }
  event.preventDefault();
});
