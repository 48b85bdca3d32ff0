import { Core, Status } from '../../a64/layout.ts';
import { HostFunction, type RuntimeFunction, runtimeFunction } from '../../a64/runtime.ts';
import { systemEncoding } from '../../a64/system-encoding.ts';
import { Cnthctl, Cntkctl } from '../../arch/state/control-bits.ts';
import { type SystemSlot, systemOffset } from '../../arch/state/slots.ts';
import { type I32, i32, i64 } from '../../wasm/expr.ts';

/** CNTPCT_EL0 or CNTVCT_EL0: what EL0 needs of CNTKCTL_EL1, and EL1 and EL0 of CNTHCTL_EL2 (Arm ARM D13.8). */
interface Counter {
  readonly name: string;
  readonly isVirtual: boolean;
  readonly userBit: number;
  readonly control: { readonly bit: number; readonly value: number };
}

/** (cpu, word): MRS of a count, which is (Core.counterBase + cycles of this quantum) / Core.counterDivisor. */
const readCount = ({ name, isVirtual, userBit, control }: Counter): RuntimeFunction<'i32'> =>
  runtimeFunction(name, HostFunction.system.params, 'i32', (code, call) => {
    const cpu = code.param('i32', 0);
    const word = code.param('i32', 1);
    const bits = (slot: SystemSlot, mask: number): I32 => i32.and(i32.load(cpu, systemOffset(slot)), i32.const(mask));
    const leave = (): void => code.return(call(HostFunction.system, [cpu, word]));
    const divisor = code.let(i64.load32_u(cpu, Core.counterDivisor));
    code.unlikely(i64.eqz(divisor), leave);
    const el = code.let(i32.load(cpu, Core.el));
    code.if(i32.ne(el, i32.const(2)), () => {
      code.unlikely(i32.ne(bits('CNTHCTL_EL2', control.bit), i32.const(control.value)), leave);
      code.unlikely(i32.and(i32.eqz(el), i32.eqz(bits('CNTKCTL_EL1', userBit))), leave);
    });
    const executed = i32.sub(i32.load(cpu, Core.quantum), i32.load(cpu, Core.budget));
    const count = code.local('i64');
    code.set(count, i64.div_u(i64.add(i64.load(cpu, Core.counterBase), i64.extend_s(executed)), divisor));
    if (isVirtual) code.set(count, i64.sub(code.get(count), i64.load(cpu, systemOffset('CNTVOFF_EL2'))));
    const rt = code.let(i32.and(word, i32.const(31)));
    // X31 reads as zero.
    code.if(i32.ne(rt, i32.const(31)), () =>
      code.store(i32.add(cpu, i32.shl(rt, i32.const(3))), code.get(count), 8, Core.x),
    );
    code.return(i32.const(Status.next));
    code.unreachable();
  });

/** What reads the system counter, by the encoding of its MRS. */
export const counterReads = new Map([
  [
    systemEncoding([3, 3, 14, 0, 1]),
    readCount({
      name: 'readPhysicalCount',
      isVirtual: false,
      userBit: Cntkctl.EL0PCTEN,
      control: { bit: Cnthctl.EL1PCTEN, value: Cnthctl.EL1PCTEN },
    }),
  ],
  [
    systemEncoding([3, 3, 14, 0, 2]),
    readCount({
      name: 'readVirtualCount',
      isVirtual: true,
      userBit: Cntkctl.EL0VCTEN,
      control: { bit: Cnthctl.EL1TVCT, value: 0 },
    }),
  ],
]);
