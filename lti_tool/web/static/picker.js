// Says how much is chosen. The sentences come with the page, one for each number, because languages count differently.

const form = document.querySelector("[data-picker]");
const status = form.querySelector("[data-counts]");
const counts = JSON.parse(status.dataset.counts);
const columnCounts = JSON.parse(status.dataset.columnCounts);

function tell() {
  const chosen = [...form.querySelectorAll("[name=item]:checked")];
  const columns = chosen.filter((one) => "column" in one.dataset).length;
  status.textContent = chosen.length ? `${counts[chosen.length]} ${columnCounts[columns]}` : counts[0];
}

form.addEventListener("change", tell);
window.addEventListener("pageshow", tell); // a browser that comes back may have kept what was ticked
tell();
