/**
 * PSTATE in letters, capital when set: flags NZCV, then masks DAIF, then the exception level.
 * `pstate` is laid out as in SPSR_ELx (Arm ARM, C5.2.19): NZCV in bits 31:28, DAIF in 9:6.
 */
export function describePstate(pstate: number, el: number): string {
  const letters = (names: string, lowest: number) =>
    [...names].map((name, i) => ((pstate >>> (lowest + 3 - i)) & 1 ? name : name.toLowerCase())).join('');
  return `${letters('NZCV', 28)} ${letters('DAIF', 6)} EL${el}`;
}
