/** Set by the build (scripts/version.mjs). */
declare const EL2LAB_VERSION: string | undefined;

/** Tells the sources of this simulator from others; empty where it was not built, as in tests. */
export const version = typeof EL2LAB_VERSION === 'undefined' ? '' : EL2LAB_VERSION;
