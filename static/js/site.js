// The page works without this: it only moves the focus to what went wrong, and guards against double clicks.
"use strict";
document.querySelector("[data-focus]")?.focus();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Who signs out leaves no page of a survey on the phone; what waits to be sent stays
document.addEventListener("submit", ({ target }) => {
  if (!target.getAttribute("action")?.endsWith("/logout/") || !window.caches) return;
  caches.keys().then((names) => names.filter((name) => name.startsWith("terrain-tour-")).forEach((name) => caches.delete(name)));
});
