// The token opens one window only: after that the button steps back and says so.

for (const form of document.querySelectorAll("[data-new-window]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    const after = form.querySelector("[data-after]");
    after.textContent = after.dataset.after;
  });
}
