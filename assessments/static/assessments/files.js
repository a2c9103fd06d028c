// Files as answers: each is sent at once, with its progress; the answer that names it then goes the way of every answer.
//
// Off line nothing is kept here: a file is handed in or it is not, and the page says so.

const SIZE = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 });
const shownSize = (bytes) => (bytes < 1e6 ? `${SIZE.format(Math.max(1, Math.round(bytes / 1024)))} kB` : `${SIZE.format(bytes / 1048576)} MB`);

export class Files {
  // changed(position): the files of a question are others now
  constructor({ page, csrf, changed }) {
    Object.assign(this, { page, csrf, changed });
    this.known = new Map();
    this.running = new Set();
    page.files = this;
    page.paper.addEventListener("change", (event) => event.target.matches("[data-file-input]") && this.#take(event.target));
    page.paper.addEventListener("click", (event) => event.target.closest("[data-file-remove]") && this.#takeBack(event.target));
  }

  #list(box) {
    return box.querySelector("[data-file-list]");
  }

  chosen(box) {
    return [...this.#list(box).querySelectorAll("[data-file]")].map((item) => item.dataset.file);
  }

  // What the server knows of; questions: as it gave them.
  learn(questions) {
    for (const { files } of questions) for (const file of files ?? []) this.known.set(file.id, file);
  }

  show(box, ids) {
    for (const item of this.#list(box).querySelectorAll("[data-file]")) item.remove();
    for (const id of ids) if (this.known.has(id)) this.#arrived(this.#item(box, this.known.get(id)), this.known.get(id));
  }

  #item(box, { name, size }) {
    const item = box.querySelector("[data-files] template").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-file-name]").textContent = name;
    item.querySelector("[data-file-size]").textContent = shownSize(size);
    item.querySelector("[data-file-of]").textContent = ` – ${name}`;
    this.#list(box).append(item);
    return item;
  }

  #arrived(item, { id, url }) {
    item.dataset.file = id;
    item.querySelector("[data-file-name]").href = url;
    item.querySelector("[data-file-progress]").hidden = true;
    item.querySelector("[data-file-fault]").textContent = "";
  }

  #take(input) {
    const box = input.closest("[data-question]");
    for (const file of input.files) {
      const item = this.#item(box, file);
      if (this.#list(box).querySelectorAll("li:not([data-failed])").length > Number(this.page.words.mostFiles)) {
        this.#failed(item, this.page.say("FileMany", { most: this.page.words.mostFiles }));
      } else if (file.size > Number(this.page.words.mostBytes)) this.#failed(item, this.page.say("FileLarge"));
      else {
        const sending = this.#send(box, item, file).finally(() => this.running.delete(sending));
        this.running.add(sending);
      }
    }
    input.value = "";
  }

  #failed(item, words) {
    item.dataset.failed = "";
    item.querySelector("[data-file-progress]").hidden = true;
    item.querySelector("[data-file-fault]").textContent = words;
  }

  async #send(box, item, file) {
    const position = Number(box.dataset.question);
    const progress = item.querySelector("[data-file-progress]");
    progress.hidden = false;
    progress.setAttribute("aria-label", this.page.say("FileSending"));
    const { status, data } = await this.#post(position, file, (share) => (progress.value = share));
    if (status === 200 && data.id) {
      this.known.set(data.id, data);
      this.#arrived(item, data);
      this.changed(position);
    } else if (!status) this.#failed(item, this.page.say("FileOffline"));
    else this.#failed(item, data.message || this.page.say(status === 413 ? "FileLarge" : "FileFailed"));
  }

  // XMLHttpRequest: fetch does not tell how much of a request has gone out.
  #post(position, file, told) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const fields = new FormData();
      fields.append("file", file);
      request.open("POST", this.page.words.saveUrl.replace(/0\/$/, `${position}/tep/`));
      request.setRequestHeader("X-CSRFToken", this.csrf);
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => event.lengthComputable && told((100 * event.loaded) / event.total));
      request.addEventListener("load", () => resolve({ status: request.status, data: request.response ?? {} }));
      for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => resolve({ status: 0, data: {} }));
      request.send(fields);
    });
  }

  #takeBack(button) {
    const item = button.closest("li");
    const box = button.closest("[data-question]");
    const was = item.dataset.file;
    item.remove();
    box.querySelector("[data-file-input]").focus();
    if (was) this.changed(Number(box.dataset.question));
  }

  // Resolves when nothing is being sent any more.
  async settled() {
    await Promise.allSettled([...this.running]);
  }
}
