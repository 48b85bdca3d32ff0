/** What the calls of the platform management firmware work on. */
import type { ClockControl } from './parts/clocks.ts';
import type { Nodes } from './parts/nodes.ts';
import type { PinControl } from './parts/pins.ts';
import type { Plls } from './parts/plls.ts';
import type { ProgrammableLogic } from './parts/programmable-logic.ts';
import type { RegisterAccess } from './parts/register-access.ts';
import type { ResetControl } from './parts/resets.ts';
import type { RpuControl } from './parts/rpu.ts';
import type { SdControl } from './parts/sd.ts';
import type { ShutdownControl, SystemPower } from './parts/shutdown.ts';
import type { PowerControl } from './psci.ts';
import type { Answer } from './status.ts';

export type Power = SystemPower & Pick<PowerControl, 'cores' | 'isOn'>;

/** The parts of the firmware that serve calls. */
export interface Platform {
  readonly nodes: Nodes;
  readonly clocks: ClockControl;
  readonly plls: Plls;
  readonly pins: PinControl;
  readonly resets: ResetControl;
  readonly registers: RegisterAccess;
  readonly rpu: RpuControl;
  readonly sd: SdControl;
  readonly logic: ProgrammableLogic;
  readonly shutdown: ShutdownControl;
  /** Registers that identify the chip. */
  chip(): { readonly idcode: number; readonly version: number; readonly pcap: number; readonly disabled: number };
  /** Tells the caller later how a request has ended. */
  acknowledge(node: number, status: number): void;
  /** What the PMU has told the application processors last: four words, with nothing new all zero. */
  callback(): Answer;
  /** For FEATURE_CHECK: the masks of a call's functions, if it has several. */
  functions(call: number): readonly number[];
}
