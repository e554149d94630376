// Offers to print this page: in a frame the browser's own menu prints the course site around it.

for (const item of document.querySelectorAll("[data-print]")) {
  item.hidden = false;
  (item.closest("button") ?? item.querySelector("button")).addEventListener("click", () => window.print());
}
