/** What owns EL2 of a core: the slot `el2Owner`. Values other than machineCode send HVC to TypeScript. */
export const El2Owner = { machineCode: 0, none: 1, typeScript: 2 } as const;
export type El2Owner = (typeof El2Owner)[keyof typeof El2Owner];

/**
 * Software at EL2 that is not machine code. It finds the core as machine code would find it, works through the core's
 * registers and the bus, and leaves the core where it is to go on: at a lower level, by `Exceptions.exceptionReturn`, or
 * waiting for an interrupt at EL2. No instruction of EL2's is ever executed.
 */
export interface El2 {
  /** A core has taken an exception to EL2, or the firmware has turned it on there: its PC says which. */
  entered(core: number): void;
}
