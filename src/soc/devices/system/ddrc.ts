/**
 * The DDR memory controller as the first stage boot loader leaves it: the registers from which software learns what
 * memory there is (UG1085 chapter 17; UG1087, module DDRC): DDR4 of 64 bits without error correction, running.
 */
import type { RegisterTable } from '../../bus/register-bank.ts';

export const ddrc = {
  MSTR: [0x0, 0x4104_0010, 0xffff_ffff],
  STAT: [0x4, 0x1],
  PWRCTL: [0x30, 0x0, 0x1ff],
  RFSHTMG: [0x64, 0x81_808b, 0xffff_ffff],
  ECCCFG0: [0x70, 0x10, 0x7f],
  ECCCFG1: [0x74, 0x0, 0x3],
  ECCSTAT: [0x78, 0x0],
  ECCCLR: [0x7c, 0x0],
  ECCERRCNT: [0x80, 0x0],
  DFISTAT: [0x1bc, 0x1],
  DBGCAM: [0x308, 0x3600_0000],
  SWCTL: [0x320, 0x1, 0x1],
  SWSTAT: [0x324, 0x1],
} as const satisfies RegisterTable;
