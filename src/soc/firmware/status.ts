/**
 * What the platform management firmware answers a call with: a status, and values after it (UG1200; Trusted Firmware-A,
 * pm_defs.h).
 */
export const Status = {
  success: 0,
  arguments: 1,
  notSupported: 4,
  noAccess: 2002,
  invalidNode: 2003,
  noFeature: 2008,
} as const;

/** A status and what follows it, 32 bits each. */
export type Answer = readonly number[];

export const success = (...values: number[]): Answer => [Status.success, ...values];
export const wrongArguments: Answer = [Status.arguments];

/** A name as four words, in place of status and values. */
export function nameAnswer(name: string): Answer {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name).subarray(0, 16));
  return [...new Uint32Array(bytes.buffer)];
}
