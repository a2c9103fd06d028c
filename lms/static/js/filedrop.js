// Shows the name of the chosen file, and that a dragged one may be dropped. The input itself takes the drop.

for (const drop of document.querySelectorAll("[data-file-drop]")) {
  const input = drop.querySelector('input[type="file"]');
  const name = drop.querySelector("[data-file-name]");
  const invitation = name.textContent;

  input.addEventListener("change", () => {
    name.textContent = [...input.files].map((file) => file.name).join(", ") || invitation;
  });
  for (const type of ["dragenter", "dragover"]) drop.addEventListener(type, () => drop.classList.add("is-over"));
  for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("is-over"));
}
