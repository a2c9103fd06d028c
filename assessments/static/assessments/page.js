// What the learner sees of the attempt: the choices, the navigator, the banner that tells the truth.

const ALERTS = { stale: "stale", "signed-out": "signed-out" };
const TONES = { saved: "success", saving: "neutral", offline: "warning" };

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

  isTyped(position) {
    return Boolean(this.questions.get(position).querySelector("[data-typed]"));
  }

  // What is chosen, or what is typed as the only one.
  chosen(position) {
    const typed = this.questions.get(position).querySelector("[data-typed]");
    if (typed) return typed.value.trim() ? [typed.value.trim()] : [];
    return [...this.questions.get(position).querySelectorAll("input:checked")].map((input) => input.value);
  }

  show(position, choices) {
    const typed = this.questions.get(position).querySelector("[data-typed]");
    // The caret stays where it is while somebody types what is already there.
    if (typed && typed.value.trim() !== (choices[0] ?? "")) typed.value = choices[0] ?? "";
    if (typed) return;
    for (const input of this.questions.get(position).querySelectorAll("input")) {
      input.checked = choices.includes(input.value);
    }
  }

  // Answered or open, flagged or not, sent or not: in the navigator and beside the question, in words as well.
  refresh({ pending, flags }) {
    let answered = 0;
    for (const [position, box] of this.questions) {
      const has = this.chosen(position).length > 0;
      const flagged = flags.has(position);
      answered += has;
      const link = document.querySelector(`[data-goto="${position}"]`);
      link.toggleAttribute("data-flagged", flagged);
      if (has) link.dataset.state = "answered";
      else delete link.dataset.state;
      const states = [this.say(has ? "Answered" : "Open"), flagged ? this.say("Flagged") : ""].filter(Boolean);
      link.querySelector("[data-goto-state]").textContent = ` ${states.join(", ")}`;
      box.querySelector("[data-flag]").setAttribute("aria-pressed", String(flagged));
      box.querySelector("[data-clear]").hidden = !has;
      const note = box.querySelector("[data-question-save]");
      note.classList.toggle("is-waiting", pending.has(position));
      note.textContent = pending.has(position) ? this.say("QuestionWaiting") : "";
    }
    document.querySelector("[data-answered]").textContent = String(answered);
    this.unanswered = this.questions.size - answered;
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
