// form_draft.js: what is typed into a form[data-draft] is kept in this browser until the server has saved it.
// A lost session, a lost connection or a closed tab cost nothing: the form is filled again when it opens.
// data-draft: key, by person and record. data-typed="yes": the server shows what was just typed; not to be overwritten.
// data-draft-rows: rows come and go, so the server draws the form again from what was kept (step=restore).
(function () {
  "use strict";
  const PREFIX = "crm-draft:";
  const MOST_DAYS = 14;
  const zh = document.documentElement.lang.startsWith("zh");
  const words = {
    kept: (time) => (zh ? `草稿已存 ${time}` : `Draft kept ${time}`),
    restored: (time) => (zh ? `已恢复 ${time} 未保存的内容。` : `Restored what was not saved at ${time}.`),
    discard: zh ? "放弃草稿" : "Discard draft",
  };
  const skipped = new Set(["csrf_token", "step"]);

  function read(key) {
    try {
      const kept = JSON.parse(localStorage.getItem(PREFIX + key));
      return kept && Date.now() - kept.at < MOST_DAYS * 864e5 ? kept : null;
    } catch {
      return null;
    }
  }
  function forget(key) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      /* no storage: nothing was kept */
    }
  }
  function clock(at) {
    const moment = new Date(at);
    const time = `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
    const day = `${moment.getFullYear()}-${String(moment.getMonth() + 1).padStart(2, "0")}-${String(moment.getDate()).padStart(2, "0")}`;
    return new Date().toDateString() === moment.toDateString() ? time : `${day} ${time}`;
  }
  const entries = (form) => [...new FormData(form)].filter(([name, value]) => !skipped.has(name) && typeof value === "string");
  const same = (a, b) => JSON.stringify(a.filter(([name]) => name !== "form_key")) === JSON.stringify(b.filter(([name]) => name !== "form_key"));

  function keep(form) {
    try {
      localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), entries: entries(form) }));
    } catch {
      return;
    }
    const note = document.querySelector("[data-draft-time]");
    if (note) note.textContent = words.kept(clock(Date.now()));
  }

  function tell(form, kept) {
    const note = form.querySelector("[data-draft-note]");
    if (!note) return;
    const strip = document.createElement("div");
    strip.className = "l-message is-run";
    const text = document.createElement("span");
    text.textContent = words.restored(clock(kept.at));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "l-btn sm";
    button.textContent = words.discard;
    button.addEventListener("click", () => {
      forget(form.dataset.draft);
      form.dataset.draft = "";
      location.reload();
    });
    strip.append(text, button);
    note.replaceChildren(strip);
  }

  function fill(form, kept) {
    for (const [name, value] of kept.entries) {
      const field = form.elements.namedItem(name);
      if (!field) continue;
      if (field instanceof RadioNodeList) [...field].forEach((option) => (option.checked = option.value === value));
      else field.value = value;
    }
    tell(form, kept);
  }

  async function redraw(form, kept) {
    const body = new URLSearchParams([...kept.entries, ["step", "restore"]]);
    const token = document.querySelector('meta[name="csrf-token"]')?.content || "";
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token } });
    } catch {
      return;
    }
    if (!answer.ok) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-draft]");
    if (!drawn) return;
    form.replaceWith(drawn);
    window.htmx?.process(drawn);
    tell(drawn, kept);
  }

  let timer = 0;
  const changed = (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form?.dataset.draft) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 400);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    if (event.target.matches?.("form[data-draft]") && event.target.dataset.draft) keep(event.target);
  });
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("form[data-draft-rows]");
    if (form?.dataset.draft) keep(form);
  });
  // A page left while the timer runs still keeps the last words.
  window.addEventListener("pagehide", () => {
    if (!timer) return;
    const form = document.querySelector("form[data-draft]");
    if (form?.dataset.draft && !form.dataset.sent) keep(form);
  });

  const saved = document.querySelector("[data-draft-saved]")?.dataset.draftSaved;
  if (saved) forget(saved);
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const kept = read(form.dataset.draft);
  if (form.dataset.typed === "yes") keep(form);
  else if (kept && !same(kept.entries, entries(form))) form.hasAttribute("data-draft-rows") ? redraw(form, kept) : fill(form, kept);
})();
