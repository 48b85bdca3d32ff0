/**
 * A device's interrupt output. A device may set it whenever its registers change; only a change of level is passed on.
 */
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

/** Makes outputs that share a line: the line is high while any output is. */
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
