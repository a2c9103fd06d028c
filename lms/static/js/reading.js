// A lesson: the current one stands in view in the outline; wide tables in the text can be reached by keyboard.

const current = document.querySelector(".reading__outline-inner [aria-current]");
const outline = current?.closest(".reading__outline-inner");
if (outline && outline.scrollHeight > outline.clientHeight) {
  outline.scrollTop = current.offsetTop - outline.clientHeight / 3;
}

for (const table of document.querySelectorAll(".prose table:not(.table)")) {
  if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
}
