// Answers that the server has not acknowledged yet, kept in the browser so that a reload or a closed lid loses nothing.
//
// One key per question, so that two tabs never overwrite each other's. An entry is
//   choices   what is chosen now
//   sequence  the number it will be sent under
//   base      the number the server had when the first unacknowledged answer was given
//   sent      what went out without an acknowledgement: it may have arrived all the same

const same = (one, other) =>
  one.length === other.length && [...one].sort().every((id, index) => id === [...other].sort()[index]);

export class AnswerStore {
  constructor(attemptId, storage) {
    this.prefix = `boiduongso:attempt:${attemptId}:`;
    this.storage = storage;
    this.pending = new Map();
    this.known = new Map();
    this.load();
  }

  // Storage may be full or forbidden: answers then live as long as the page, and are sent as always.
  #use(action) {
    try {
      return action(this.storage);
    } catch {
      return null;
    }
  }

  load() {
    this.#use((storage) => {
      for (const key of Object.keys(storage)) {
        const position = Number(key.slice(this.prefix.length));
        if (key.startsWith(this.prefix) && position && !this.pending.has(position)) {
          this.pending.set(position, JSON.parse(storage.getItem(key)));
        }
      }
    });
  }

  #keep(position, entry) {
    this.pending.set(position, entry);
    this.#use((storage) => storage.setItem(this.prefix + position, JSON.stringify(entry)));
  }

  #drop(position) {
    this.pending.delete(position);
    this.#use((storage) => storage.removeItem(this.prefix + position));
  }

  choose(position, choices) {
    const entry = this.pending.get(position);
    const known = this.known.get(position) ?? 0;
    this.#keep(position, {
      choices,
      sequence: Math.max(known, entry?.sequence ?? 0) + 1,
      base: entry?.base ?? known,
      sent: entry?.sent ?? [],
    });
  }

  // The question to send next: [position, entry] or undefined.
  next() {
    return this.pending.entries().next().value;
  }

  markSent(position) {
    const entry = this.pending.get(position);
    const { sequence, choices } = entry;
    const sent = [...entry.sent.filter((one) => one.sequence !== sequence), { sequence, choices }];
    this.#keep(position, { ...entry, sent: sent.slice(-10) });
  }

  acknowledge(position, sequence) {
    this.known.set(position, Math.max(sequence, this.known.get(position) ?? 0));
    const entry = this.pending.get(position);
    if (!entry) return;
    if (entry.sequence === sequence) this.#drop(position);
    else this.#keep(position, { ...entry, base: sequence, sent: entry.sent.filter((one) => one.sequence > sequence) });
  }

  // The server knows a higher number, but this tab holds the pen: what is chosen here goes out above it.
  renumber(position, sequence) {
    this.known.set(position, sequence);
    const entry = this.pending.get(position);
    if (entry) this.#keep(position, { ...entry, sequence: sequence + 1, base: sequence, sent: [] });
  }

  // Compare with what the server holds. Gives the positions where a newer answer from elsewhere was kept, and those that can no
  // longer be answered because another device went on from them. behind: what is stored of those, in the same form.
  merge(questions, behind = []) {
    this.load();
    const keptElsewhere = [];
    const asked = new Set(questions.map(({ position }) => position));
    const arrived = ({ position, sequence, answer }) =>
      this.pending.get(position)?.sequence === sequence && same(this.pending.get(position).choices, answer.choices);
    for (const one of behind) if (arrived(one)) this.#drop(one.position);
    const passed = [...this.pending.keys()].filter((position) => !asked.has(position));
    for (const position of passed) this.#drop(position);
    for (const { position, sequence, answer, choices } of questions) {
      this.known.set(position, sequence);
      const entry = this.pending.get(position);
      if (!entry) continue;
      const ours = entry.sent.some((one) => one.sequence === sequence && same(one.choices, answer.choices));
      const fits = !choices || entry.choices.every((id) => choices.includes(id));
      if (!fits || same(entry.choices, answer.choices)) {
        this.#drop(position);
      } else if (sequence <= entry.base || ours) {
        this.#keep(position, { ...entry, base: sequence, sequence: Math.max(entry.sequence, sequence + 1) });
      } else {
        this.#drop(position);
        keptElsewhere.push(position);
      }
    }
    return { keptElsewhere, passed };
  }

  flags() {
    return new Set(this.#use((storage) => JSON.parse(storage.getItem(`${this.prefix}flags`))) ?? []);
  }

  keepFlags(flags) {
    this.#use((storage) => storage.setItem(`${this.prefix}flags`, JSON.stringify([...flags])));
  }

  forget() {
    for (const position of [...this.pending.keys()]) this.#drop(position);
    this.#use((storage) => storage.removeItem(`${this.prefix}flags`));
  }
}
