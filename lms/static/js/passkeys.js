// Passkey buttons: shown where the browser knows passkeys, and a sentence when one was refused or cancelled.
// The ceremony itself is allauth's (mfa/js/webauthn.js), which tells of faults by an event.

const known = Boolean(window.PublicKeyCredential);

for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = !known;
for (const words of document.querySelectorAll("[data-no-passkey]")) words.hidden = known;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const text = document.querySelector("[data-passkey]")?.dataset.failed;
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "danger" } }));
});
