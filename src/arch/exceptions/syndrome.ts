/**
 * ISS[24:14] of a stage 2 Data Abort for the instruction that made the access: ISV, SAS, SSE, SRT, SF, AR. Zero (ISV =
 * 0) for all but loads and stores of one general-purpose register without writeback, exclusives excepted (Arm ARM DDI
 * 0487, ESR_ELx, "ISS encoding for an exception from a Data Abort", ISV).
 */
export const accessSyndrome = (word: number): number => {
  const rt = word & 31;
  const size = word >>> 30;
  // Load/store ordered: LDAR, STLR and their narrow forms.
  if ((word & 0x3fa0_8000) === 0x0880_8000) return syndrome(size, rt) | (size === 3 ? Iss.SF : 0) | Iss.AR;
  // Load literal: LDR (32), LDR (64), LDRSW.
  if ((word & 0x3f00_0000) === 0x1800_0000 && size !== 3)
    return syndrome(size === 1 ? 3 : 2, rt) | (size === 2 ? Iss.SSE : 0) | (size === 0 ? 0 : Iss.SF);
  if ((word & 0x3e00_0000) !== 0x3800_0000) return 0;
  const unsignedOffset = (word & 0x0100_0000) !== 0;
  if (!unsignedOffset) {
    const form = (word >>> 10) & 3;
    const registerOffset = (word & 0x0020_0000) !== 0;
    // LDUR (0), post-index (1), LDTR (2), pre-index (3): those with writeback have no syndrome.
    if (registerOffset ? form !== 2 : (form & 1) !== 0) return 0;
  }
  const opc = (word >>> 22) & 3;
  const signed = opc >= 2;
  const wide = signed ? opc === 2 : size === 3;
  return syndrome(size, rt) | (signed ? Iss.SSE : 0) | (wide ? Iss.SF : 0);
};

/** Bits of the ISS: the value is sign-extended, the register has 64 bits, the access is an acquire or a release. */
const Iss = { ISV: 1 << 24, SSE: 1 << 21, SF: 1 << 15, AR: 1 << 14 } as const;

/** ISV, SAS and SRT. */
const syndrome = (sas: number, srt: number): number => Iss.ISV | (sas << 22) | (srt << 16);
