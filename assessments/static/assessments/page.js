// What the learner sees of the attempt: the choices, the navigator, the banner that tells the truth.

const ALERTS = { stale: "stale", "signed-out": "signed-out" };
const TONES = { saved: "success", saving: "neutral", offline: "warning" };

const parted = (text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];

export class Page {
  constructor(paper) {
    this.paper = paper;
    this.words = paper.dataset;
    this.banner = document.querySelector("[data-save-state]");
    this.announcement = document.querySelector("[data-announce]");
    this.questions = new Map(
      [...paper.querySelectorAll("[data-question]")].map((box) => [Number(box.dataset.question), box]),
    );
    for (const box of this.questions.values()) box.querySelector("[data-tools]").hidden = false;
  }

  // "Saved {time}" with values put in; text only, never markup.
  say(name, values = {}) {
    const text = this.words[`text${name}`] ?? "";
    return Object.entries(values).reduce((words, [key, value]) => words.replace(`{${key}}`, String(value)), text);
  }

  announce(text) {
    this.announcement.textContent = text;
  }

  #isFile(position) {
    return this.questions.get(position).dataset.kind === "file";
  }

  #slots(position) {
    return [...this.questions.get(position).querySelectorAll("[data-slot]")];
  }

  #typed(position) {
    return this.questions.get(position).querySelector("[data-typed]:not([data-slot])");
  }

  // An answer is kept as a list of texts whatever the question: ids of choices, what is typed, or "slot=value".
  chosen(position) {
    if (this.#isFile(position)) return this.files.chosen(this.questions.get(position));
    const typed = this.#typed(position);
    if (typed) return typed.value.trim() ? [typed.value.trim()] : [];
    const slots = this.#slots(position);
    if (slots.length) return slots.filter((slot) => slot.value.trim()).map((slot) => `${slot.dataset.slot}=${slot.value.trim()}`);
    return [...this.questions.get(position).querySelectorAll("input:checked")].map((input) => input.value);
  }

  show(position, choices) {
    if (this.#isFile(position)) return void this.files.show(this.questions.get(position), choices);
    const typed = this.#typed(position);
    // The caret stays where it is while somebody types what is already there.
    const write = (field, text) => field.value.trim() === text || (field.value = text);
    if (typed) return void write(typed, choices[0] ?? "");
    const fills = Object.fromEntries(choices.map(parted));
    for (const slot of this.#slots(position)) write(slot, fills[slot.dataset.slot] ?? "");
    for (const input of this.questions.get(position).querySelectorAll("input:not([data-slot])")) {
      input.checked = choices.includes(input.value);
    }
  }

  // As the server takes it …
  answerOf(position, choices) {
    if (this.#isFile(position)) return { files: choices };
    if (this.#typed(position)) return { text: choices[0] ?? "" };
    if (this.#slots(position).length) return { fills: Object.fromEntries(choices.map(parted)) };
    return { choices };
  }

  // … and as it is kept here. What is written may be anything; of what is chosen, only what is offered here fits.
  kept({ answer, choices }) {
    if ("text" in answer) return { choices: null, answer: { choices: answer.text ? [answer.text] : [] } };
    if ("files" in answer) return { choices: null, answer: { choices: answer.files } };
    if ("fills" in answer) {
      return { choices: null, answer: { choices: Object.entries(answer.fills).map(([slot, value]) => `${slot}=${value}`) } };
    }
    return { choices, answer };
  }

  // Answered or open, flagged or not, sent or not: in the navigator and beside the question, in words as well.
  refresh({ pending, flags }) {
    let answered = 0;
    for (const [position, box] of this.questions) {
      const chosen = this.chosen(position);
      const has = chosen.length >= Math.max(1, this.#slots(position).length);
      const flagged = flags.has(position);
      answered += has;
      const link = document.querySelector(`[data-goto="${position}"]`);
      // Where there is no way back nothing leads from question to question.
      if (link) this.#mark(link, { has, flagged });
      box.querySelector("[data-flag]").setAttribute("aria-pressed", String(flagged));
      box.querySelector("[data-clear]").hidden = !chosen.length;
      const note = box.querySelector("[data-question-save]");
      note.classList.toggle("is-waiting", pending.has(position));
      note.textContent = pending.has(position) ? this.say("QuestionWaiting") : "";
    }
    const all = answered + Number(this.words.answeredBefore);
    document.querySelector("[data-answered]").textContent = String(all);
    this.unanswered = Number(this.words.total) - all;
  }

  #mark(link, { has, flagged }) {
    link.toggleAttribute("data-flagged", flagged);
    if (has) link.dataset.state = "answered";
    else delete link.dataset.state;
    const states = [this.say(has ? "Answered" : "Open"), flagged ? this.say("Flagged") : ""].filter(Boolean);
    link.querySelector("[data-goto-state]").textContent = ` ${states.join(", ")}`;
  }

  // name: saved, saving, offline, error, stale, signed-out, refused, closing, closing-offline
  state(name, { count = 0, savedAt = null } = {}) {
    const text = this.#stateText(name, count, savedAt);
    const view = name in TONES ? name : name.startsWith("closing") ? "saving" : "error";
    const before = this.banner.dataset.saveState;
    this.banner.dataset.saveState = name;
    this.banner.className = `save-state attempt-save tone-${TONES[name] ?? (view === "saving" ? "neutral" : "danger")}`;
    for (const icon of this.banner.querySelectorAll("[data-view]")) icon.hidden = icon.dataset.view !== view;
    this.banner.querySelector("[data-save-text]").textContent = text;
    for (const alert of document.querySelectorAll('[data-alert]:not([data-alert="notice"])')) {
      alert.hidden = alert.dataset.alert !== ALERTS[name];
    }
    this.lock(name === "stale" || name.startsWith("closing"));
    // Each save aloud would drown the questions: only trouble and its end are spoken.
    const calm = ["saved", "saving"];
    if (name !== before && (!calm.includes(name) || (name === "saved" && !calm.includes(before)))) this.announce(text);
  }

  #stateText(name, count, savedAt) {
    if (name === "saved") {
      if (!savedAt) return this.say("Ready");
      const time = new Date(savedAt).toLocaleTimeString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour12: false });
      return this.say("Saved", { time });
    }
    if (name === "offline") return count ? this.say("Offline", { count }) : this.say("OfflineNone");
    const key = name.replace(/(^|-)(\w)/g, (_match, _dash, letter) => letter.toUpperCase());
    return this.say(key, { count });
  }

  lock(locked) {
    for (const box of this.questions.values()) box.querySelector("fieldset").disabled = locked;
  }

  notice(text) {
    const alert = document.querySelector('[data-alert="notice"]');
    alert.querySelector("[data-notice]").textContent = text;
    alert.hidden = false;
  }

  goTo(position) {
    const box = this.questions.get(position);
    box.scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
  }
}
