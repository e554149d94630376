// Buttons that copy the field beside them. Without scripts there are none, and the field is selected by hand.

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy"); // in a frame that may not use the clipboard
  }
}

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const word = button.firstChild;
  const said = word.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    word.textContent = (await copy(field)) ? button.dataset.done : button.dataset.failed;
  });
  button.addEventListener("blur", () => {
    word.textContent = said;
  });
}
for (const field of document.querySelectorAll(".copied input")) {
  field.addEventListener("focus", () => field.select());
}
