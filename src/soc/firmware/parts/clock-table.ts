/**
 * The clocks that the platform management firmware names, as facts about the chip: which register bits choose a clock's
 * source, divide it and gate it (UG1087, modules CRF_APB, CRL_APB, IOU_SLCR, FPD_SLCR; UG1085 chapter 37). Names,
 * numbers and flags are those of the firmware's interface (UG1200 and the Zynq UltraScale+ platform of Trusted
 * Firmware-A, pm_api_clock).
 */
import { assert } from '../../../base/assert.ts';
import { crfApb, crlApb, fpdSlcr, iouSlcr } from '../../devices/system/control-registers.ts';

/** Kinds of nodes that a clock passes through. */
export const NodeType = { mux: 1, pll: 2, fixedFactor: 3, div1: 4, div2: 5, gate: 6 } as const;

export interface ClockNode {
  readonly type: (typeof NodeType)[keyof typeof NodeType];
  /** The bits of the clock's register that control the node. */
  readonly offset: number;
  readonly width: number;
  readonly flags: number;
  readonly typeFlags: number;
}

/** Where a clock's register is. */
export interface RegisterPlace {
  readonly block: 'crfApb' | 'crlApb' | 'iouSlcr' | 'fpdSlcr';
  readonly offset: number;
}

export interface Clock {
  /** At most 15 characters. */
  readonly name: string;
  readonly register: RegisterPlace;
  readonly nodes: readonly ClockNode[];
  /** The choices of the first node: numbers of clocks, with the kind of number in bits 31:16. */
  readonly parents: readonly number[];
  /** Whether operating systems may see it. */
  readonly visible: boolean;
}

/** What an operating system may do with a node (Linux, include/linux/clk-provider.h). */
const setRateGate = 1 << 0;
const setRateParent = 1 << 2;
const ignoreUnused = 1 << 3;
const isBasic = 1 << 5;
const noReparent = 1 << 7;
const isCritical = 1 << 11;
/** How a divider counts: from 1, and 0 means 1; and that it follows a fractional PLL. */
const dividerFlags = (1 << 0) | (1 << 2);
const fractional = 1 << 8;

type Bits = readonly [offset: number, width: number];
const node = (type: ClockNode['type'], [offset, width]: Bits, flags: number, typeFlags = 0): ClockNode => ({
  type,
  offset,
  width,
  flags,
  typeFlags,
});
const mux = (flags = noReparent | isBasic, offset = 0, width = 3, typeFlags = 0) =>
  node(NodeType.mux, [offset, width], flags, typeFlags);
const div1 = (flags = noReparent | isBasic, typeFlags = 0) =>
  node(NodeType.div1, [8, 6], flags, dividerFlags | typeFlags);
const div2 = (flags = noReparent | setRateParent | isBasic, typeFlags = 0) =>
  node(NodeType.div2, [16, 6], flags, dividerFlags | typeFlags);
const gate = (flags = setRateParent | setRateGate | isBasic, offset = 24) => node(NodeType.gate, [offset, 1], flags);
const half = (flags: number) => node(NodeType.fixedFactor, [0, 0], flags);

const usedGate = setRateParent | ignoreUnused | isBasic;
const openGate = setRateParent | isBasic;
const chosen = setRateParent | noReparent | isBasic;

const muxDiv = [mux(), div1()];
const muxDivGate = [...muxDiv, gate()];
const muxDivUsed = [...muxDiv, gate(usedGate)];
const muxDivDivGate = [mux(), div1(), div2(), gate()];
const usb = [mux(), div1(), div2(), gate(undefined, 25)];
const crossing = [div1(isBasic)];
const media = [mux(chosen, 0, 3, fractional), div1(chosen, fractional), div2(chosen, fractional), gate()];
const fabric = [mux(), div1(isBasic), div2(isBasic | setRateParent), gate(openGate)];

/** Kinds of a parent's number: another clock, that clock before its node 2 or 3, an external one. */
const beforeNode2 = (clock: number): number => clock | (2 << 16);
const beforeNode3 = (clock: number): number => clock | (3 << 16);
const external = (clock: number): number => clock | (5 << 16);
const dummy = -2;

/** Numbers of clocks that are parents. */
const [IOPLL, RPLL, APLL, DPLL, VPLL, IOPLL_TO_FPD, RPLL_TO_FPD, DPLL_TO_LPD, VPLL_TO_LPD] = [
  0, 1, 2, 3, 4, 5, 6, 8, 9,
];
const ACPU = 10;
const GPU_REF = 24;
const TOPSW_LSBUS = 28;
const LPD_LSBUS = 31;
const CPU_R5 = 37;
const GEM_TSU_REF = 43;
const GEM0_REF = 104;
const GEM0_REF_UNGATED = 108;

/** The number of the first external clock; the output clocks come before it. */
export const firstExternal = 113;
const externals = [
  'pss_ref_clk',
  'video_clk',
  'pss_alt_ref_clk',
  'aux_ref_clk',
  'gt_crx_ref_clk',
  'swdt0_ext_clk',
  'swdt1_ext_clk',
];
const gems = [0, 1, 2, 3] as const;
const mios = Array.from({ length: 78 }, (_, pin) => pin);
export const externalNames: readonly string[] = [
  ...externals,
  ...gems.map((n) => `gem${n}_tx_ext`),
  ...gems.map((n) => `gem${n}_rx_ext`),
  'mio_clk_50_51',
  ...mios.map((pin) => `mio_clk_${pin}`),
];
const externalNumber = (name: string): number => external(firstExternal + externalNames.indexOf(name));

const pssRef = externalNumber('pss_ref_clk');
const references = [pssRef, pssRef, pssRef, pssRef, ...externals.slice(1, 5).map(externalNumber)];
const mioParents = mios.map((pin) => externalNumber(`mio_clk_${pin}`));

const fromIopll = [IOPLL, dummy, RPLL, DPLL_TO_LPD];
const fromRpll = [RPLL, dummy, IOPLL, DPLL_TO_LPD];
const forSd = [IOPLL, dummy, RPLL, VPLL_TO_LPD];
const fromIopllInFpd = [IOPLL_TO_FPD, dummy, DPLL, APLL];
const forMedia = [VPLL, dummy, DPLL, RPLL_TO_FPD];
const fromApll = [APLL, dummy, VPLL, DPLL];

const table: (Clock | undefined)[] = new Array(firstExternal).fill(undefined);

function add(number: number, clock: Clock): void {
  assert(!table[number] && clock.name.length < 16, `clock ${number} is given twice, or its name is too long`);
  table[number] = clock;
}

/** A clock that operating systems may see, and one that is hidden from them. */
const shown = (name: string, register: RegisterPlace, nodes: readonly ClockNode[], parents: readonly number[]) => ({
  name,
  register,
  nodes,
  parents,
  visible: true,
});
const hidden = (...clock: Parameters<typeof shown>): Clock => ({ ...shown(...clock), visible: false });

const crf = (name: keyof typeof crfApb): RegisterPlace => ({ block: 'crfApb', offset: crfApb[name][0] });
const crl = (name: keyof typeof crlApb): RegisterPlace => ({ block: 'crlApb', offset: crlApb[name][0] });
const slcr = (name: 'WDT_CLK_SEL' | 'CAN_MIO_CTRL' | 'GEM_CLK_CTRL'): RegisterPlace => ({
  block: 'iouSlcr',
  offset: iouSlcr[name][0],
});

/**
 * A PLL and what it passes through: its number, and the numbers of its inner clocks from `first` on (UG1085 figure
 * 37-2).
 */
function addPll(
  number: number,
  first: number,
  {
    name,
    register,
    flags = noReparent,
  }: { readonly name: string; readonly register: RegisterPlace; readonly flags?: number },
): void {
  add(first, shown(`${name}_int`, register, [node(NodeType.pll, [0, 0], flags)], [first + 1]));
  add(first + 1, shown(`${name}_pre_src`, register, [mux(isBasic, 20)], references));
  add(first + 2, shown(`${name}_half`, register, [half(noReparent | setRateParent)], [first]));
  add(first + 3, shown(`${name}_int_mux`, register, [mux(chosen, 16, 1)], [first, first + 2]));
  add(first + 4, shown(`${name}_post_src`, register, [mux(isBasic, 24)], references));
  add(number, shown(name, register, [mux(chosen, 3, 1)], [first + 3, first + 4]));
}

addPll(IOPLL, 76, { name: 'iopll', register: crl('IOPLL_CTRL') });
addPll(RPLL, 81, { name: 'rpll', register: crl('RPLL_CTRL') });
addPll(APLL, 86, { name: 'apll', register: crf('APLL_CTRL'), flags: ignoreUnused | noReparent });
addPll(DPLL, 91, { name: 'dpll', register: crf('DPLL_CTRL') });
addPll(VPLL, 96, { name: 'vpll', register: crf('VPLL_CTRL'), flags: ignoreUnused | noReparent });

add(IOPLL_TO_FPD, shown('iopll_to_fpd', crl('IOPLL_TO_FPD_CTRL'), crossing, [IOPLL]));
add(RPLL_TO_FPD, shown('rpll_to_fpd', crl('RPLL_TO_FPD_CTRL'), [div1(setRateParent | isBasic)], [RPLL]));
add(7, hidden('apll_to_lpd', crf('APLL_TO_LPD_CTRL'), crossing, [APLL]));
add(DPLL_TO_LPD, shown('dpll_to_lpd', crf('DPLL_TO_LPD_CTRL'), crossing, [DPLL]));
add(VPLL_TO_LPD, shown('vpll_to_lpd', crf('VPLL_TO_LPD_CTRL'), crossing, [VPLL]));

add(ACPU, shown('acpu', crf('ACPU_CTRL'), [mux(), div1(isBasic)], [APLL, dummy, DPLL, VPLL]));
add(11, hidden('acpu_half', crf('ACPU_CTRL'), [half(0), gate(usedGate, 25)], [beforeNode2(ACPU)]));
add(12, hidden('dbg_fpd', crf('DBG_FPD_CTRL'), muxDivGate, fromIopllInFpd));
add(13, hidden('dbg_lpd', crl('DBG_LPD_CTRL'), muxDivGate, fromRpll));
add(14, hidden('dbg_trace', crf('DBG_TRACE_CTRL'), muxDivGate, fromIopllInFpd));
add(15, hidden('dbg_tstmp', crf('DBG_TSTMP_CTRL'), muxDiv, fromIopllInFpd));
add(16, shown('dp_video_ref', crf('DP_VIDEO_REF_CTRL'), media, forMedia));
add(17, shown('dp_audio_ref', crf('DP_AUDIO_REF_CTRL'), media, forMedia));
add(18, shown('dp_stc_ref', crf('DP_STC_REF_CTRL'), muxDivDivGate, forMedia));
add(19, shown('gdma_ref', crf('GDMA_REF_CTRL'), muxDivGate, fromApll));
add(20, shown('dpdma_ref', crf('DPDMA_REF_CTRL'), muxDivGate, fromApll));
add(21, hidden('ddr_ref', crf('DDR_CTRL'), [mux(), div1(isBasic | isCritical)], [DPLL, VPLL]));
add(22, shown('sata_ref', crf('SATA_REF_CTRL'), muxDivGate, [IOPLL_TO_FPD, dummy, APLL, DPLL]));
add(23, shown('pcie_ref', crf('PCIE_REF_CTRL'), muxDivGate, [IOPLL_TO_FPD, dummy, RPLL_TO_FPD, DPLL]));
add(GPU_REF, shown('gpu_ref', crf('GPU_REF_CTRL'), muxDivGate, [IOPLL_TO_FPD, dummy, VPLL, DPLL]));
add(25, shown('gpu_pp0_ref', crf('GPU_REF_CTRL'), [gate(openGate, 25)], [beforeNode2(GPU_REF)]));
add(26, shown('gpu_pp1_ref', crf('GPU_REF_CTRL'), [gate(openGate, 26)], [beforeNode2(GPU_REF)]));
add(27, hidden('topsw_main', crf('TOPSW_MAIN_CTRL'), muxDivUsed, fromApll));
add(TOPSW_LSBUS, shown('topsw_lsbus', crf('TOPSW_LSBUS_CTRL'), muxDivUsed, [APLL, dummy, IOPLL_TO_FPD, DPLL]));
add(29, hidden('gtgref0_ref', crf('GTGREF0_REF_CTRL'), muxDivGate, [IOPLL_TO_FPD, dummy, APLL, DPLL]));
add(30, hidden('lpd_switch', crl('LPD_SWITCH_CTRL'), muxDivUsed, fromRpll));
add(LPD_LSBUS, shown('lpd_lsbus', crl('LPD_LSBUS_CTRL'), muxDivUsed, fromRpll));
add(32, shown('usb0_bus_ref', crl('USB0_BUS_REF_CTRL'), usb, fromIopll));
add(33, shown('usb1_bus_ref', crl('USB1_BUS_REF_CTRL'), usb, fromIopll));
add(34, shown('usb3_dual_ref', crl('USB3_DUAL_REF_CTRL'), usb, fromIopll));
add(CPU_R5, hidden('cpu_r5', crl('CPU_R5_CTRL'), muxDivUsed, fromRpll));
add(38, hidden('cpu_r5_core', crl('CPU_R5_CTRL'), [gate(ignoreUnused | isBasic, 25)], [beforeNode2(CPU_R5), dummy]));
add(40, hidden('csu_pll', crl('CSU_PLL_CTRL'), muxDivGate, fromIopll));
add(41, hidden('pcap', crl('PCAP_CTRL'), muxDivGate, fromIopll));
add(42, hidden('iou_switch', crl('IOU_SWITCH_CTRL'), muxDivUsed, fromRpll));
add(GEM_TSU_REF, shown('gem_tsu_ref', crl('GEM_TSU_REF_CTRL'), muxDivDivGate, fromIopll));
const tsuParents = [GEM_TSU_REF, GEM_TSU_REF, externalNumber('mio_clk_26'), externalNumber('mio_clk_50_51')];
add(44, shown('gem_tsu', slcr('GEM_CLK_CTRL'), [mux(chosen, 20, 2)], tsuParents));
for (const n of gems) {
  const register = crl(`GEM${n}_REF_CTRL`);
  const [input, output] = [externalNumber(`gem${n}_rx_ext`), externalNumber(`gem${n}_tx_ext`)];
  add(45 + n, shown(`gem${n}_tx`, register, [gate(openGate, 25)], [GEM0_REF + n]));
  add(49 + n, shown(`gem${n}_rx`, register, [gate(isBasic, 26)], [input]));
  const source = [beforeNode3(GEM0_REF_UNGATED + n), output];
  add(GEM0_REF + n, shown(`gem${n}_ref`, slcr('GEM_CLK_CTRL'), [mux(chosen, 5 * n + 1, 1)], source));
  add(GEM0_REF_UNGATED + n, shown(`gem${n}_ref_ung`, register, [mux(), div1(), div2()], fromIopll));
}
add(53, shown('qspi_ref', crl('QSPI_REF_CTRL'), muxDivDivGate, fromIopll));
add(54, shown('sdio0_ref', crl('SDIO0_REF_CTRL'), muxDivDivGate, forSd));
add(55, shown('sdio1_ref', crl('SDIO1_REF_CTRL'), muxDivDivGate, forSd));
add(56, shown('uart0_ref', crl('UART0_REF_CTRL'), muxDivDivGate, fromIopll));
add(57, shown('uart1_ref', crl('UART1_REF_CTRL'), muxDivDivGate, fromIopll));
add(58, shown('spi0_ref', crl('SPI0_REF_CTRL'), muxDivDivGate, fromIopll));
add(59, shown('spi1_ref', crl('SPI1_REF_CTRL'), muxDivDivGate, fromIopll));
add(60, shown('nand_ref', crl('NAND_REF_CTRL'), muxDivDivGate, fromIopll));
add(61, shown('i2c0_ref', crl('I2C0_REF_CTRL'), muxDivDivGate, fromIopll));
add(62, shown('i2c1_ref', crl('I2C1_REF_CTRL'), muxDivDivGate, fromIopll));
add(63, shown('can0_ref', crl('CAN0_REF_CTRL'), muxDivDivGate, fromIopll));
add(64, shown('can1_ref', crl('CAN1_REF_CTRL'), muxDivDivGate, fromIopll));
add(65, shown('can0', slcr('CAN_MIO_CTRL'), [mux(chosen, 7, 1)], [63, 101]));
add(66, shown('can1', slcr('CAN_MIO_CTRL'), [mux(chosen, 22, 1)], [64, 102]));
add(67, hidden('dll_ref', crl('DLL_REF_CTRL'), [mux(chosen)], [IOPLL, RPLL]));
add(68, shown('adma_ref', crl('ADMA_REF_CTRL'), muxDivGate, fromRpll));
const stampNodes = [mux(), div1(isBasic), gate(usedGate)];
add(69, hidden('timestamp_ref', crl('TIMESTAMP_REF_CTRL'), stampNodes, [...fromIopll, pssRef, pssRef, pssRef, pssRef]));
add(70, shown('ams_ref', crl('AMS_REF_CTRL'), muxDivDivGate, fromRpll));
add(71, shown('pl0_ref', crl('PL0_REF_CTRL'), fabric, fromIopll));
add(72, shown('pl1_ref', crl('PL1_REF_CTRL'), fabric, fromIopll));
add(73, shown('pl2_ref', crl('PL2_REF_CTRL'), fabric, fromIopll));
add(74, shown('pl3_ref', crl('PL3_REF_CTRL'), fabric, fromIopll));
const fpdSelect: RegisterPlace = { block: 'fpdSlcr', offset: fpdSlcr.WDT_CLK_SEL[0] };
add(75, shown('fpd_wdt', fpdSelect, [mux(chosen, 0, 1)], [TOPSW_LSBUS, externalNumber('swdt0_ext_clk')]));
add(101, shown('can0_mio', slcr('CAN_MIO_CTRL'), [mux(chosen, 0, 7)], mioParents));
add(102, shown('can1_mio', slcr('CAN_MIO_CTRL'), [mux(chosen, 15, 7)], mioParents));
add(103, hidden('acpu_full', crf('ACPU_CTRL'), [gate(usedGate)], [beforeNode2(ACPU)]));
add(112, shown('lpd_wdt', slcr('WDT_CLK_SEL'), [mux(chosen, 0, 1)], [LPD_LSBUS, externalNumber('swdt1_ext_clk')]));

/** Clocks by number; those of USB's own pins and of the CSU have none. */
export const clocks: readonly (Clock | undefined)[] = table;
