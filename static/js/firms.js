// firms.js: keys and selection in the list of firms, the way back to it; townships that follow the district.
(function () {
  "use strict";
  const list = document.querySelector("[data-list]");
  if (list) keysAndSelection(list);
  else if (document.querySelector("[data-firm-page]")) escapeToList();
  document.querySelectorAll("[data-district]").forEach(followDistrict);

  function keysAndSelection(form) {
    const rows = [...form.querySelectorAll("tr[data-row]")];
    const bulk = form.querySelector("[data-bulk]");
    const store = "firms:" + form.dataset.key;
    const place = "firms-place:" + form.dataset.key;
    const picked = new Set(JSON.parse(sessionStorage.getItem(store) || "[]"));
    const box = (row) => row.querySelector("input[name=firm]");
    const link = (row) => row.querySelector("a.firm");
    let at = rows.findIndex((row) => row.dataset.row === sessionStorage.getItem(place));

    function point(index, focus) {
      if (!rows.length) return;
      rows[at]?.classList.remove("cur");
      at = Math.max(0, Math.min(rows.length - 1, index));
      rows[at].classList.add("cur");
      sessionStorage.setItem(place, rows[at].dataset.row);
      if (focus) { link(rows[at]).focus(); rows[at].scrollIntoView({ block: "nearest" }); }
    }
    if (at >= 0) { rows[at].classList.add("cur"); rows[at].scrollIntoView({ block: "nearest" }); }
    sessionStorage.setItem("firms-list", location.pathname + location.search);

    function show() {
      rows.forEach((row) => {
        const on = picked.has(row.dataset.row);
        if (box(row)) box(row).checked = on;
        row.setAttribute("aria-selected", String(on));
      });
      sessionStorage.setItem(store, JSON.stringify([...picked]));
      if (!bulk) return;
      const every = bulk.querySelector("[data-everything]").checked;
      const here = rows.filter((row) => picked.has(row.dataset.row)).length;
      const away = picked.size - here;
      const count = bulk.querySelector("[data-bulk-count]");
      const words = away && !every ? count.dataset.wordsPages : count.dataset.words;
      count.dataset.empty ??= count.textContent;
      const number = every ? Number(form.dataset.total) : picked.size;
      count.textContent = number ? words.replace("{n}", number.toLocaleString()).replace("{m}", away) : count.dataset.empty;
      bulk.querySelector("[data-bulk-clear]").hidden = !number;
      const all = form.querySelector("[data-pick-all]");
      if (all) { all.checked = here > 0 && here === rows.length; all.indeterminate = here > 0 && here < rows.length; }
    }
    function pick(row, on) { on ? picked.add(row.dataset.row) : picked.delete(row.dataset.row); }

    form.addEventListener("change", (event) => {
      const row = event.target.closest("tr[data-row]");
      if (row && event.target.name === "firm") { pick(row, event.target.checked); point(rows.indexOf(row), false); }
      if (event.target.matches("[data-pick-all]")) rows.forEach((each) => pick(each, event.target.checked));
      show();
    });
    form.addEventListener("click", (event) => {
      if (event.target.closest("[data-bulk-clear]")) {
        picked.clear();
        bulk.querySelector("[data-everything]").checked = false;
        show();
        return;
      }
      const row = event.target.closest("tr[data-row]");
      if (!row) return;
      point(rows.indexOf(row), false);
      if (!event.target.closest("a, button, input, label, select, .l-pick") && !window.getSelection()?.toString()) link(row).click();
    });
    form.addEventListener("submit", () => {
      const here = new Set(rows.map((row) => row.dataset.row));
      for (const id of picked) {
        if (here.has(id)) continue;
        const input = document.createElement("input");
        Object.assign(input, { type: "hidden", name: "firm", value: id });
        form.append(input);
      }
      sessionStorage.removeItem(store);
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], details[open]");
      if (typing) return;
      const inside = event.target === document.body || form.contains(event.target) || event.target.id === "main";
      if (!inside) return;
      if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); point(at + 1, true); }
      else if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); point(at < 0 ? 0 : at - 1, true); }
      else if (event.key === "x" && at >= 0 && box(rows[at])) { event.preventDefault(); pick(rows[at], !picked.has(rows[at].dataset.row)); show(); }
      else if (event.key === "Enter" && at >= 0 && event.target === document.body) link(rows[at]).click();
      else if (event.key === "Escape" && picked.size) { picked.clear(); show(); }
    });
    show();
  }

  // Escape on a firm's page returns to the list as it was left.
  function escapeToList() {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.target.closest?.("input, textarea, select, details[open]")) return;
      if (document.querySelector("details.l-menu[open]")) return;
      const address = sessionStorage.getItem("firms-list");
      if (address) location.assign(address);
    });
  }

  // Only the townships of the chosen district stay to be chosen.
  function followDistrict(select) {
    const townships = document.getElementById(select.dataset.district);
    if (!townships) return;
    const follow = () => {
      const name = select.selectedOptions[0]?.textContent;
      townships.querySelectorAll("optgroup").forEach((group) => {
        if (group.querySelector('option[value=""]')) return;
        const mine = !select.value || group.label === name;
        group.hidden = group.disabled = !mine;
        if (!mine && group.contains(townships.selectedOptions[0])) townships.value = "";
      });
    };
    select.addEventListener("change", follow);
    follow();
  }
})();
