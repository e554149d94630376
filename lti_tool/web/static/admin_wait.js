// Forms whose answer takes seconds: the button says so and takes no second press, and a sentence says what happens.
import { busy, isBusy } from "./buttons.js";

for (const form of document.querySelectorAll("form[data-wait]")) {
  const button = form.querySelector("button");
  const said = form.querySelector("[data-wait-said]");
  let ready = () => {};
  form.addEventListener("submit", (event) => {
    if (isBusy(button)) {
      event.preventDefault();
      return;
    }
    ready = busy(button, form.dataset.wait);
    said.textContent = form.dataset.waitText;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return; // come back to by the browser's own way back
    ready();
    said.textContent = "";
  });
}
