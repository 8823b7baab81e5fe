// The web chat. What was said, and the session, stay in localStorage until "new chat".
// Everything that comes from the server is shown by textContent; the words of this page come from data- attributes.
(() => {
  "use strict";

  const KEEP = "damso.chat";
  const KEPT_MOST = 200; // entries of the transcript
  const POLL_MS = 15000;
  const DEADLINE_MS = 20000;
  const FILE_DEADLINE_MS = 120000; // a photo over a slow line
  const RETRY_AFTER_MS = [1000, 3000];

  const $ = (id) => document.getElementById(id);
  const form = $("composer"), field = $("chat-text"), attach = $("chat-file"), log = $("log"), past = $("past");
  const words = form.dataset;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const LOCALE = words.lang === "ko" ? "ko-KR" : "en-GB";
  let state = load();
  let busy = false;
  const uploads = []; // chosen and not yet sent; a reload forgets them

  // --- what is kept ---

  function fresh() {
    return { session: null, lang: words.lang, after: 0, said: [], queue: [] };
  }

  function load() {
    try {
      return { ...fresh(), ...JSON.parse(localStorage.getItem(KEEP)) };
    } catch {
      return state || fresh(); // storage is closed or holds something else: the chat works, a reload forgets it
    }
  }

  function save() {
    state.said = state.said.slice(-KEPT_MOST);
    try {
      localStorage.setItem(KEEP, JSON.stringify(state));
    } catch { /* as above */ }
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID(); // missing where the page did not come over https
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  // --- what is shown ---

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function link(url, text) {
    const made = element("a", "", text);
    made.href = url;
    made.rel = "noopener";
    return made;
  }

  /** Append `text` to `parent`, web addresses in it as links. ASCII only, so that a Korean particle stays outside. */
  function write(parent, text) {
    let from = 0;
    for (const match of text.matchAll(/https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g)) {
      let url = match[0].replace(/[.,;:!?'\]]+$/, "");
      while (url.endsWith(")") && url.split(")").length > url.split("(").length) url = url.slice(0, -1);
      parent.append(text.slice(from, match.index), link(url, url));
      from = match.index + url.length;
    }
    parent.append(text.slice(from));
  }

  function bubble(entry) {
    const say = element("div", "say" + (entry.by === "bot" ? "" : ` say--${entry.by}`));
    if (entry.id) say.dataset.id = entry.id;
    if (entry.by === "alert") {
      const head = element("p", "row meta");
      const at = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone: words.zone });
      head.append(element("strong", "badge badge--primary", words.alert), element("time", "", at.format(new Date(entry.at))));
      say.append(head);
    }
    const text = element("p", "say__text");
    text.append(element("span", "hidden", `${entry.by === "mine" ? words.me : words.bot} `));
    write(text, entry.text);
    if (entry.lang) text.lang = entry.lang;
    say.append(text);
    if (entry.picture && entry.picture.url.startsWith("/")) {
      const picture = element("img", "say__picture");
      Object.assign(picture, { src: entry.picture.url, alt: entry.picture.alt, width: 760, height: 480 });
      if (entry.lang) picture.lang = entry.lang;
      say.append(picture);
    }
    if (entry.sources && entry.sources.length) say.append(sources(entry.sources));
    if (entry.choices && entry.choices.length) {
      const chips = element("div", "chips");
      if (entry.lang) chips.lang = entry.lang;
      for (const choice of entry.choices) {
        const chip = element("button", "chip", choice.label);
        chip.type = "button";
        chip.value = choice.value;
        chips.append(chip);
      }
      say.append(chips);
    }
    return say;
  }

  /** "2021", "2021-12" or "2021-12-30" in words. */
  function writtenDate(partial) {
    const [year, month, day] = partial.split("-");
    const parts = { year: "numeric", timeZone: "UTC" };
    if (month) parts.month = "long";
    if (day) parts.day = "numeric";
    return new Intl.DateTimeFormat(LOCALE, parts).format(new Date(`${year}-${month || "01"}-${day || "01"}`));
  }

  function sources(cited) {
    const details = element("details", "say__sources");
    const many = words.sources.replace("{count}", cited.length);
    const list = element("ul");
    for (const source of cited) {
      const item = element("li");
      item.append(/^(https?:\/)?\//.test(source.url || "") ? link(source.url, source.title) : source.title);
      if (source.as_of) item.append(" ", element("span", "meta", words.asOf.replace("{date}", writtenDate(source.as_of))));
      list.append(item);
    }
    details.append(element("summary", "", cited.length === 1 ? words.source : many), list);
    return details;
  }

  function show(entry) {
    state.said.push(entry);
    save();
    const made = bubble(entry);
    past.append(made);
    return made;
  }

  function showAll() {
    log.setAttribute("aria-live", "off"); // what was read before is not read out again
    past.replaceChildren(...state.said.map(bubble));
    setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
    $("new-chat").hidden = !state.said.length;
  }

  function toEnd() {
    const last = log.lastElementChild.id === "past" ? past.lastElementChild : log.lastElementChild;
    if (last) last.scrollIntoView({ block: "nearest", behavior: calm });
  }

  function fault(text, of = field) {
    $("chat-error").textContent = text;
    $("chat-error").hidden = !text;
    for (const control of [field, attach]) control.removeAttribute("aria-invalid");
    if (text) of.setAttribute("aria-invalid", "true");
  }

  function failed(text) {
    $("failed").firstElementChild.textContent = text;
    $("failed").hidden = !text;
    if (text) $("failed").scrollIntoView({ block: "nearest", behavior: calm });
  }

  // --- sending ---

  /** Show what the citizen said and put it in the queue, where it stays until the server has answered. */
  function send(body, said) {
    const id = newId();
    fault("");
    if (said !== undefined) {
      show({ by: "mine", text: said, id });
      $("new-chat").hidden = false;
    }
    state.queue.push({ ...body, message_id: id });
    save();
    work();
    toEnd();
  }

  async function work() {
    if (busy) return;
    busy = true;
    failed("");
    $("typing").hidden = !state.queue.length;
    while (state.queue.length || uploads.length) {
      if (!state.queue.length) {
        await upload(uploads[0]);
        uploads.shift();
        continue;
      }
      const sent = state.queue[0];
      const { answer, refused, away } = await post(sent);
      if (state.queue[0] !== sent) continue; // "new chat" was pressed meanwhile
      if (away) {
        failed(away);
        break;
      }
      state.queue.shift();
      if (answer && sent.choice === "forget_me:confirm") forget();
      if (answer) took(sent, answer);
      if (refused) takeBack(sent, refused);
      save();
    }
    $("typing").hidden = true;
    busy = false;
  }

  /** The answer, or why it was refused, or that nobody is there. A repeat carries the same message_id: one effect. */
  async function post(sent) {
    let problem = words.away;
    for (let attempt = 0; ; attempt++) {
      const body = { ...sent, lang: words.lang };
      if (state.session) body.session = state.session;
      try {
        const response = await request("/api/chat", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Accept-Language": words.lang },
          body: JSON.stringify(body),
        });
        if (response.ok) return { answer: await response.json() };
        const { detail } = await response.json().catch(() => ({}));
        if (response.status === 404 && state.session) { // the server has forgotten this session: begin anew
          state.session = null;
          state.after = 0;
          continue;
        }
        if (response.status < 500) return { refused: detail || words.away };
        problem = detail || words.away;
      } catch {
        problem = words.away;
      }
      if (attempt >= RETRY_AFTER_MS.length) return { away: problem };
      await new Promise((wake) => setTimeout(wake, RETRY_AFTER_MS[attempt]));
    }
  }

  /** Send one file. It is not tried again by itself: whoever sent it is told, and chooses it once more. */
  async function upload({ file, id }) {
    const body = new FormData();
    body.append("file", file, "file"); // its name may say more than its sender means to
    body.append("lang", words.lang);
    body.append("message_id", id);
    if (state.session) body.append("session", state.session);
    $("sending").hidden = false;
    toEnd();
    const mine = state;
    let refused = words.fileAway;
    try {
      const options = { method: "POST", headers: { "Accept-Language": words.lang }, body };
      const response = await request("/api/chat/files", options, FILE_DEADLINE_MS);
      const answer = await response.json().catch(() => ({}));
      if (state !== mine) return; // "new chat" was pressed meanwhile
      if (response.status === 404 && state.session) { // the server has forgotten this session: begin anew
        state.session = null;
        state.after = 0;
        await upload({ file, id });
        return;
      }
      if (response.ok) {
        took({ message_id: id }, answer);
        save();
        return;
      }
      refused = answer.detail || words.fileAway;
    } catch { /* nobody is there, or it took too long */ } finally {
      $("sending").hidden = true;
    }
    if (state === mine) takeBack({ message_id: id, isFile: true }, refused);
    save();
  }

  function request(url, options, deadline = DEADLINE_MS) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), deadline);
    return fetch(url, { ...options, signal: abort.signal }).finally(() => clearTimeout(timer));
  }

  function took(sent, answer) {
    state.session = answer.session;
    $("new-chat").hidden = false;
    const replies = answer.replies.map(({ text, choices, sources, picture }) => (
      show({ by: "bot", text, choices, sources, picture, lang: answer.lang })
    ));
    const top = past.querySelector(`[data-id="${sent.message_id}"]`) || replies[0];
    if (top) top.scrollIntoView({ block: "start", behavior: calm });
  }

  /** Nothing stays in the browser either, once the citizen has had everything erased. */
  function forget() {
    const left = state.queue;
    state = { ...fresh(), queue: left };
    showAll();
  }

  /** The server said no: say why under the field, and give the words back to be mended. */
  function takeBack(sent, why) {
    state.said = state.said.filter((entry) => entry.id !== sent.message_id);
    showAll();
    fault(why, sent.isFile ? attach : field);
    if (sent.text && !field.value) field.value = sent.text;
    grow();
  }

  // --- alerts ---

  async function poll() {
    if (document.hidden || !state.session || busy) return;
    const asked = state.session;
    const query = new URLSearchParams({ session: asked, after: state.after });
    try {
      const response = await request(`/api/chat/messages?${query}`, { headers: { "Accept-Language": words.lang } });
      if (!response.ok || asked !== state.session) return;
      for (const mail of (await response.json()).messages) {
        if (mail.id <= state.after) continue; // another poll was faster
        state.after = mail.id;
        show({ by: "alert", text: mail.text, choices: mail.choices, at: mail.sent_at });
      }
    } catch { /* the next poll will do */ }
  }

  // --- what the citizen does ---

  function submit() {
    const text = field.value.trim();
    if (!text) {
      fault(words.empty);
      return;
    }
    field.value = "";
    grow();
    send({ text }, text);
  }

  function grow() {
    field.rows = Math.min(6, field.value.split("\n").length);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While a Korean syllable is being composed, Enter only ends it (229 is what older Safari says then).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  log.addEventListener("click", (event) => {
    const chip = event.target.closest("button.chip");
    if (!chip) return;
    event.preventDefault();
    if (chip.closest("#prompt")) {
      chip.closest("#prompt").remove();
      history.replaceState(null, "", "/");
    }
    send({ choice: chip.value }, chip.textContent.trim());
  });
  attach.addEventListener("change", () => {
    const [file] = attach.files;
    attach.value = ""; // the same one may be chosen again
    if (!file) return;
    if (file.size > Number(words.fileMost)) {
      fault(words.fileTooLarge, attach);
      return;
    }
    const id = newId();
    fault("");
    show({ by: "mine", text: `${words.file} ${file.name}`, id });
    uploads.push({ file, id });
    work();
  });
  $("again").addEventListener("click", work);
  $("new-chat").addEventListener("click", () => {
    if (!confirm(words.sure)) return;
    state = fresh();
    save();
    showAll();
    failed("");
    fault("");
    field.focus();
  });
  addEventListener("online", work);
  addEventListener("storage", (event) => { // the same chat in another tab
    if (event.key !== KEEP || busy) return;
    state = load();
    showAll();
  });
  document.addEventListener("visibilitychange", poll);

  // --- start ---

  form.classList.add("composer--live"); // a chosen file leaves at once, so its field can be a button

  if (!state.session && form.elements.session.value) state.session = form.elements.session.value;
  if (state.session && state.lang !== words.lang) { // the page's language was switched: the answers follow it
    state.queue.push({ choice: `change_language:${words.lang}`, message_id: newId() });
  }
  state.lang = words.lang;
  save();
  if (state.said.length || !past.children.length) showAll();
  if (state.said.length || $("prompt")) toEnd();
  work();
  poll();
  setInterval(poll, POLL_MS);
})();
