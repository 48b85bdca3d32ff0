/** The numbers of PSCI 1.1 (Arm DEN 0022D). */

/** Function identifiers of the 32-bit calling convention. */
export const PsciFunction = {
  PSCI_VERSION: 0x8400_0000,
  CPU_SUSPEND: 0x8400_0001,
  CPU_OFF: 0x8400_0002,
  CPU_ON: 0x8400_0003,
  AFFINITY_INFO: 0x8400_0004,
  MIGRATE_INFO_TYPE: 0x8400_0006,
  SYSTEM_OFF: 0x8400_0008,
  SYSTEM_RESET: 0x8400_0009,
  PSCI_FEATURES: 0x8400_000a,
  SYSTEM_SUSPEND: 0x8400_000e,
  SYSTEM_RESET2: 0x8400_0012,
} as const;

/** The bit of an identifier that chooses the 64-bit calling convention. */
export const convention64 = 0x4000_0000;

export const PsciResult = {
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  ALREADY_ON: -4,
  INTERNAL_FAILURE: -6,
  INVALID_ADDRESS: -9,
} as const;

/** Results of AFFINITY_INFO. */
export const AffinityState = { ON: 0, OFF: 1 } as const;

/** Result of MIGRATE_INFO_TYPE: no Trusted OS that would have to migrate. */
export const noMigration = 2;
