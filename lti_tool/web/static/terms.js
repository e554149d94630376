// A key term opens its definition beneath its paragraph; the list at the end stays one link away, and leads back.

const list = document.getElementById("terms");
let open = null;

function close({ refocus = false } = {}) {
  if (!open) return;
  const { note, link } = open;
  note.remove();
  link.setAttribute("aria-expanded", "false");
  link.removeAttribute("aria-controls");
  open = null;
  if (refocus) link.focus();
}

/** The course may speak another language than the page. */
function copyLanguage(from, to) {
  to.lang = from.lang;
  to.dir = from.dir;
}

function show(link, definition) {
  close();
  const { close: closeWord, all: allWord, label } = list.dataset;
  const note = document.createElement("div");
  note.className = "term-note prose";
  note.id = `note-${link.dataset.term}`;
  note.tabIndex = -1;
  note.setAttribute("role", "note");
  note.setAttribute("aria-label", label);

  const name = document.createElement("p");
  name.className = "term-note-name";
  copyLanguage(definition, name);
  name.textContent = document.getElementById(`term-${link.dataset.term}`).textContent;
  const text = document.createElement("div");
  copyLanguage(definition, text);
  text.append(...[...definition.cloneNode(true).childNodes]);

  const ways = document.createElement("p");
  ways.className = "term-note-ways";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = closeWord;
  button.addEventListener("click", () => close({ refocus: true }));
  const all = document.createElement("a");
  all.href = link.getAttribute("href");
  all.textContent = allWord;
  all.addEventListener("click", () => { lastUse.set(link.dataset.term, link); });
  ways.append(button, all);

  note.append(name, text, ways);
  note.addEventListener("keydown", (event) => { if (event.key === "Escape") close({ refocus: true }); });
  const block = link.closest("li") ?? link.closest("p") ?? link;
  if (block.matches("li")) block.append(note);
  else block.after(note);
  link.setAttribute("aria-expanded", "true");
  link.setAttribute("aria-controls", note.id);
  open = { note, link };
  note.focus({ preventScroll: true });
  note.scrollIntoView({ block: "nearest" });
}

const lastUse = new Map();

function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

if (list) {
  for (const link of document.querySelectorAll("a.term[data-term]")) {
    const definition = document.getElementById(`term-${link.dataset.term}`)?.nextElementSibling?.querySelector(".term-definition");
    if (!definition || list.contains(link)) continue;
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      lastUse.set(link.dataset.term, link);
      if (open?.link === link) close();
      else show(link, definition);
    });
  }
  for (const back of list.querySelectorAll("[data-back]")) {
    back.addEventListener("click", (event) => {
      const use = lastUse.get(back.dataset.back) ?? document.querySelector(`a.term[data-term="${CSS.escape(back.dataset.back)}"]`);
      if (!use || !isPlainClick(event)) return;
      event.preventDefault();
      close();
      use.scrollIntoView({ block: "center" });
      use.focus({ preventScroll: true });
    });
  }
}
