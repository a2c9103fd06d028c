// What supervisors do while the page is open: more time, and their messages, which stay until they are dismissed.

export class Told {
  // page: say, announce; box holds a <template>; storage may be null
  constructor({ box, page, key, storage }) {
    Object.assign(this, { box, page, key, storage });
    this.closesAt = null;
    this.shown = new Set();
    this.dismissed = new Set(this.#read());
  }

  #read() {
    try {
      return JSON.parse(this.storage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  #keep() {
    try {
      this.storage.setItem(this.key, JSON.stringify([...this.dismissed]));
    } catch {
      // Full or forbidden: the message comes back with the next reload.
    }
  }

  // From every answer that carries the clock.
  heard(closesAt, messages = []) {
    if (this.closesAt && closesAt > this.closesAt) {
      const minutes = Math.round((closesAt - this.closesAt) / 60_000);
      const words = this.page.say("Extended", { minutes, time: this.#time(closesAt) });
      this.#show(`end-${closesAt}`, this.page.say("ExtendedTitle"), words);
    }
    this.closesAt = closesAt;
    for (const { id, text, sent_at: sentAt } of messages) {
      const title = this.page.say("MessageTitle", { time: this.#time(sentAt) });
      if (!this.dismissed.has(id)) this.#show(id, title, text);
    }
  }

  #time(moment) {
    return new Date(moment).toLocaleTimeString("vi-VN", {
      timeZone: "Asia/Ho_Chi_Minh",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
  }

  #show(id, title, text) {
    if (this.shown.has(id)) return;
    this.shown.add(id);
    const alert = this.box.querySelector("template").content.firstElementChild.cloneNode(true);
    alert.querySelector("[data-told-title]").textContent = title;
    alert.querySelector("[data-told-text]").textContent = text;
    alert.querySelector("[data-told-dismiss]").addEventListener("click", () => {
      alert.remove();
      this.dismissed.add(id);
      this.#keep();
      (this.box.querySelector("[data-told-dismiss]") ?? this.box).focus();
    });
    this.box.append(alert);
    this.page.announce(`${title}: ${text}`);
  }
}
