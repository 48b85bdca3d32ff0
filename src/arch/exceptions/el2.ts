/** Who owns EL2 of a core: values of the slot `el2Owner`. All but machineCode send HVC to TypeScript. */
export const El2Owner = { machineCode: 0, none: 1, typeScript: 2 } as const;
export type El2Owner = (typeof El2Owner)[keyof typeof El2Owner];

/**
 * Software at EL2 that is not machine code. It finds the core in the state that machine code would find, works on the
 * core's registers and the bus, and then leaves the core at a lower level, by `Exceptions.exceptionReturn`, or waiting
 * for an interrupt at EL2. No instruction is ever executed at EL2.
 */
export interface El2 {
  /** A core has taken an exception to EL2, or the firmware has turned it on there. The core's PC tells which. */
  entered(core: number): void;
}
