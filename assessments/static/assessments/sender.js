// Sends answers one at a time and believes nothing but the server's own acknowledgement: a 200 whose JSON repeats the
// number that was sent. A portal's page, a proxy's error and silence all mean "not saved".

const TIMEOUT = 10_000;
const PAUSES = [1000, 2000, 4000, 8000, 15_000];

export class Sender {
  // urls: open, clock, save(position); told: state(name), saved(position), clock(serverNow, closesAt, messages), closed(url)
  // answerOf(position, choices): as the server takes it
  constructor({ store, urls, csrf, told, answerOf }) {
    Object.assign(this, { store, urls, csrf, told, answerOf });
    this.token = null;
    this.savedAt = null;
    this.halted = "";
    this.failures = 0;
    this.busy = false;
    this.waiting = [];
  }

  async #ask(url, fields) {
    const options = { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT), redirect: "error" };
    if (fields) {
      options.method = "POST";
      options.headers["X-CSRFToken"] = this.csrf;
      options.body = new URLSearchParams(fields);
    }
    const response = await fetch(url, options);
    const type = response.headers.get("Content-Type") ?? "";
    const data = type.includes("application/json") ? await response.json() : {};
    if (data.server_now && data.closes_at) this.told.clock(data.server_now, data.closes_at, data.messages);
    return { status: response.status, data };
  }

  #halt(reason) {
    this.halted = reason;
    this.told.state(reason);
    this.#release();
  }

  #again(state) {
    this.told.state(state);
    clearTimeout(this.timer);
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    // A whole class comes back on line at once: not all in the same second.
    this.timer = setTimeout(() => this.hurry(), pause * (0.75 + Math.random() / 2));
    this.#release();
  }

  // What any refusal means for this tab; true when it was dealt with.
  #refused({ status, data }) {
    if (status === 410 && data.code === "closed") {
      this.halted = "closed";
      this.#release();
      this.told.closed(data.result_url);
    } else if (status === 401 || (status === 404 && data.code === "not_found")) this.#halt("signed-out");
    else if (status === 409 && data.code === "stale_tab") this.#halt("stale");
    else if (status >= 400 && status < 500 && status !== 409 && status !== 429) this.#halt("refused");
    else return false;
    return true;
  }

  // Take the pen. Gives the server's questions, or null when that has to wait or is refused.
  async open() {
    if (this.opening) return null;
    this.opening = true;
    this.halted = "";
    try {
      const reply = await this.#ask(this.urls.open, {});
      if (reply.status === 200 && reply.data.tab_token) {
        this.token = reply.data.tab_token;
        this.failures = 0;
        this.passed = reply.data.passed;
        return reply.data.questions;
      }
      if (!this.#refused(reply)) this.#again("error");
    } catch {
      this.#again("offline");
    } finally {
      this.opening = false;
    }
    return null;
  }

  async clock() {
    try {
      const reply = await this.#ask(this.urls.clock);
      if (reply.status === 200) return true;
      this.#refused(reply);
    } catch {
      // The next answer or the next question about the time will tell.
    }
    return false;
  }

  // Something woke us: the line is back, the page is shown again, a pause is over.
  hurry() {
    clearTimeout(this.timer);
    if (!this.token) this.told.reopen();
    else this.pump();
  }

  async pump() {
    if (this.busy || !this.token || this.halted) return;
    this.busy = true;
    try {
      for (let next = this.store.next(); next; next = this.store.next()) {
        if (!(await this.#send(...next))) return;
      }
      this.told.state("saved");
      this.#release();
    } finally {
      this.busy = false;
    }
  }

  async #send(position, { choices, sequence }) {
    if (!this.failures) this.told.state("saving");
    this.store.markSent(position);
    let reply;
    try {
      const answer = JSON.stringify(this.answerOf(position, choices));
      reply = await this.#ask(this.urls.save(position), { answer, sequence, tab_token: this.token });
    } catch {
      this.#again("offline");
      return false;
    }
    if (reply.status === 200 && reply.data.sequence === sequence) {
      this.failures = 0;
      this.savedAt = reply.data.saved_at;
      this.store.acknowledge(position, sequence);
      this.told.saved(position);
      return true;
    }
    if (reply.status === 409 && reply.data.code === "superseded") {
      this.store.renumber(position, reply.data.sequence);
      return true;
    }
    if (reply.status === 409 && reply.data.code === "passed") this.told.reopen();
    else if (!this.#refused(reply)) this.#again("error");
    return false;
  }

  #release() {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  // Resolves when everything is sent, or when it is clear that it cannot be now.
  async settled() {
    if (!this.store.pending.size || this.halted) return;
    const done = new Promise((resolve) => this.waiting.push(resolve));
    this.hurry();
    await done;
  }
}
