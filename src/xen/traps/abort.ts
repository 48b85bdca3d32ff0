/** Aborts of guests in stage 2: accesses to emulated devices, and mistakes. */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { VCpu } from '../domain/domain.ts';
import { noteExit } from '../domain/exits.ts';
import { LogLevel } from '../log.ts';
import { advancePc, Word, xLow } from '../machine/registers.ts';
import { handleShadowFault } from '../unaccelerated/fault.ts';
import { accessOf, setLoaded, type TrappedAccess } from './access.ts';
import { type DecodeHost, decodePostIndexed } from './decode.ts';
import { injectAbort, injectVirtualSError } from './inject.ts';

/** Fields of the ISS of an abort. */
const ISV = 1 << 24;
const EA = 1 << 9;
const CM = 1 << 8;
const S1PTW = 1 << 7;
/** Kinds of faults: DFSC without the level. */
const translationFault = 0x04;
const permissionFault = 0x0c;

export type AbortHost = DecodeHost;

export const handleAbort = (host: AbortHost, vcpu: VCpu, esr: number): void => {
  const { core } = host.machine;
  const isData = esr >>> 26 === ExceptionClass.dataAbort;
  if ((esr & EA) !== 0) {
    injectVirtualSError(core, vcpu);
    return;
  }
  if (handleShadowFault(host.machine, vcpu, esr)) return;
  switch (esr & 0x3c) {
    case permissionFault:
      // Xen leaves permission faults to memory access monitoring, which is off here: the guest tries again for ever.
      return;
    case translationFault:
      if (isData && emulate(host, vcpu, esr)) return;
      break;
    default: {
      const syndrome = `HSR=0x${(esr >>> 0).toString(16).padStart(14, '0')} DFSC=0x${(esr & 0x3f).toString(16)}`;
      host.log.gprintk(vcpu, LogLevel.warning, `Unsupported FSC: ${syndrome}`);
    }
  }
  injectAbort(core, isData ? 'data' : 'instruction');
};

/** Emulates an access to a device. Returns false if the guest gets an abort. */
const emulate = (host: AbortHost, vcpu: VCpu, esr: number): boolean => {
  const { core } = host.machine;
  const { words } = core;
  const address =
    ((words[Word.HPFAR_EL2] as number) >>> 4) * 4096 +
    ((words[Word.HPFAR_EL2 + 1] as number) & 0xff) * 2 ** 40 +
    ((words[Word.FAR_EL2] as number) & 0xfff);
  if ((esr & ISV) === 0) {
    if ((esr & S1PTW) !== 0) return false;
    if ((esr & CM) === 0) {
      const decoded = decodePostIndexed(host, vcpu);
      if (!decoded || !accessDevice(host, vcpu, address, decoded.access)) return false;
      decoded.finish();
    } else if (!isEmulated(vcpu, address)) return false;
    advancePc(core);
    return true;
  }
  if (!accessDevice(host, vcpu, address, accessOf(esr))) return false;
  advancePc(core);
  return true;
};

/** Whether an emulated device is there. */
const isEmulated = ({ domain }: VCpu, address: number): boolean => domain.mmio.find(address) !== undefined;

/** Does an access to an emulated device. Returns false if there is none, or if it refuses the access. */
const accessDevice = ({ machine }: AbortHost, vcpu: VCpu, address: number, access: TrappedAccess): boolean => {
  const region = vcpu.domain.mmio.find(address);
  if (!region) return false;
  machine.spend(region.cost);
  if (region.exit !== undefined) noteExit(vcpu, region.exit);
  const { base, device } = region;
  if (access.write) {
    const value = xLow(machine.core, access.register);
    machine.probe.emit(ProbeKind.emulatedWrite, value, address, accessWord(address, access));
    return device.write(vcpu, address - base, access, value);
  }
  const value = device.read(vcpu, address - base, access);
  machine.probe.emit(ProbeKind.emulatedRead, value ?? 0, address, accessWord(address, access));
  if (value !== null) setLoaded(machine.core, access, value);
  return value !== null;
};

/** The high half of the probe's word for an access. */
const accessWord = (address: number, { size }: TrappedAccess): number =>
  ((address / 2 ** 32) & 0xffff) | (1 << (16 + size));
