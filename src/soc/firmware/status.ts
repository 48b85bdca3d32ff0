/**
 * What the platform management firmware answers a call with: a status, and values after it. Trusted Firmware-A
 * (pm_defs.h) and the PMU firmware behind it (xstatus.h, pm_defs.h of embeddedsw) have a numbering each for the same
 * mistakes; which one a call answers with tells who has refused it.
 */
export const Status = {
  success: 0,
  /** Trusted Firmware-A: wrong arguments. PMU firmware: a failure. */
  arguments: 1,
  failure: 1,
  /** Trusted Firmware-A: not supported. PMU firmware: no such call in this version. */
  notSupported: 4,
  noData: 13,
  /** PMU firmware: a wrong argument. */
  invalidParameter: 15,
  /** PMU firmware: the node, the clock or this firmware does not have that. */
  noFeature: 19,
  notEnabled: 29,
  internal: 2000,
  noAccess: 2002,
  invalidNode: 2003,
  doubleRequest: 2004,
} as const;

/** A status and what follows it, 32 bits each. */
export type Answer = readonly number[];

export const success = (...values: number[]): Answer => [Status.success, ...values];
/** Refused by Trusted Firmware-A, and by the PMU firmware. */
export const wrongArguments: Answer = [Status.arguments];
export const invalidParameter: Answer = [Status.invalidParameter];
export const noAccess: Answer = [Status.noAccess];
export const noFeature: Answer = [Status.noFeature];

/** A name as four words, in place of status and values. */
export function nameAnswer(name: string): Answer {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name).subarray(0, 16));
  return [...new Uint32Array(bytes.buffer)];
}
