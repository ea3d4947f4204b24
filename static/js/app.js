// app.js: what the frame needs. Everything works without it, only slower.
(function () {
  "use strict";
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content;

  // Partial updates carry the CSRF token of the page (htmx 4 gives the request's own options).
  document.addEventListener("htmx:config:request", (event) => {
    const headers = event.detail.ctx?.request?.headers;
    if (headers && token()) headers["X-CSRFToken"] = token();
  });

  // "/" or Ctrl+K: to the search box, from anywhere but a field.
  document.addEventListener("keydown", (event) => {
    const find = document.getElementById("find");
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (find && ((event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) || (event.key === "k" && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      find.focus();
      find.select();
    }
    if (event.key === "Escape") document.querySelectorAll("details.l-menu[open]").forEach((menu) => menu.removeAttribute("open"));
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.l-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
    const copy = event.target.closest?.("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
    const fill = event.target.closest?.("[data-fill]");
    if (fill) {
      for (const [id, value] of Object.entries(JSON.parse(fill.dataset.fill))) document.getElementById(id).value = value;
    }
  });

  // A select with data-submit sends its form when changed; data-confirm asks by naming the thing.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (words && !window.confirm(words)) event.preventDefault();
  });

  // Widths and places that come from the server as data (the content security policy allows no style attribute).
  const place = (root) => root.querySelectorAll("[data-style]").forEach((element) => {
    for (const rule of element.dataset.style.split(";")) {
      const [name, value] = rule.split(":");
      if (name && value) element.style.setProperty(name.trim(), value.trim());
    }
  });
  place(document);
  document.addEventListener("htmx:after:swap", () => place(document));
  document.querySelector("[data-focus]")?.focus();
})();

// A file dropped on the field is the file chosen.
document.querySelectorAll("[data-drop]").forEach((field) => {
  const input = field.querySelector("input[type=file]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    field.addEventListener(name, (event) => {
      event.preventDefault();
      field.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
});
