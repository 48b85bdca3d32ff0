/** Aborts of guests in stage 2 (do_trap_stage2_abort_guest, xen/arch/arm/traps.c and io.c): accesses to emulated devices, and mistakes. */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { gicDistributor, pl011 } from '../domain/guest-layout.ts';
import type { VCpu } from '../domain/vcpu.ts';
import { Level } from '../log.ts';
import { advancePc, Word, xLow } from '../machine/registers.ts';
import type { Xen } from '../xen.ts';
import { type Access, accessOf, setLoaded } from './access.ts';
import { decodePostIndexed } from './decode.ts';
import { injectAbort, injectVirtualSError } from './inject.ts';

/** ISS of an abort. */
const ISV = 1 << 24;
const EA = 1 << 9;
const CM = 1 << 8;
const S1PTW = 1 << 7;
/** Kinds of faults: DFSC without its level. */
const translationFault = 0x04;
const permissionFault = 0x0c;

export const handleAbort = (xen: Xen, vcpu: VCpu, esr: number): void => {
  const { core } = xen.machine;
  const isData = esr >>> 26 === ExceptionClass.dataAbort;
  if ((esr & EA) !== 0) {
    injectVirtualSError(core, vcpu);
    return;
  }
  switch (esr & 0x3c) {
    case permissionFault:
      // Xen takes it for one of its memory access monitors, which is not on: the guest tries again, for ever.
      return;
    case translationFault:
      if (isData && emulate(xen, vcpu, esr)) return;
      break;
    default: {
      const syndrome = `HSR=0x${(esr >>> 0).toString(16).padStart(14, '0')} DFSC=0x${(esr & 0x3f).toString(16)}`;
      xen.guestPrintk(vcpu, Level.warning, `Unsupported FSC: ${syndrome}`);
    }
  }
  injectAbort(core, isData ? 'data' : 'instruction');
};

/** try_handle_mmio. False: the guest gets an abort. */
const emulate = (xen: Xen, vcpu: VCpu, esr: number): boolean => {
  const { core } = xen.machine;
  const { words } = core;
  const address =
    ((words[Word.HPFAR_EL2] as number) >>> 4) * 4096 +
    ((words[Word.HPFAR_EL2 + 1] as number) & 0xff) * 2 ** 40 +
    ((words[Word.FAR_EL2] as number) & 0xfff);
  if ((esr & ISV) === 0) {
    if ((esr & S1PTW) !== 0) return false;
    if ((esr & CM) === 0) {
      const decoded = decodePostIndexed(xen, vcpu);
      if (!decoded || !access(xen, vcpu, address, decoded.access)) return false;
      decoded.finish();
    } else if (!isEmulated(vcpu, address)) return false;
    advancePc(core);
    return true;
  }
  if (!access(xen, vcpu, address, accessOf(esr))) return false;
  advancePc(core);
  return true;
};

const isEmulated = ({ domain }: VCpu, address: number): boolean =>
  isIn(gicDistributor, address) || (domain.pl011 !== null && isIn(pl011, address));

const isIn = (range: { readonly base: number; readonly size: number }, address: number): boolean =>
  address >= range.base && address < range.base + range.size;

/** Does an access to an emulated device; false if there is none, or it refuses. */
const access = (xen: Xen, vcpu: VCpu, address: number, access: Access): boolean => {
  const { machine, costs } = xen;
  const isGic = isIn(gicDistributor, address);
  const device = isGic ? xen.distributor : isIn(pl011, address) ? vcpu.domain.pl011 : null;
  if (!device) return false;
  machine.spend(isGic ? costs.distributor : costs.pl011);
  const offset = address - (isGic ? gicDistributor : pl011).base;
  if (access.write) {
    const value = xLow(machine.core, access.register);
    machine.probe.emit(ProbeKind.emulatedWrite, value, address, accessWord(address, access));
    return device.write(vcpu, offset, access, value);
  }
  const value = device.read(vcpu, offset, access);
  machine.probe.emit(ProbeKind.emulatedRead, value ?? 0, address, accessWord(address, access));
  if (value !== null) setLoaded(machine.core, access, value);
  return value !== null;
};

/** The high half of the probe's word for an access. */
const accessWord = (address: number, { size }: Access): number => ((address / 2 ** 32) & 0xffff) | (1 << (16 + size));
