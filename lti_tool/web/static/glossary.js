// Narrows the glossary to the terms that hold what is typed; without scripts the field is not there.

const form = document.querySelector("[data-filter]");
const field = form.querySelector("input");
const count = form.querySelector("[data-filter-count]");
const entries = [...document.querySelectorAll("[data-entry]")];
const language = document.documentElement.lang || undefined;
const numbers = new Intl.NumberFormat(language);

/** Letters as they are looked for: whatever their case and marks. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase(language);
}

const texts = new Map(entries.map((entry) => [entry, plain(entry.textContent)]));

function narrow() {
  const wanted = plain(field.value.trim());
  let shown = 0;
  for (const entry of entries) {
    entry.hidden = !texts.get(entry).includes(wanted);
    if (!entry.hidden) shown += 1;
  }
  if (!wanted) count.textContent = "";
  else if (!shown) count.textContent = count.dataset.none;
  else count.textContent = count.dataset.some.replace("{shown}", numbers.format(shown)).replace("{all}", numbers.format(entries.length));
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  narrow();
});
narrow(); // the browser may have brought back what was typed
