/* The tree opens level by level, a field for a unit suggests units, what cannot be taken lightly is
   asked twice, and a page follows the work it waits for. */

async function open(button) {
  const node = button.closest(".org-node");
  const shown = node.querySelector(":scope > .org-tree");
  if (shown) {
    const opens = shown.hidden;
    shown.hidden = !opens;
    button.setAttribute("aria-expanded", String(opens));
    return;
  }
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(button.dataset.treeToggle, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) throw new Error(String(answer.status));
    node.insertAdjacentHTML("beforeend", await answer.text());
    button.setAttribute("aria-expanded", "true");
    node.classList.remove("org-node--failed");
  } catch {
    node.classList.add("org-node--failed");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tree-toggle]");
  if (button) open(button);
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

let asked = 0;

async function suggest(input) {
  const list = document.getElementById(input.getAttribute("list"));
  const mine = (asked += 1);
  const answer = await fetch(`${input.dataset.unitSearch}?q=${encodeURIComponent(input.value)}`);
  if (!answer.ok || mine !== asked) return;
  const { units } = await answer.json();
  list.replaceChildren(...units.map((unit) => new Option(unit.name, unit.code)));
}

document.querySelectorAll("[data-unit-search]").forEach((input, number) => {
  const list = document.createElement("datalist");
  list.id = `unit-suggestions-${number}`;
  input.setAttribute("list", list.id);
  input.after(list);
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => suggest(input), 200);
  });
});

function follow() {
  const bar = document.querySelector("[data-job-open]");
  if (!bar) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-job-open]");
      if (next) bar.replaceWith(next);
      else location.reload();
    } catch {
      // The line is gone for a moment: ask again.
    }
    follow();
  }, 1500);
}

follow();
