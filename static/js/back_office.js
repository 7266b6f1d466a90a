// The lists with search of the admin (select2) get the name of their field: they come without one.
"use strict";
function nameLists() {
  document.querySelectorAll(".select2-selection").forEach((list) => {
    const select = list.closest(".select2")?.previousElementSibling;
    const label = select?.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (!label) return;
    label.id ||= `${select.id}_label`;
    const shown = list.querySelector(".select2-selection__rendered");
    shown?.setAttribute("aria-labelledby", label.id);
    list.setAttribute("aria-labelledby", shown?.id ? `${label.id} ${shown.id}` : label.id);
  });
}
// select2 dresses a list whenever jQuery gets to it, before or after the page has loaded
new MutationObserver(nameLists).observe(document.body, { childList: true, subtree: true });
nameLists();
// « / » goes to the search box of the page, as long as nobody is typing
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], .select2-container")) return;
  const box = document.querySelector("[data-search], #searchbar");
  const page = document.querySelector("[data-search-page]");
  if (!box && !page) return;
  event.preventDefault();
  if (!box) return page.click();
  box.focus();
  box.select();
});
// The box of a long filter offers the names that begin as what is typed
document.querySelectorAll("input[data-names]").forEach((box) => {
  let asked = "";
  box.addEventListener("input", async () => {
    const term = box.value.trim();
    if (term.length < 2 || term === asked) return;
    asked = term;
    const answer = await fetch(`${box.dataset.names}&term=${encodeURIComponent(term)}`);
    if (!answer.ok || term !== asked) return;
    const { results } = await answer.json();
    box.list.replaceChildren(...results.map((row) => new Option(row.text, row.text)));
  });
});
// What was refused is read first
document.querySelector("[data-focus]")?.focus();

// Who signs out leaves no page of a survey on the phone; what waits to be sent stays
document.addEventListener("submit", ({ target }) => {
  if (!target.getAttribute("action")?.endsWith("/logout/") || !window.caches) return;
  caches.keys().then((names) => names.filter((name) => name.startsWith("terrain-tour-")).forEach((name) => caches.delete(name)));
});
