/**
 * Configuration registers of the ZynqMP as a ZCU102's first stage boot loader leaves them (psu_init of the board for
 * its clocks, pins and PLLs; elsewhere the reset values of UG1087). Which bits are writable follows UG1087.
 */
import type { RegisterTable } from '../../bus/register-bank.ts';

type Row = RegisterTable[string];

/** Clocks and resets of the full-power domain (UG1087, module CRF_APB). */
export const crfApb = {
  APLL_CTRL: [0x20, 0x1_4800, 0x771_7f09],
  APLL_CFG: [0x24, 0x7e4b_0c62, 0xfe7f_edef],
  APLL_FRAC_CFG: [0x28, 0x0, 0x8000_ffff],
  DPLL_CTRL: [0x2c, 0x1_4000, 0x771_7f09],
  DPLL_CFG: [0x30, 0x7e4b_0c62, 0xfe7f_edef],
  DPLL_FRAC_CFG: [0x34, 0x0, 0x8000_ffff],
  VPLL_CTRL: [0x38, 0x1_5900, 0x771_7f09],
  VPLL_CFG: [0x3c, 0x7e4b_0c82, 0xfe7f_edef],
  VPLL_FRAC_CFG: [0x40, 0x8000_8e69, 0x8000_ffff],
  PLL_STATUS: [0x44, 0x3f],
  APLL_TO_LPD_CTRL: [0x48, 0x300, 0x3f00],
  DPLL_TO_LPD_CTRL: [0x4c, 0x200, 0x3f00],
  VPLL_TO_LPD_CTRL: [0x50, 0x300, 0x3f00],
  ACPU_CTRL: [0x60, 0x300_0100, 0x300_3f07],
  DBG_TRACE_CTRL: [0x64, 0x2500, 0x100_3f07],
  DBG_FPD_CTRL: [0x68, 0x100_0200, 0x100_3f07],
  DP_VIDEO_REF_CTRL: [0x70, 0x101_0500, 0x13f_3f07],
  DP_AUDIO_REF_CTRL: [0x74, 0x101_3c03, 0x13f_3f07],
  DP_STC_REF_CTRL: [0x7c, 0x101_3803, 0x13f_3f07],
  DDR_CTRL: [0x80, 0x200, 0x3f07],
  GPU_REF_CTRL: [0x84, 0x700_0100, 0x700_3f07],
  SATA_REF_CTRL: [0xa0, 0x100_0200, 0x100_3f07],
  PCIE_REF_CTRL: [0xb4, 0x100_0200, 0x100_3f07],
  GDMA_REF_CTRL: [0xb8, 0x100_0200, 0x100_3f07],
  DPDMA_REF_CTRL: [0xbc, 0x100_0200, 0x100_3f07],
  TOPSW_MAIN_CTRL: [0xc0, 0x100_0203, 0x100_3f07],
  TOPSW_LSBUS_CTRL: [0xc4, 0x100_0502, 0x100_3f07],
  GTGREF0_REF_CTRL: [0xc8, 0x800, 0x100_3f07],
  DBG_TSTMP_CTRL: [0xf8, 0x200, 0x3f07],
  RST_FPD_TOP: [0x100, 0x1f80, 0xf_fffe],
  /** The boot ROM has let the first core go. */
  RST_FPD_APU: [0x104, 0x380e, 0x3d0f],
  RST_DDR_SS: [0x108, 0x0, 0xf],
} as const satisfies RegisterTable;

/** Clocks and resets of the low-power domain (UG1087, module CRL_APB). */
export const crlApb = {
  IOPLL_CTRL: [0x20, 0x1_5a00, 0x771_7f09],
  IOPLL_CFG: [0x24, 0x7e4b_0c82, 0xfe7f_edef],
  IOPLL_FRAC_CFG: [0x28, 0x0, 0x8000_ffff],
  RPLL_CTRL: [0x30, 0x1_5900, 0x771_7f09],
  RPLL_CFG: [0x34, 0x7e4b_0c82, 0xfe7f_edef],
  RPLL_FRAC_CFG: [0x38, 0x8000_8e69, 0x8000_ffff],
  PLL_STATUS: [0x40, 0x1b],
  IOPLL_TO_FPD_CTRL: [0x44, 0x300, 0x3f00],
  RPLL_TO_FPD_CTRL: [0x48, 0x300, 0x3f00],
  USB3_DUAL_REF_CTRL: [0x4c, 0x203_1900, 0x23f_3f07],
  GEM0_REF_CTRL: [0x50, 0x2500, 0x63f_3f07],
  GEM1_REF_CTRL: [0x54, 0x2500, 0x63f_3f07],
  GEM2_REF_CTRL: [0x58, 0x2500, 0x63f_3f07],
  GEM3_REF_CTRL: [0x5c, 0x601_0c00, 0x63f_3f07],
  USB0_BUS_REF_CTRL: [0x60, 0x201_0600, 0x23f_3f07],
  USB1_BUS_REF_CTRL: [0x64, 0x5_2000, 0x23f_3f07],
  QSPI_REF_CTRL: [0x68, 0x101_0500, 0x13f_3f07],
  SDIO0_REF_CTRL: [0x6c, 0x100_0f00, 0x13f_3f07],
  SDIO1_REF_CTRL: [0x70, 0x101_0800, 0x13f_3f07],
  UART0_REF_CTRL: [0x74, 0x101_0f00, 0x13f_3f07],
  UART1_REF_CTRL: [0x78, 0x101_0f00, 0x13f_3f07],
  SPI0_REF_CTRL: [0x7c, 0x100_1800, 0x13f_3f07],
  SPI1_REF_CTRL: [0x80, 0x100_1800, 0x13f_3f07],
  CAN0_REF_CTRL: [0x84, 0x100_1800, 0x13f_3f07],
  CAN1_REF_CTRL: [0x88, 0x101_0f00, 0x13f_3f07],
  CPU_R5_CTRL: [0x90, 0x300_0302, 0x300_3f07],
  IOU_SWITCH_CTRL: [0x9c, 0x100_0602, 0x100_3f07],
  CSU_PLL_CTRL: [0xa0, 0x100_1500, 0x100_3f07],
  PCAP_CTRL: [0xa4, 0x100_0600, 0x100_3f07],
  LPD_SWITCH_CTRL: [0xa8, 0x100_0302, 0x100_3f07],
  LPD_LSBUS_CTRL: [0xac, 0x100_0f02, 0x100_3f07],
  DBG_LPD_CTRL: [0xb0, 0x100_0602, 0x100_3f07],
  NAND_REF_CTRL: [0xb4, 0x5_2000, 0x13f_3f07],
  ADMA_REF_CTRL: [0xb8, 0x100_0302, 0x100_3f07],
  PL0_REF_CTRL: [0xc0, 0x101_0f00, 0x13f_3f07],
  PL1_REF_CTRL: [0xc4, 0x101_0f00, 0x13f_3f07],
  PL2_REF_CTRL: [0xc8, 0x101_0f00, 0x13f_3f07],
  PL3_REF_CTRL: [0xcc, 0x101_0f00, 0x13f_3f07],
  GEM_TSU_REF_CTRL: [0x100, 0x5_1000, 0x13f_3f07],
  DLL_REF_CTRL: [0x104, 0x0, 0x7],
  AMS_REF_CTRL: [0x108, 0x101_1e02, 0x13f_3f07],
  I2C0_REF_CTRL: [0x120, 0x101_0f00, 0x13f_3f07],
  I2C1_REF_CTRL: [0x124, 0x101_0f00, 0x13f_3f07],
  TIMESTAMP_REF_CTRL: [0x128, 0x100_0f00, 0x100_3f07],
  BOOT_MODE_USER: [0x200, 0xe0e, 0xff00],
  RESET_CTRL: [0x218, 0x1, 0x11],
  RESET_REASON: [0x220, 0x1, 0x7f],
  RST_LPD_IOU0: [0x230, 0x7, 0xf],
  RST_LPD_IOU2: [0x238, 0x1_00b8, 0x1f_ffff],
  RST_LPD_TOP: [0x23c, 0x8_0a87, 0x9f_ffdf],
  RST_LPD_DBG: [0x240, 0x0, 0x8033],
  BOOT_PIN_CTRL: [0x250, 0x0, 0xf0f],
} as const satisfies RegisterTable;

/** Pins of the multiplexed inputs and outputs (MIO). */
export const pinCount = 78;
/** Pins of one bank of the control registers. */
export const pinsPerBank = 26;

/** What each pin is for on the board: the multiplexers of MIO_PIN_0 to MIO_PIN_77. */
const mioPins = [
  ...[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0x40, 0x40, 0x40, 0x40, 0xc0, 0xc0, 0xc0, 0xc0, 0, 0, 0x20, 0x20],
  ...[0, 0x18, 0x18, 0x18, 0x18, 0, 8, 8, 8, 8, 8, 8, 0, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16],
  ...[4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0xc0, 0xc0],
];

const mioTable = Object.fromEntries(
  mioPins.map((value, pin): [string, Row] => [`MIO_PIN_${pin}`, [4 * pin, value, 0xfe]]),
);

/**
 * Drive strength (0 and 1), input (3), pull direction (4), pull (5) and slew rate (6) of a bank's pins, one bit each;
 * whether the bank runs at 1.8 V.
 */
const bankTable = Object.fromEntries(
  [0, 1, 2].flatMap((bank): [string, Row][] => {
    const base = 0x138 + 0x1c * bank;
    const all = 0x3ff_ffff;
    return [
      [`bank${bank}_ctrl0`, [base, all, all]],
      [`bank${bank}_ctrl1`, [base + 4, all, all]],
      [`bank${bank}_ctrl3`, [base + 8, 0, all]],
      [`bank${bank}_ctrl4`, [base + 0xc, all, all]],
      [`bank${bank}_ctrl5`, [base + 0x10, all, all]],
      [`bank${bank}_ctrl6`, [base + 0x14, 0, all]],
      [`bank${bank}_status`, [base + 0x18, 1]],
    ];
  }),
);

/** Pins and settings of the input and output peripherals (UG1087, module IOU_SLCR). */
export const iouSlcr = {
  ...mioTable,
  ...bankTable,
  MIO_LOOPBACK: [0x200, 0x0, 0xf],
  MIO_MST_TRI0: [0x204, 0x5224_0000, 0xffff_ffff],
  MIO_MST_TRI1: [0x208, 0xb0_3000, 0xffff_ffff],
  MIO_MST_TRI2: [0x20c, 0xfc0, 0x3fff],
  WDT_CLK_SEL: [0x300, 0x0, 0x1],
  CAN_MIO_CTRL: [0x304, 0x0, 0x7f_ffff],
  GEM_CLK_CTRL: [0x308, 0x0, 0x3f_ffff],
  SDIO_CLK_CTRL: [0x30c, 0x0, 0x6_0006],
  CTRL_REG_SD: [0x310, 0x0, 0x8001],
  SD_ITAPDLY: [0x314, 0x0, 0x3ff_03ff],
  SD_OTAPDLYSEL: [0x318, 0x0, 0x7f_007f],
  SD_CONFIG_REG1: [0x31c, 0x5db8_3250, 0x7fff_7fff],
  SD_CONFIG_REG2: [0x320, 0x28e_0ffc, 0x3fff_3fff],
  SD_CONFIG_REG3: [0x324, 0x606_0606, 0x7ff_07ff],
  SD_DLL_CTRL: [0x358, 0x8, 0xc],
  GEM_CTRL: [0x360, 0x0, 0xff],
  IOU_TTC_APB_CLK: [0x380, 0x0, 0xff],
  IOU_TAPDLY_BYPASS: [0x390, 0x0, 0x7],
  IOU_COHERENT_CTRL: [0x400, 0x0, 0xfff_ffff],
} as const satisfies RegisterTable;

/** Settings of the full-power domain (UG1087, module FPD_SLCR). */
export const fpdSlcr = {
  WDT_CLK_SEL: [0x100, 0x0, 0x1],
} as const satisfies RegisterTable;

/** The application processors' control (UG1087, module APU). */
export const apu = {
  ERR_CTRL: [0x0, 0x0, 0x1],
  CONFIG_0: [0x20, 0xf0f, 0xf0f_0f0f],
  CONFIG_1: [0x24, 0x0, 0x3000_0000],
  RVBARADDR0L: [0x40, 0xffff_0000, 0xffff_fffc],
  RVBARADDR0H: [0x44, 0x0, 0xff],
  RVBARADDR1L: [0x48, 0xffff_0000, 0xffff_fffc],
  RVBARADDR1H: [0x4c, 0x0, 0xff],
  RVBARADDR2L: [0x50, 0xffff_0000, 0xffff_fffc],
  RVBARADDR2H: [0x54, 0x0, 0xff],
  RVBARADDR3L: [0x58, 0xffff_0000, 0xffff_fffc],
  RVBARADDR3H: [0x5c, 0x0, 0xff],
  ACE_CTRL: [0x60, 0xf_000f, 0xf_000f],
  SNOOP_CTRL: [0x80, 0x0, 0x13],
  PWRCTL: [0x90, 0x0, 0x3_000f],
  PWRSTAT: [0x94, 0x0],
} as const satisfies RegisterTable;

/**
 * Words for firmware and software, of which the persistent ones survive a reset of the system, and the power
 * management unit's state (UG1087, module PMU_GLOBAL). Of GLOBAL_RESET only PS_ONLY_RST can be written: software that
 * held the full-power domain in reset would hold itself.
 */
export const pmuGlobal = {
  /** FW_IS_PRESENT. */
  GLOBAL_CNTRL: [0x0, 0x8810],
  GLOBAL_GEN_STORAGE0: [0x30, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE1: [0x34, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE2: [0x38, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE3: [0x3c, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE4: [0x40, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE5: [0x44, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE6: [0x48, 0x0, 0xffff_ffff],
  GLOBAL_GEN_STORAGE7: [0x4c, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE0: [0x50, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE1: [0x54, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE2: [0x58, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE3: [0x5c, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE4: [0x60, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE5: [0x64, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE6: [0x68, 0x0, 0xffff_ffff],
  PERS_GLOB_GEN_STORAGE7: [0x6c, 0x0, 0xffff_ffff],
  PWR_STATE: [0x100, 0xff_fcbf],
  REQ_ISO_STATUS: [0x310, 0x0],
  REQ_SWRST_STATUS: [0x410, 0x0],
  CSU_BR_ERROR: [0x528, 0x0, 0x8000_ffff],
  GLOBAL_RESET: [0x608, 0x0, 0x400],
  SAFETY_CHK: [0x800, 0x0, 0xffff_ffff],
} as const satisfies RegisterTable;

/** The boot ROM's digest, which the simulator does not know. */
const romDigest = Object.fromEntries(
  Array.from({ length: 12 }, (_, i): [string, Row] => [`csu_rom_digest_${i}`, [0x50 + 4 * i, 0]]),
);

/**
 * The configuration and security unit (UG1087, module CSU): the identity of an XCZU9EG of production silicon (UG1085
 * table 39-2), a boot without authentication and encryption, and the state of the programmable logic, which is powered
 * and not configured.
 */
export const csu = {
  csu_status: [0x0, 0x0],
  csu_multi_boot: [0x10, 0x0, 0xffff_ffff],
  csu_tamper_trig: [0x14, 0x0],
  csu_ft_status: [0x18, 0x0],
  jtag_chain_status: [0x34, 0x3],
  idcode: [0x40, 0x2473_8093],
  version: [0x44, 0x3],
  ...romDigest,
  aes_status: [0x1000, 0x0],
  pcap_prog: [0x3000, 0x1, 0x1],
  /** PCAP idle in both directions, PL_INIT. */
  pcap_status: [0x3010, 0x7],
} as const satisfies RegisterTable;

/** eFuses: the chip's encryption is disabled by fuse, because its engines have no model (UG1087, module EFUSE). */
export const efuse = {
  IPDISABLE: [0x1018, 0x8000],
} as const satisfies RegisterTable;

/** The real-time processors' configuration (UG1087, module RPU): lock step, halted, vectors at FFFF_0000. */
export const rpu = {
  RPU_GLBL_CNTL: [0x0, 0x50, 0x7f],
  RPU_0_CFG: [0x100, 0x5, 0xf],
  RPU_1_CFG: [0x200, 0x5, 0xf],
} as const satisfies RegisterTable;

/** A port to the programmable logic (UG1087, module AFIFM): the widths of its two directions. */
export const afi = {
  RDCTRL: [0x0, 0x3b0, 0xfff],
  WRCTRL: [0x14, 0x3b0, 0xfff],
} as const satisfies RegisterTable;
/** Widths of the ports from the processors to the programmable logic (UG1087, afi_fs of FPD_SLCR and LPD_SLCR). */
export const fpdAfi = { afi_fs: [0x0, 0xa00, 0xf00] } as const satisfies RegisterTable;
export const lpdAfi = { afi_fs: [0x0, 0x200, 0x300] } as const satisfies RegisterTable;

/** Message buffers of the inter-processor interrupts (UG1085, table 13-3): memory of 32-byte messages. */
export const ipiMessages = Object.fromEntries(
  Array.from({ length: 0x1000 / 4 }, (_, i): [string, Row] => [`word${i}`, [4 * i, 0, 0xffff_ffff]]),
);
