// Behaviour every page shares, by data attribute. Listeners sit on the document, so what htmx swaps in works too.

const closest = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

/* Show and hide: <button data-toggle="id"> with aria-controls; data-toggle-scrim darkens what lies behind. */
function setOpen(button, open) {
  const panel = document.getElementById(button.dataset.toggle);
  if (!panel) return;
  panel.classList.toggle("is-open", open);
  for (const one of document.querySelectorAll(`[data-toggle="${panel.id}"]`)) {
    one.setAttribute("aria-expanded", String(open));
  }
  if ("toggleScrim" in button.dataset) {
    document.documentElement.classList.toggle("has-scrim", open);
    if (open) (panel.querySelector("[aria-current]") ?? panel.querySelector("a"))?.focus();
  }
}

const openToggles = () => document.querySelectorAll('[data-toggle][aria-expanded="true"]');

for (const button of document.querySelectorAll("[data-toggle]")) {
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", button.dataset.toggle);
  if (button.tagName === "A") button.setAttribute("role", "button");
}

/* Toasts */
const toasts = document.getElementById("toasts");

export function toast(text, tone = "info") {
  if (!toasts || !text) return;
  const box = document.createElement("div");
  box.className = `toast tone-${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close-button";
  close.dataset.dismiss = ".toast";
  close.setAttribute("aria-label", toasts.dataset.closeLabel);
  close.textContent = "✕";
  box.append(words, close);
  toasts.append(box);
  // An error stays until it is read; the rest leaves unless someone is on it.
  if (tone !== "danger") {
    const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : box.remove());
    setTimeout(leave, 6000);
  }
}

document.addEventListener("toast", (event) => toast(event.detail?.text ?? event.detail?.value, event.detail?.tone));

/* Clicks */
document.addEventListener("click", (event) => {
  const toggle = closest(event, "[data-toggle]");
  if (toggle) {
    event.preventDefault();
    setOpen(toggle, toggle.getAttribute("aria-expanded") !== "true");
    return;
  }
  for (const button of openToggles()) {
    const panel = document.getElementById(button.dataset.toggle);
    if ("toggleScrim" in button.dataset && !panel?.contains(event.target)) setOpen(button, false);
  }

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }

  const opener = closest(event, "[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
  if (closest(event, "[data-dialog-close]")) closest(event, "dialog")?.close();
  // A click on the backdrop lands on the dialog itself.
  if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const outside =
      event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) event.target.close();
  }

  const dismiss = closest(event, "[data-dismiss]");
  if (dismiss) dismiss.closest(dismiss.dataset.dismiss)?.remove();

  if (closest(event, "[data-print]")) window.print();

  const reveal = closest(event, "[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(shown));
  }

  const copy = closest(event, "[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(copy.dataset.copied, "success"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
  const [opener] = openToggles();
  if (opener) {
    setOpen(opener, false);
    opener.focus();
  }
});

/* Forms */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("once" in form.dataset)) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // A password shown while typing must not be kept by the browser as text.
  for (const field of form.querySelectorAll('.password-field input[type="text"]')) field.type = "password";
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll('button[type="submit"], button:not([type])')) {
    button.setAttribute("aria-disabled", "true");
  }
});

// Back to a page kept in memory: its forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('[aria-disabled="true"]')) button.removeAttribute("aria-disabled");
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLElement)) return;
  if ("autosubmit" in field.dataset) field.form?.requestSubmit();
  if (field.dataset.selectAll) {
    for (const box of document.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(field.dataset.selectAll)}"]`)) {
      if (!box.disabled) box.checked = field.checked;
    }
  }
});

/* What needs the page as it was loaded or swapped */
function settle(root) {
  const all = (selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const button of all("[data-reveal]")) button.hidden = false;
  all("[data-focus]")[0]?.focus();
  for (const box of all(".table-scroll")) {
    box.addEventListener("scroll", () => box.classList.toggle("is-scrolled", box.scrollLeft > 4), { passive: true });
  }
  for (const strip of all("[data-keep-current-in-view]")) {
    const current = strip.querySelector("[aria-current]");
    if (current && strip.scrollWidth > strip.clientWidth) {
      strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
    }
  }
}

settle(document);

/* htmx */
document.addEventListener("htmx:configRequest", (event) => {
  const token =
    document.querySelector('meta[name="csrf-token"]')?.content ??
    document.querySelector('input[name="csrfmiddlewaretoken"]')?.value;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));
document.addEventListener("htmx:load", (event) => {
  const added = event.detail.elt;
  if (added === document.body) return;
  settle(added);
  // What arrives later says so to those who do not see it: a job that ended, for one.
  if (added.dataset.announce) toast(added.dataset.announce, added.dataset.announceTone);
});
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, () => toast(toasts?.dataset.errorText, "danger"));
}
