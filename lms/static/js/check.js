// Self-test inside a lesson: marks the choices, shows the explanation. Without script a <details> shows the answer.

for (const section of document.querySelectorAll("[data-check]")) {
  const form = section.querySelector("form");
  const actions = section.querySelector(".check__actions");
  const feedback = section.querySelector(".check__feedback");
  const verdict = feedback.querySelector("strong");
  const explanation = feedback.querySelector("div");
  const again = actions.querySelector('[type="reset"]');
  const choices = [...section.querySelectorAll(".choice")];
  const picked = (choice) => choice.querySelector("input").checked;

  section.querySelector("details").hidden = true;
  actions.hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = choices.filter(picked);
    feedback.hidden = false;
    explanation.hidden = chosen.length === 0;
    if (chosen.length === 0) {
      verdict.textContent = feedback.dataset.chooseText;
      return;
    }
    for (const choice of choices) {
      const right = "right" in choice.dataset;
      choice.classList.toggle("is-right", right);
      choice.classList.toggle("is-wrong", !right && picked(choice));
    }
    const passed = choices.every((choice) => "right" in choice.dataset === picked(choice));
    verdict.textContent = passed ? feedback.dataset.rightText : feedback.dataset.wrongText;
    again.hidden = false;
    section.dispatchEvent(new CustomEvent("check:answered", { bubbles: true, detail: { passed } }));
  });

  form.addEventListener("reset", () => {
    for (const choice of choices) choice.classList.remove("is-right", "is-wrong");
    feedback.hidden = true;
    again.hidden = true;
    form.querySelector("input").focus();
  });
}
