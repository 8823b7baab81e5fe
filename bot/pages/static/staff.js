// The console works without this. It keeps the numbers fresh, says who else looks at a suggestion, and knows some keys.
(() => {
  "use strict";

  const COUNTS_MS = 30000;
  const MOVES_MS = 3000;
  const LOOKING_MS = 20000; // flows/reviewing/looking.py: SEEN_EVERY
  const KEYS = "damso.keys";

  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /** Call `ask` every `ms` while somebody can see the page, and at once when they come back to it. */
  function whileSeen(ms, ask) {
    let stopped = false;
    const due = async () => {
      if (stopped || document.hidden) return;
      try {
        stopped = (await ask()) === false;
      } catch { /* no connection: the next call may have one */ }
    };
    setInterval(due, ms);
    document.addEventListener("visibilitychange", due);
  }

  /** The page at `url`; null once the session has ended, for then it is the page to sign in on. */
  async function read(url, options) {
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(10000) });
    if (response.redirected || response.status === 403) return null;
    if (!response.ok) throw new Error(String(response.status));
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  // --- numbers ---

  const live = $("#live");

  whileSeen(COUNTS_MS, async () => {
    const fresh = await read(`/staff/queue/counts?newest=${live ? live.dataset.newest : ""}`);
    if (!fresh) return false;
    for (const to of all("[data-live]")) {
      const from = $(`[data-live="${to.dataset.live}"]`, fresh);
      // Only what differs is touched, so that a screen reader hears of what is new and of nothing else.
      if (from && from.textContent !== to.textContent) to.textContent = from.textContent;
      const badge = to.closest("[data-badge]");
      if (badge) badge.hidden = to.textContent === "0";
    }
    if (live) document.title = document.title.replace(/\(\d+\)/, `(${$('[data-live="waiting"]', live).textContent})`);
  });

  // --- a page that moves by itself ---

  const moving = all("[data-refresh]");

  if (moving.length && !$("[data-over]")) {
    whileSeen(MOVES_MS, async () => {
      const fresh = await read(location.pathname);
      if (!fresh) return false;
      for (const [place, now] of all("[data-refresh]", fresh).entries()) {
        const part = moving[place];
        if (part.innerHTML === now.innerHTML) continue; // a button that stays is not taken from under a finger
        const holds = part.contains(document.activeElement);
        part.replaceChildren(...now.childNodes);
        if (holds) $("button", part)?.focus();
      }
      return !$("[data-over]", fresh);
    });
  }

  // --- who else looks ---

  const looking = $("[data-looking]");

  if (looking) {
    whileSeen(LOOKING_MS, async () => {
      const body = new URLSearchParams({ csrf: $('input[name="csrf"]').value });
      const fresh = await read(looking.dataset.looking, { method: "POST", body });
      if (!fresh) return false;
      const said = $("[data-looking]", fresh).textContent;
      if (said !== looking.textContent) looking.textContent = said;
    });
  }

  // --- selecting rows ---

  const queue = $('[data-keys="queue"]');
  for (const hidden of all("[data-script]")) hidden.hidden = false;

  if (queue) {
    const boxes = all('input[name="chosen"]', queue);
    const everything = $('[data-key="all"]', queue), selected = $("[data-selected]", queue);

    const count = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      selected.textContent = ticked ? selected.dataset.selected.replace("{count}", ticked) : "";
      everything.checked = ticked === boxes.length;
      everything.indeterminate = ticked > 0 && ticked < boxes.length;
    };

    everything.addEventListener("change", () => {
      for (const box of boxes) box.checked = everything.checked;
      count();
    });
    queue.addEventListener("change", count);
    count(); // a browser that goes back keeps what was ticked
  }

  // --- keys ---

  const toggle = $('[data-key="switch"]'), help = $('[data-key="help"]');
  if (!toggle) return;
  const rows = all('[data-key="row"]');
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));

  try {
    toggle.checked = localStorage.getItem(KEYS) !== "off";
  } catch { /* storage is closed: the keys work, and cannot be switched off for longer than this page */ }
  toggle.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS, toggle.checked ? "on" : "off");
    } catch { /* as above */ }
  });

  function go(step) {
    const at = here();
    const to = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (to) $("a", to).focus();
  }

  const DO = {
    j: () => go(1),
    k: () => go(-1),
    x: () => { const row = rows[here()]; if (row) $('input[name="chosen"]', row).click(); },
    a: () => { const take = rows[here()] && $('[data-key="take"]', rows[here()]); if (take) take.click(); },
    "/": () => $('[data-key="search"]').focus(),
    "?": () => { help.open = !help.open; if (help.open) $("summary", help).focus(); },
  };

  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("textarea, select, [contenteditable], input:not([type=checkbox])");
    if (!toggle.checked || writes || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!Object.hasOwn(DO, event.key)) return;
    event.preventDefault();
    DO[event.key]();
  });
})();
