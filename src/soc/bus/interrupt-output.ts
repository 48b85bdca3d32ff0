/** A device's interrupt output: it tells of its changes, so that a device may set it as often as its registers change. */
export class InterruptOutput {
  readonly #drive: (level: boolean) => void;
  #level = false;

  constructor(drive: (level: boolean) => void) {
    this.#drive = drive;
  }

  get level(): boolean {
    return this.#level;
  }

  set(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#drive(level);
  }
}

/** Makes outputs of one line, which is high while any of them is. */
export function joined(drive: (level: boolean) => void): () => (level: boolean) => void {
  const levels: boolean[] = [];
  return () => {
    const output = levels.push(false) - 1;
    return (level) => {
      levels[output] = level;
      drive(levels.includes(true));
    };
  };
}
