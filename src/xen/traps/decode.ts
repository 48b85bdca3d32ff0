import { Core } from '../../a64/layout.ts';
import { spOffset } from '../../arch/state/pstate.ts';
import { signExtend } from '../../base/bits.ts';
import type { VCpu } from '../domain/domain.ts';
import { LogLevel, type XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { Word } from '../machine/registers.ts';
import type { TrappedAccess } from './access.ts';

export interface DecodeHost {
  readonly machine: Machine;
  readonly log: XenLog;
}

/** LDR and STR with an immediate post-index: the bits that all of them share. */
const postIndex = { mask: 0x3b20_0c00, value: 0x3800_0400 };

interface Decoded {
  readonly access: TrappedAccess;
  /** Adds the offset to the address register. */
  finish(): void;
}

/**
 * Decodes the load or store at PC, whose syndrome does not describe it. Xen decodes only those with post-index; about
 * any other it logs a message, and the result is null.
 */
export const decodePostIndexed = ({ machine, log }: DecodeHost, vcpu: VCpu): Decoded | null => {
  const { core } = machine;
  const { words } = core;
  const host = machine.translate((words[Word.ELR_EL2] as number) >>> 0, (words[Word.ELR_EL2 + 1] as number) >>> 0, 0);
  const say = (text: string): null => {
    log.gprintk(vcpu, LogLevel.error, text);
    return null;
  };
  const bad = (word: number, why: string): null => {
    say(why);
    say(`unhandled Arm instruction 0x${word.toString(16)}`);
    return say('Unable to decode instruction');
  };
  if (host === 0) {
    say('Could not copy the instruction from PC');
    return say('Unable to decode instruction');
  }
  const word = machine.u32[host >>> 2] as number;
  const rt = word & 31;
  const rn = (word >>> 5) & 31;
  const opc = (word >>> 22) & 3;
  const size = (word >>> 30) as TrappedAccess['size'];
  if (rn === rt && rn !== 31) return bad(word, 'Rn should not be equal to Rt except for r31');
  if ((word & postIndex.mask) >>> 0 !== postIndex.value) {
    return bad(word, `Decoding instruction 0x${word.toString(16)} is not supported`);
  }
  if ((word & (1 << 26)) !== 0) return bad(word, 'ldr/str post indexing for vector types are not supported');
  if (opc > 1) return bad(word, 'Decoding ldr/str post indexing is not supported for this variant');
  const offset = signExtend((word >>> 12) & 0x1ff, 9);
  const fields = `opcode->ldr_str.rt = 0x${rt.toString(16)}, opcode->ldr_str.size = 0x${size.toString(16)}`;
  log.gprintk(vcpu, LogLevel.info, `${fields}, opcode->ldr_str.imm9 = ${offset}`);
  return {
    access: { size, register: rt, write: opc === 0, signed: false },
    finish: () => {
      // Register 31 is the guest's current stack pointer.
      const usesSpEl0 = ((words[Word.SPSR_EL2] as number) & 1) === 0;
      const at = rn === 31 ? spOffset(core, usesSpEl0 ? 0 : 1) : Core.x + 8 * rn;
      core.setLong(at, BigInt.asUintN(64, core.long(at) + BigInt(offset)));
    },
  };
};
