// Reading of a lesson: where the learner is in the text is saved as it happens. The server measures the time; a message
// that does not arrive is sent again, only ever with the newest place.

const text = document.querySelector("[data-lesson-save]");
const status = document.querySelector("[data-lesson-status]");
const resume = document.querySelector("[data-lesson-resume]");

const EVERY_SECONDS = 15;
const IDLE_SECONDS = 90; // nobody scrolled, typed or pointed: nobody reads
const LONGEST_PAUSE_SECONDS = 60;

let lastActivity = Date.now();
let pause = EVERY_SECONDS;
let timer = 0;
let stopped = false;
let moved = false;

// 0 at the beginning of the text, 100 when its end is on the screen.
function place() {
  if (!moved) return Number(text.dataset.lessonPosition); // still at the top: what was saved before stays
  const box = text.getBoundingClientRect();
  const way = box.height - window.innerHeight;
  if (way <= 0) return 100;
  return Math.round(Math.min(100, Math.max(0, (-box.top / way) * 100)));
}

function message() {
  return new URLSearchParams({
    position: String(place()),
    csrfmiddlewaretoken: document.querySelector('meta[name="csrf-token"]')?.content ?? "",
  });
}

function say(name) {
  const words = status?.dataset[name] ?? "";
  if (status && status.textContent !== words) status.textContent = words;
}

function plan() {
  clearTimeout(timer);
  if (!stopped) timer = setTimeout(save, pause * 1000);
}

function stop(reason) {
  stopped = true;
  clearTimeout(timer);
  say(reason);
}

async function save() {
  if (stopped) return;
  const idle = Date.now() - lastActivity > IDLE_SECONDS * 1000;
  if (document.hidden || idle) {
    plan();
    return;
  }
  try {
    const response = await fetch(text.dataset.lessonSave, {
      method: "POST",
      body: message(),
      redirect: "manual",
      credentials: "same-origin",
    });
    if (response.status === 204) {
      pause = EVERY_SECONDS;
      say("saved");
    } else if (response.status === 409) {
      stop("closed");
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      stop("signedOut");
    } else {
      throw new Error(String(response.status));
    }
  } catch {
    say("offline");
    pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS);
  }
  plan();
}

if (text) {
  const start = Number(text.dataset.lessonPosition);
  if (resume && start > 3 && start < 97 && !location.hash) {
    resume.hidden = false;
    resume.querySelector("button").addEventListener("click", () => {
      const box = text.getBoundingClientRect();
      const top = window.scrollY + box.top + ((box.height - window.innerHeight) * start) / 100;
      window.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      resume.hidden = true;
    });
  }

  document.addEventListener(
    "scroll",
    () => {
      moved = true;
    },
    { passive: true, once: true },
  );
  for (const name of ["scroll", "keydown", "pointermove", "touchstart"]) {
    document.addEventListener(
      name,
      () => {
        lastActivity = Date.now();
      },
      { passive: true },
    );
  }

  // The tab is left: a last word that outlives the page.
  document.addEventListener("visibilitychange", () => {
    if (stopped) return;
    if (document.hidden) navigator.sendBeacon(text.dataset.lessonSave, message());
    else plan();
  });
  window.addEventListener("pagehide", () => {
    if (!stopped && !document.hidden) navigator.sendBeacon(text.dataset.lessonSave, message());
  });
  window.addEventListener("online", () => {
    pause = EVERY_SECONDS;
    save();
  });

  plan();
}
