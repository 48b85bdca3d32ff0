/**
 * The system monitor of the Zynq UltraScale+ (UG1085 chapter 9; UG1087, modules AMS_CTRL, PSSYSMON and PLSYSMON;
 * results as in UG580 chapter 2): the chip is always at 45 °C, with every supply at its nominal voltage. No alarm is
 * ever raised.
 */
import type { RegisterTable } from '../../bus/register-bank.ts';

type Row = RegisterTable[string];

/**
 * Results of 16 bits: temperatures from -280.23 °C to 229.08 °C, and voltages from 0 to 3 V, or to 6 V for banks of
 * pins.
 */
const warm = Math.round(((45 + 280.230_878_7) * 65_536) / 509.314_006_4);
const volts = (voltage: number): number => Math.round((voltage * 65_536) / 3);
const bankVolts = (voltage: number): number => volts(voltage / 2);

/** All interrupts are masked, and setting or clearing masks has no visible effect; both monitors are ready. */
const control = {
  MISC_CTRL: [0x0, 0x0, 0x3],
  ISR_0: [0x10, 0x0],
  ISR_1: [0x14, 0x0],
  IMR_0: [0x18, 0xffff_ffff],
  IMR_1: [0x1c, 0xe000_001f],
  IER_0: [0x20, 0x0],
  IER_1: [0x24, 0x0],
  IDR_0: [0x28, 0x0],
  IDR_1: [0x2c, 0x0],
  PS_SYSMON_CONTROL_STATUS: [0x40, 0x801_0000, 0xf],
  PL_SYSMON_CONTROL_STATUS: [0x44, 0x1],
  MON_STATUS: [0x50, 0x0],
  VCC_PSPLL: [0x60, volts(1.2)],
  VCC_PSBATT: [0x6c, volts(1.5)],
  VCCINT: [0x74, volts(0.85)],
  VCCBRAM: [0x78, volts(0.85)],
  VCCAUX: [0x7c, volts(1.8)],
  VCC_PSDDRPLL: [0x80, volts(1.8)],
  VCC_PSINTFP_DDR: [0x84, volts(0.85)],
} as const satisfies RegisterTable;

/** The processing system's monitor: two temperatures and the supplies. */
const psMonitor: readonly (readonly [offset: number, result: number])[] = [
  [0x00, warm], // TEMPERATURE_LPD
  [0x04, volts(0.85)], // VCC_PSINTLP
  [0x08, volts(0.85)], // VCC_PSINTFP
  [0x18, volts(1.8)], // VCC_PSAUX
  [0x34, bankVolts(1.2)], // VCCO_PSDDR
  [0x38, bankVolts(3.3)], // VCCO_PSIO3
  [0x3c, bankVolts(1.8)], // VCCO_PSIO0
  [0x200, bankVolts(1.8)], // VCCO_PSIO1
  [0x204, bankVolts(1.8)], // VCCO_PSIO2
  [0x208, volts(0.85)], // PS_MGTRAVCC
  [0x20c, volts(1.8)], // PS_MGTRAVTT
  [0x210, volts(1.8)], // VCCAMS
  [0x214, warm], // TEMPERATURE_FPD
];
/** The programmable logic's monitor. */
const plMonitor: readonly (readonly [offset: number, result: number])[] = [
  [0x00, warm],
  [0x04, volts(0.85)], // VCCINT
  [0x08, volts(1.8)], // VCCAUX
  [0x0c, 0], // VP_VN
  [0x10, volts(1.25)], // VREFP
  [0x14, 0], // VREFN
  [0x18, volts(0.85)], // VCCBRAM
];
/** Settings of a monitor: averages and modes, the sequence of channels, and limits for alarms. */
const settings = [
  ...[0x100, 0x104, 0x108, 0x10c, 0x118, 0x11c, 0x120, 0x124, 0x128],
  ...Array.from({ length: 32 }, (_, i) => 0x140 + 4 * i),
  ...[0x1e8, 0x1ec],
];

const monitor = (name: string, base: number, results: readonly (readonly [offset: number, result: number])[]) =>
  Object.fromEntries([
    ...results.map(([offset, result]): [string, Row] => [`${name}_${offset}`, [base + offset, result]]),
    ...settings.map((offset): [string, Row] => [`${name}_${offset}`, [base + offset, 0, 0xffff]]),
  ]);

export const ams = {
  ...control,
  ...monitor('PS', 0x800, psMonitor),
  ...monitor('PL', 0xc00, plMonitor),
} as const satisfies RegisterTable;
