/**
 * The PCI Express controller of the full-power domain as a root port with nothing plugged in (UG1085 chapter 30;
 * UG1087, modules AXIPCIE_MAIN and PCIE_ATTRIB): its PHY is ready, its link is down. The port's configuration header is
 * that of a PCI-to-PCI bridge (PCI-to-PCI Bridge Architecture Specification 1.2, 3.2) without capabilities; nothing
 * answers behind it.
 */
import type { RegisterTable } from '../../bus/register-bank.ts';

/** Bridge: each window is present (bit 0 of its capabilities) and closed. */
export const pcieBridge = {
  BRIDGE_CORE_CFG_PCIE_RX0: [0x0, 0x0, 0xffff_ffff],
  BRIDGE_CORE_CFG_PCIE_RX1: [0x4, 0x0, 0xffff_ffff],
  BRIDGE_CORE_CFG_INTERRUPT: [0x10, 0x0, 0xf],
  BRIDGE_CORE_CFG_RX_MSG_FILTER: [0x20, 0x0, 0xffff_ffff],
  E_BREG_CAPABILITIES: [0x200, 0x1],
  E_BREG_CONTROL: [0x208, 0x0, 0x3],
  E_BREG_BASE_LO: [0x210, 0x0, 0xffff_f000],
  E_BREG_BASE_HI: [0x214, 0x0, 0xffff_ffff],
  E_ECAM_CAPABILITIES: [0x220, 0x1],
  E_ECAM_CONTROL: [0x228, 0x0, 0x1f_0001],
  E_ECAM_BASE_LO: [0x230, 0x0, 0xffff_f000],
  E_ECAM_BASE_HI: [0x234, 0x0, 0xffff_ffff],
  I_MSII_CAPABILITIES: [0x300, 0x1],
  I_MSII_CONTROL: [0x308, 0x0, 0x8001],
  I_MSII_BASE_LO: [0x310, 0x0, 0xffff_f000],
  I_MSII_BASE_HI: [0x314, 0x0, 0xffff_ffff],
  I_ISUB_CONTROL: [0x3e8, 0x0, 0x1],
  MSGF_MISC_STATUS: [0x400, 0x0],
  MSGF_MISC_MASK: [0x404, 0x0, 0xffff_ffff],
  MSGF_LEG_STATUS: [0x420, 0x0],
  MSGF_LEG_MASK: [0x424, 0x0, 0xf],
  MSGF_MSI_STATUS_LO: [0x440, 0x0],
  MSGF_MSI_STATUS_HI: [0x444, 0x0],
  MSGF_MSI_MASK_LO: [0x448, 0x0, 0xffff_ffff],
  MSGF_MSI_MASK_HI: [0x44c, 0x0, 0xffff_ffff],
} as const satisfies RegisterTable;

/** Bit 0: the link is up; bit 1: the PHY is ready. */
export const pcieAttributes = {
  PCIE_STATUS: [0x238, 0x2],
} as const satisfies RegisterTable;

/**
 * Every word of the header; the vendor is Xilinx, the class a PCI-to-PCI bridge, with no windows for ports and 64-bit
 * prefetchable memory.
 */
const emptyHeader: RegisterTable = Object.fromEntries(
  Array.from({ length: 0x1000 / 4 }, (_, i): [string, RegisterTable[string]] => [`config${i}`, [4 * i, 0]]),
);
const header = {
  config0: [0x0, 0xd021_10ee],
  config1: [0x4, 0x0, 0x547],
  config2: [0x8, 0x604_0000],
  config3: [0xc, 0x1_0000, 0xff],
  config6: [0x18, 0x0, 0xff_ffff],
  config8: [0x20, 0x0, 0xfff0_fff0],
  config9: [0x24, 0x1_0001, 0xfff0_fff0],
  config10: [0x28, 0x0, 0xffff_ffff],
  config11: [0x2c, 0x0, 0xffff_ffff],
  config15: [0x3c, 0x100, 0x7b_00ff],
} as const satisfies RegisterTable;

export const pcieRootPort: RegisterTable = { ...emptyHeader, ...header };
