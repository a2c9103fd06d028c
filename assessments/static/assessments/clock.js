// Time left by the server's clock. It runs on the page's monotonic clock between two words from the server, so that a
// wrong or moved clock on the device changes nothing; a sleeping machine is noticed, and the server asked.

const TICK = 500;
const SLEPT = 5000;
const MINUTE = 60_000;
const SHORT = 5 * 60;
const pad = (value) => String(value).padStart(2, "0");

export class Clock {
  // told: minutes(5 or 1), woke(), ended()
  constructor({ box, seconds, told }) {
    this.box = box;
    this.told = told;
    this.end = performance.now() + seconds * 1000;
    this.due = [5, 1].filter((minutes) => minutes * 60 < seconds);
    this.seen = Date.now();
    this.#run();
    this.tick();
  }

  #run() {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), TICK);
    this.stopped = false;
  }

  sync(serverNow, closesAt) {
    const before = this.end;
    this.end = performance.now() + (closesAt - serverNow);
    // More time was given: the last minutes are told again, and a clock that had run out runs on.
    if (this.end > before + MINUTE / 2) this.due = [5, 1].filter((minutes) => minutes * 60 < this.left);
    if (this.stopped && this.left > 0) {
      this.#run();
      this.tick();
    }
  }

  get left() {
    return Math.max(0, Math.ceil((this.end - performance.now()) / 1000));
  }

  tick() {
    const { left } = this;
    const hours = Math.floor(left / 3600);
    const rest = `${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}`;
    this.box.querySelector("[data-clock]").textContent = hours ? `${hours}:${rest}` : rest;
    this.box.classList.toggle("is-short", left <= SHORT);
    if (this.due.length && left <= this.due[0] * 60) this.told.minutes(this.due.shift());
    const now = Date.now();
    if (Math.abs(now - this.seen) > SLEPT) this.told.woke();
    this.seen = now;
    if (left === 0) {
      clearInterval(this.timer);
      this.stopped = true;
      this.told.ended();
    }
  }
}
