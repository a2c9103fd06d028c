// Tells the server, in small batches, when the page was left and what was pasted: for people to look at, never a verdict.
// On a path of its own: nothing waits for it, and what cannot be sent is dropped.

const BATCH = 20;
const EVERY = 15_000;
const SHORTEST = 2; // seconds away that say nothing

export class Signals {
  constructor({ paper, url, csrf }) {
    Object.assign(this, { url, csrf });
    this.waiting = [];
    this.leftAt = null;
    document.addEventListener("visibilitychange", () => this.#turned());
    paper.addEventListener("paste", (event) => this.#pasted(event));
    setInterval(() => this.send(), EVERY);
  }

  #turned() {
    if (document.visibilityState === "hidden") {
      this.leftAt = performance.now();
      this.send();
    } else if (this.leftAt !== null) {
      const seconds = Math.round((performance.now() - this.leftAt) / 1000);
      this.leftAt = null;
      if (seconds >= SHORTEST) this.#note({ kind: "hidden", seconds });
    }
  }

  #pasted(event) {
    const position = Number(event.target.closest?.("[data-question]")?.dataset.question ?? 0);
    const characters = event.clipboardData?.getData("text").length ?? 0;
    if (position) this.#note({ kind: "paste", position, characters });
  }

  #note(signal) {
    if (this.waiting.length < BATCH) this.waiting.push(signal);
  }

  async send() {
    if (!this.waiting.length) return;
    const signals = JSON.stringify(this.waiting.splice(0));
    try {
      await fetch(this.url, {
        method: "POST",
        keepalive: true,
        redirect: "error",
        headers: { Accept: "application/json", "X-CSRFToken": this.csrf },
        body: new URLSearchParams({ signals }),
      });
    } catch {
      // Off line: answers matter, signals do not.
    }
  }
}
