/** What makes a domain enter EL2. */

/** Kinds of exits; the last one is for all that none of the others names. */
export const Exit = {
  hypercall: 0,
  wait: 1,
  interrupt: 2,
  distributor: 3,
  cpuInterface: 4,
  timer: 5,
  translationControl: 6,
  tlbMaintenance: 7,
  tableWrite: 8,
  shadowFill: 9,
  other: 10,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];
export const exitKinds = Object.keys(Exit) as (keyof typeof Exit)[];

/** By kind: how often a domain has entered EL2, and for how many cycles. Nothing depends on it: it is in no fingerprint. */
export class ExitCounts {
  readonly count = new Float64Array(exitKinds.length);
  readonly cycles = new Float64Array(exitKinds.length);
  /** The kind of the exit that is being served. */
  kind: Exit = Exit.other;

  /** The exit that is being served has taken some cycles. */
  add(cycles: number): void {
    this.count[this.kind] = (this.count[this.kind] as number) + 1;
    this.cycles[this.kind] = (this.cycles[this.kind] as number) + cycles;
  }
}

/** Says what kind of exit it is that is being served. */
export const noteExit = ({ domain }: { readonly domain: { readonly exits: ExitCounts } }, kind: Exit): void => {
  domain.exits.kind = kind;
};
