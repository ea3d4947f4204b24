// find.js: the search box on top as a combobox; without it Enter opens the list with what was typed.
(function () {
  "use strict";
  const input = document.getElementById("find");
  const results = document.getElementById("find-results");
  if (!input || !results) return;
  const options = () => [...results.querySelectorAll("a[role=option]")];
  let at = -1;

  function open(is) { input.setAttribute("aria-expanded", String(is)); results.hidden = !is; }
  function point(index) {
    const all = options();
    all.forEach((option) => option.setAttribute("aria-selected", "false"));
    at = all.length ? (index + all.length) % all.length : -1;
    if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
    all[at].setAttribute("aria-selected", "true");
    all[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[at].id);
  }
  function close() { open(false); at = -1; input.removeAttribute("aria-activedescendant"); }

  document.addEventListener("htmx:after:swap", (event) => {
    if (!results.childElementCount) { close(); return; }
    if (document.activeElement === input) { at = -1; input.removeAttribute("aria-activedescendant"); open(true); }
  });
  input.addEventListener("focus", () => { if (results.childElementCount) open(true); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const shown = input.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowDown" && results.childElementCount) { event.preventDefault(); open(true); point(at + 1); }
    else if (event.key === "ArrowUp" && shown) { event.preventDefault(); point(at < 0 ? -1 : at - 1); }
    else if (event.key === "Enter" && shown && at >= 0) { event.preventDefault(); options()[at].click(); }
    else if (event.key === "Escape") {
      if (shown) { event.preventDefault(); close(); } else { input.blur(); }
    }
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".l-find")) close(); });
  input.form.addEventListener("focusout", (event) => { if (!input.form.contains(event.relatedTarget)) setTimeout(close, 150); });
})();
