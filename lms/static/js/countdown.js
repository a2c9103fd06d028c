// Time left in an attempt. It counts from the seconds the server gave, by the page's monotonic clock, so a wrong
// or moved clock on the device changes nothing. The server decides in any case.

const ANNOUNCED_MINUTES = [10, 5, 1];
const SHORT_SECONDS = 5 * 60;
const pad = (value) => String(value).padStart(2, "0");

function shown(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = pad(seconds % 60);
  return hours ? `${hours}:${pad(minutes)}:${rest}` : `${pad(minutes)}:${rest}`;
}

for (const countdown of document.querySelectorAll("[data-countdown]")) {
  const clock = countdown.querySelector("[data-clock]");
  const announcement = countdown.querySelector("[data-announce]");
  const end = performance.now() + Number(countdown.dataset.countdown) * 1000;
  const due = ANNOUNCED_MINUTES.filter((minute) => minute * 60 < Number(countdown.dataset.countdown));

  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    clock.textContent = shown(left);
    countdown.classList.toggle("is-short", left <= SHORT_SECONDS);
    if (due.length && left <= due[0] * 60) {
      announcement.textContent = `${countdown.dataset.leftText} ${shown(due.shift() * 60)}`;
    }
    if (left === 0) {
      clearInterval(timer);
      countdown.dispatchEvent(new CustomEvent("countdown:end", { bubbles: true }));
    }
  };
  const timer = setInterval(tick, 500);
  tick();
}
