// One question at a time, back and forth: all of them are in the page, so it goes on off line.

export class Pager {
  constructor(page) {
    this.page = page;
    this.positions = [...page.questions.keys()];
    this.bar = document.querySelector("[data-pager]");
    this.back = this.bar.querySelector("[data-pager-back]");
    this.on = this.bar.querySelector("[data-pager-on]");
    this.back.addEventListener("click", () => this.goTo(this.positions[this.place - 1]));
    this.on.addEventListener("click", () => this.goTo(this.positions[this.place + 1]));
    window.addEventListener("hashchange", () => this.#asked() && this.goTo(this.#asked()));
    this.bar.hidden = false;
    this.#show(this.#asked() ?? this.positions[0]);
  }

  #asked() {
    return this.positions.find((position) => location.hash === `#cau-${position}`);
  }

  #show(position) {
    this.place = this.positions.indexOf(position);
    for (const [other, box] of this.page.questions) {
      box.hidden = other !== position;
      const heading = this.page.paper.querySelector(`[data-section-of="${other}"]`);
      if (heading) heading.hidden = other !== position;
      const link = document.querySelector(`[data-goto="${other}"]`);
      if (other === position) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    }
    this.back.disabled = this.place === 0;
    this.on.disabled = this.place === this.positions.length - 1;
    this.bar.querySelector("[data-pager-place]").textContent = this.page.say("Place", { n: position, all: this.positions.length });
    // A reload comes back to the same question.
    history.replaceState(null, "", `#cau-${position}`);
  }

  goTo(position) {
    this.#show(position);
    this.page.goTo(position);
  }
}
