// Compares a PDF with the digest on the page. The file never leaves the browser.

const box = document.querySelector("[data-verify-file]");

const digestOf = async (file) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// Browsers offer crypto.subtle on secure addresses only; without it the commands below the tool remain.
if (box && globalThis.crypto?.subtle) {
  box.querySelector("[data-verify-tool]").hidden = false;
  const same = box.querySelector("[data-verify-same]");
  const different = box.querySelector("[data-verify-different]");
  box.querySelector("input[type=file]").addEventListener("change", async (event) => {
    same.hidden = true;
    different.hidden = true;
    const file = event.target.files[0];
    if (!file) return;
    const digest = await digestOf(file);
    // Another file may have been chosen while this one was read.
    if (event.target.files[0] !== file) return;
    same.hidden = digest !== box.dataset.sha256;
    different.hidden = digest === box.dataset.sha256;
  });
}
