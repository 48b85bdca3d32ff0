/** Aborts in stage 2 of a vCPU without acceleration whose MMU is on: docs/xen/unaccelerated.md, section 2. */
import type { VCpu } from '../domain/domain.ts';
import { Exit, noteExit } from '../domain/exits.ts';
import type { Machine } from '../machine/machine.ts';
import { advancePc, Word, xHigh, xLow } from '../machine/registers.ts';
import { accessOf } from '../traps/access.ts';
import { holes } from './shadow-entry.ts';

/** Fields of the ISS of an abort. */
const ISV = 1 << 24;
const CM = 1 << 8;
const S1PTW = 1 << 7;
const WnR = 1 << 6;
/** A translation fault, not one of permission: DFSC without the level. */
const translationFault = 0x04;
const permissionFault = 0x0c;

/**
 * Serves an abort that the guest would not have with acceleration. Returns false for one that it would have; HPFAR_EL2
 * then is as it would be.
 */
export const handleShadowFault = (machine: Machine, vcpu: VCpu, esr: number): boolean => {
  const { translation } = vcpu;
  const tables = vcpu.domain.shadow;
  if (!translation?.isOn || !tables) return false;
  const { core } = machine;
  const { words } = core;
  const [low, high] = [(words[Word.FAR_EL2] as number) >>> 0, (words[Word.FAR_EL2 + 1] as number) >>> 0];
  // FIPA, bits 39-4: the page.
  const page = (words[Word.HPFAR_EL2] as number) >>> 4;
  if ((esr & 0x3c) === translationFault) {
    if ((esr & S1PTW) !== 0 || page < holes) {
      noteExit(vcpu, Exit.shadowFill);
      return translation.fill(low, high) === 'changed';
    }
    const gfn = page - holes;
    if (vcpu.domain.p2m.lookUp(gfn)) {
      noteExit(vcpu, Exit.shadowFill);
      translation.reread(low, high);
      return true;
    }
    words[Word.HPFAR_EL2] = gfn << 4;
    words[Word.HPFAR_EL2 + 1] = 0;
    return false;
  }
  if ((esr & 0x3c) !== permissionFault || (esr & WnR) === 0 || !tables.isProtected(page)) return false;
  noteExit(vcpu, Exit.tableWrite);
  if ((esr & ISV) === 0 || (esr & CM) !== 0) {
    // The syndrome does not say what is stored, so the guest has to store it.
    tables.drop(page);
    return true;
  }
  const { size, register } = accessOf(esr);
  const [valueLow, valueHigh] = [xLow(core, register), xHigh(core, register)];
  if (tables.store(page, low & 0xfff, 2 ** size, valueLow, valueHigh)) advancePc(core);
  return true;
};

/** Before Xen accesses guest memory at a virtual address that it could not reach. Returns whether to try again. */
export const reachForXen = (vcpu: VCpu, low: number, high: number): boolean => {
  const { translation } = vcpu;
  if (!translation?.isOn || translation.fill(low, high) === 'unreachable') return false;
  // What Xen is to write there may be a table.
  translation.release(low, high);
  return true;
};
