// The page of an open attempt: puts store, sender, clock and page together.
//
// The modules are named by the page, since their file names carry a hash.

const paper = document.querySelector("[data-paper]");
const [{ AnswerStore }, { Sender }, { Clock }, { Page }, { Told }, { Signals }, { Pager }, { Files }] = await Promise.all(
  ["storeModule", "senderModule", "clockModule", "pageModule", "toldModule", "signalsModule", "pagerModule", "filesModule"].map((name) => import(paper.dataset[name])),
);

const CLOCK_QUESTION = 30_000;
const RESULT_QUESTION = 3000;
const LAST_WORDS = 5000;
const TYPING_RESTS = 800;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const form = document.querySelector("[data-submit-form]");
const dialog = document.getElementById("hand-in");
const nextForm = document.querySelector("[data-next-form]");
const moveOnDialog = document.getElementById("move-on");
const page = new Page(paper);
const pager = paper.dataset.navigation === "one" ? new Pager(page) : page;
const store = new AnswerStore(paper.dataset.attempt, browserStorage());
const told = new Told({
  box: document.querySelector("[data-told]"),
  page,
  key: `boiduongso:attempt:${paper.dataset.attempt}:told`,
  storage: browserStorage(),
});
const flags = store.flags();
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`attempt-${paper.dataset.attempt}`) : null;
let ended = false;
let leaving = false;

function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const refresh = () => page.refresh({ pending: store.pending, flags });

function state(name) {
  if (leaving || (ended && name !== "closing-offline")) return;
  page.state(name, { count: store.pending.size, savedAt: sender.savedAt });
  refresh();
}

function leaveFor(url) {
  if (leaving) return;
  leaving = true;
  store.forget();
  window.location.assign(url);
}

const sender = new Sender({
  store,
  answerOf: (position, choices) => page.answerOf(position, choices),
  csrf: form.querySelector('input[name="csrfmiddlewaretoken"]').value,
  urls: {
    open: paper.dataset.openUrl,
    clock: paper.dataset.clockUrl,
    save: (position) => paper.dataset.saveUrl.replace(/0\/$/, `${position}/`),
  },
  told: {
    state,
    saved: refresh,
    clock: (serverNow, closesAt, messages) => {
      clock.sync(serverNow, closesAt);
      told.heard(closesAt, messages);
    },
    closed: (url) => leaveFor(url ?? paper.dataset.resultUrl),
    reopen: open,
  },
});

const files = new Files({
  page,
  csrf: sender.csrf,
  changed: (position) => {
    answered(page.questions.get(position));
    sender.pump();
  },
});

new Signals({ paper, url: paper.dataset.signalsUrl, csrf: sender.csrf });

const clock = new Clock({
  box: document.querySelector("[data-clock-box]"),
  seconds: Number(paper.dataset.seconds),
  told: {
    minutes: (minutes) => page.announce(minutes === 1 ? page.say("LeftOne") : page.say("Left", { minutes })),
    woke: () => sender.clock(),
    ended: handInByClock,
  },
});

async function open() {
  const questions = (await sender.open())?.map((question) => ({ ...question, ...page.kept(question) }));
  if (!questions) return;
  channel?.postMessage("opened");
  if (questions.some(({ position }) => !page.questions.has(position))) {
    // Another device went on: this page shows a question that is passed. What was not sent before is told after the reload.
    leaving = true;
    window.location.reload();
    return;
  }
  files.learn(questions);
  const { keptElsewhere, passed } = store.merge(questions, sender.passed.map((one) => ({ ...one, ...page.kept(one) })));
  for (const { position, answer } of questions) {
    page.show(position, store.pending.get(position)?.choices ?? answer.choices);
  }
  if (keptElsewhere.length) page.notice(page.say("KeptElsewhere", { numbers: keptElsewhere.join(", ") }));
  if (passed.length) page.notice(page.say("PassedElsewhere", { numbers: passed.join(", ") }));
  state("saved");
  sender.pump();
}

// There is no way back: what was answered here has to be with the server before the next question comes.
async function moveOn() {
  await files.settled();
  await sender.settled();
  const reached = !store.pending.size && (await sender.clock());
  if (leaving) return;
  if (!reached) {
    page.notice(page.say("MoveWaits"));
    return;
  }
  leaving = true;
  nextForm.elements.tab_token.value = sender.token;
  nextForm.submit();
}

// The time is up: send what is on its way, then let the server close and score. Off line the server does it alone. A
// supervisor may have added time meanwhile: the server is asked, and the page goes on.
async function handInByClock() {
  page.state("closing");
  ended = true;
  dialog.close();
  while (!leaving) {
    await Promise.race([sender.settled(), pause(LAST_WORDS)]);
    const { status, data } = await askTheClock();
    if (data.closes_at > data.server_now) {
      goOn(data);
      return;
    }
    if (status < 500) {
      handIn();
      return;
    }
    page.state("closing-offline");
    await pause(RESULT_QUESTION);
  }
}

async function askTheClock() {
  try {
    const response = await fetch(paper.dataset.clockUrl, { redirect: "error" });
    return { status: response.status, data: response.ok ? await response.json() : {} };
  } catch {
    return { status: Infinity, data: {} };
  }
}

function goOn({ server_now: serverNow, closes_at: closesAt, messages }) {
  ended = false;
  clock.sync(serverNow, closesAt);
  told.heard(closesAt, messages);
  state("saved");
  sender.hurry();
}

function handIn() {
  if (leaving) return;
  leaving = true;
  store.forget();
  form.submit();
}

function answered(box) {
  const position = Number(box.dataset.question);
  store.choose(position, page.chosen(position));
  refresh();
  if (sender.failures) state(page.banner.dataset.saveState);
}

let typing = 0;

// Kept in the browser with every letter, sent when the hand rests.
paper.addEventListener("input", (event) => {
  if (!event.target.matches("[data-typed]")) return;
  answered(event.target.closest("[data-question]"));
  clearTimeout(typing);
  typing = setTimeout(() => sender.pump(), TYPING_RESTS);
});

paper.addEventListener("change", (event) => {
  const box = event.target.closest("[data-question]");
  if (!box || event.target.matches("[data-file-input]")) return;
  if (!event.target.matches("[data-typed]")) answered(box);
  clearTimeout(typing);
  sender.pump();
});

paper.addEventListener("click", (event) => {
  const box = event.target.closest("[data-question]");
  const position = Number(box?.dataset.question);
  if (event.target.closest("[data-flag]")) {
    if (!flags.delete(position)) flags.add(position);
    store.keepFlags(flags);
    refresh();
  } else if (event.target.closest("[data-clear]")) {
    page.show(position, []);
    store.choose(position, []);
    refresh();
    box.querySelector("input, textarea, select").focus();
    sender.pump();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (link) {
    event.preventDefault();
    pager.goTo(Number(link.dataset.goto));
  }
  if (event.target.closest("[data-take-over]")) open();
});

nextForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  const [position] = page.questions.keys();
  if (page.chosen(position).length) moveOn();
  else moveOnDialog.showModal();
});

document.querySelector("[data-move-on]")?.addEventListener("click", () => {
  moveOnDialog.close();
  moveOn();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const unanswered = page.unanswered;
  document.querySelector("[data-hand-in-text]").textContent = unanswered
    ? page.say("Unanswered", { count: unanswered })
    : page.say("AllAnswered");
  document.querySelector("[data-hand-in-unsent]").hidden = true;
  dialog.showModal();
  sender.settled();
});

document.querySelector("[data-hand-in]").addEventListener("click", async () => {
  if (files.running.size) {
    const unsent = document.querySelector("[data-hand-in-unsent]");
    unsent.textContent = page.say("FilesSending");
    unsent.hidden = false;
  }
  await files.settled();
  await sender.settled();
  const reached = !store.pending.size && (await sender.clock());
  if (reached) {
    handIn();
  } else if (!leaving) {
    const unsent = document.querySelector("[data-hand-in-unsent]");
    unsent.textContent = store.pending.size ? page.say("Unsent", { count: store.pending.size }) : page.say("OfflineNone");
    unsent.hidden = false;
  }
});

channel?.addEventListener("message", () => {
  sender.halted = "stale";
  state("stale");
});
window.addEventListener("online", () => sender.hurry());
window.addEventListener("offline", () => state("offline"));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !sender.halted) sender.clock().then((there) => there && sender.hurry());
});
setInterval(() => sender.halted || sender.clock(), CLOCK_QUESTION);
window.addEventListener("beforeunload", (event) => {
  if ((store.pending.size || files.running.size) && !leaving) event.preventDefault();
});

refresh();
open();
// The page that comes by going on begins at its question, for eyes and for ears.
const [first] = page.questions.keys();
if (paper.dataset.navigation === "forward" && first > 1) page.goTo(first);
