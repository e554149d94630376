// A key term opens its definition in a card beneath the line it stands in; the list at the end stays one link away,
// and leads back. The card takes the focus and gives it back; what lies outside it closes it.

const GAP_PX = 6;

const list = document.getElementById("terms");
const lastUse = new Map(); // by term: the word the reader came from
let open = null;

function close({ refocus = false } = {}) {
  if (!open) return;
  const { note, link } = open;
  open = null; // first: taking the card away moves the focus, which would close it again
  note.remove();
  link.setAttribute("aria-expanded", "false");
  link.removeAttribute("aria-controls");
  if (refocus) link.focus();
}

function show(link, definition) {
  close();
  const note = card(link, definition);
  const block = link.closest("li") ?? link.closest("p") ?? link;
  if (block.matches("li")) block.append(note);
  else block.after(note);
  link.setAttribute("aria-expanded", "true");
  link.setAttribute("aria-controls", note.id);
  open = { note, link };
  place();
  note.focus({ preventScroll: true });
  note.scrollIntoView({ block: "nearest" });
}

/** The card lies over the text, which stays where it was: beneath the word, and within the column. */
function place() {
  if (!open) return;
  const { note, link } = open;
  const line = [...link.getClientRects()].at(-1);
  const column = note.offsetParent.getBoundingClientRect();
  const isMirrored = getComputedStyle(note).direction === "rtl";
  const before = isMirrored ? column.right - line.right : line.left - column.left;
  note.style.insetBlockStart = `${line.bottom - column.top + GAP_PX}px`;
  note.style.insetInlineStart = `${Math.max(0, Math.min(before, column.width - note.offsetWidth))}px`;
}

function card(link, definition) {
  const term = link.dataset.term;
  const note = document.createElement("div");
  note.className = "term-note";
  note.id = `note-${term}`;
  note.tabIndex = -1;
  note.setAttribute("role", "note");

  const words = document.createElement("div");
  words.className = "prose";
  words.id = `note-${term}-words`;
  words.lang = definition.lang;
  words.dir = definition.dir;
  const name = document.createElement("p");
  name.className = "term-note-name";
  name.textContent = document.getElementById(`term-${term}`).textContent;
  const text = document.createElement("div");
  text.append(...definition.cloneNode(true).childNodes);
  words.append(name, text);
  note.setAttribute("aria-label", list.dataset.label);
  note.setAttribute("aria-describedby", words.id);

  note.append(words, ways(link));
  note.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !note.contains(relatedTarget) && relatedTarget !== link) close();
  });
  return note;
}

function ways(link) {
  const row = document.createElement("p");
  row.className = "term-note-ways";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = list.dataset.close;
  button.addEventListener("click", () => close({ refocus: true }));
  const all = document.createElement("a");
  all.href = link.getAttribute("href");
  all.textContent = list.dataset.all;
  all.addEventListener("click", () => { lastUse.set(link.dataset.term, link); });
  row.append(button, all);
  return row;
}

function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

function openAtClick(link, definition) {
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("click", (event) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    lastUse.set(link.dataset.term, link);
    if (open?.link === link) close();
    else show(link, definition);
  });
}

function goBackAtClick(back) {
  back.addEventListener("click", (event) => {
    const use = lastUse.get(back.dataset.back) ?? document.querySelector(`a.term[data-term="${CSS.escape(back.dataset.back)}"]`);
    if (!use || !isPlainClick(event)) return;
    event.preventDefault();
    close();
    use.scrollIntoView({ block: "center" });
    use.focus({ preventScroll: true });
  });
}

if (list) {
  for (const link of document.querySelectorAll("a.term[data-term]")) {
    const definition = document.getElementById(`term-${link.dataset.term}`)?.nextElementSibling?.querySelector(".term-definition");
    if (definition && !list.contains(link)) openAtClick(link, definition);
  }
  list.querySelectorAll("[data-back]").forEach(goBackAtClick);
  document.addEventListener("pointerdown", ({ target }) => {
    if (open && !open.note.contains(target) && !open.link.contains(target)) close();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close({ refocus: true }); });
  new ResizeObserver(place).observe(document.getElementById("text"));
}
