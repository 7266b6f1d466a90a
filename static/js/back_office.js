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
