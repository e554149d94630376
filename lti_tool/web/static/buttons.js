/** Shows that a button is at work and makes it deaf; returns the way back. It keeps the focus, so `disabled` is not used. */
export function busy(button, text) {
  const content = [...button.childNodes];
  button.setAttribute("aria-disabled", "true");
  button.replaceChildren(text);
  return () => {
    button.removeAttribute("aria-disabled");
    button.replaceChildren(...content);
  };
}

export function isBusy(button) {
  return button?.getAttribute("aria-disabled") === "true";
}
