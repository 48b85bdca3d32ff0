/** Registers of the Ethernet controllers as in the GEM module of UG1087. */
import { RegisterBank, type RegisterTable } from '../../bus/register-bank.ts';

/** Offsets of registers that do something. */
export const Gem = {
  network_control: 0x000,
  network_config: 0x004,
  network_status: 0x008,
  dma_config: 0x010,
  transmit_status: 0x014,
  receive_status: 0x020,
  phy_management: 0x034,
  jumbo_max_length: 0x048,
  hash_bottom: 0x080,
  spec_add1_bottom: 0x088,
  spec_type1: 0x0a8,
  mask_add1_bottom: 0x0c8,
  firstStatistic: 0x100,
  lastStatistic: 0x1b0,
  dma_rxbuf_size_q1: 0x4a0,
  upper_tx_q_base_addr: 0x4c8,
  upper_rx_q_base_addr: 0x4d4,
  screening_type_1_0: 0x500,
  screening_type_2_0: 0x540,
} as const;

/** Registers of the two queues: interrupts, and where their descriptors are. */
export const queues = [
  { status: 0x24, enable: 0x28, disable: 0x2c, mask: 0x30, receive: 0x018, transmit: 0x01c },
  { status: 0x400, enable: 0x600, disable: 0x620, mask: 0x640, receive: 0x480, transmit: 0x440 },
] as const;
export const queueInterrupts = [0x3ffc_fcff, 0xce6] as const;

/**
 * Frames that follow one another share an interrupt, those of so many seconds at most; those that are received are also
 * written to memory together. The chip has an interrupt for each. But there Linux needs longer for a frame than the wire,
 * so that it finds several when it looks. These cores, which execute an instruction a cycle, would be interrupted for each
 * frame, and the simulator would be several times slower.
 */
export const coalescingSeconds = 100e-6;

export const Control = {
  loopback: 1 << 1,
  receive: 1 << 2,
  transmit: 1 << 3,
  clearStatistics: 1 << 5,
  startTransmission: 1 << 9,
  haltTransmission: 1 << 10,
} as const;

export const Config = {
  speed100: 1 << 0,
  onlyVlan: 1 << 2,
  jumbo: 1 << 3,
  copyAll: 1 << 4,
  noBroadcast: 1 << 5,
  multicastHash: 1 << 6,
  unicastHash: 1 << 7,
  length1536: 1 << 8,
  gigabit: 1 << 10,
  removeFcs: 1 << 17,
  receiveChecksum: 1 << 24,
} as const;

export const Dma = {
  transmitChecksum: 1 << 11,
  discardOnError: 1 << 24,
  extendedReceive: 1 << 28,
  extendedTransmit: 1 << 29,
  wide: 1 << 30,
} as const;

/** int_status, as far as the queues have it. */
export const Interrupt = {
  managementDone: 1 << 0,
  received: 1 << 1,
  receiveUsed: 1 << 2,
  transmitUsed: 1 << 3,
  underrun: 1 << 4,
  corrupted: 1 << 6,
  transmitted: 1 << 7,
  overrun: 1 << 10,
  response: 1 << 11,
} as const;

export const TransmitStatus = {
  used: 1 << 0,
  going: 1 << 3,
  corrupted: 1 << 4,
  complete: 1 << 5,
  underrun: 1 << 6,
  response: 1 << 8,
} as const;

export const ReceiveStatus = { unavailable: 1 << 0, received: 1 << 1, overrun: 1 << 2, response: 1 << 3 } as const;

/**
 * Registers that are only remembered, and those that describe the controller: two queues, 64-bit addresses, jumbo
 * frames of 10240 bytes, a time stamp unit.
 */
export const registers = {
  network_control: [Gem.network_control, 0, 0x1ff],
  network_config: [Gem.network_config, 0x8_0000, 0xffff_ffff],
  user_io: [0x00c, 0, 0x1],
  dma_config: [Gem.dma_config, 0x2_0784, 0x7fff_0fff],
  pause_time: [0x038, 0],
  tx_pause_quantum: [0x03c, 0xffff_ffff, 0xffff_ffff],
  pbuf_txcutthru: [0x040, 0xfff, 0x8000_0fff],
  pbuf_rxcutthru: [0x044, 0xfff, 0x8000_0fff],
  jumbo_max_length: [Gem.jumbo_max_length, 0x2800, 0x3fff],
  external_fifo_interface: [0x04c, 0, 0x1],
  axi_max_pipeline: [0x054, 0x101, 0xffff],
  int_moderation: [0x05c, 0, 0xff_00ff],
  hash_bottom: [Gem.hash_bottom, 0, 0xffff_ffff],
  hash_top: [0x084, 0, 0xffff_ffff],
  spec_add1_bottom: [Gem.spec_add1_bottom, 0, 0xffff_ffff],
  spec_add1_top: [0x08c, 0, 0x1_ffff],
  spec_add2_bottom: [0x090, 0, 0xffff_ffff],
  spec_add2_top: [0x094, 0, 0x3f01_ffff],
  spec_add3_bottom: [0x098, 0, 0xffff_ffff],
  spec_add3_top: [0x09c, 0, 0x3f01_ffff],
  spec_add4_bottom: [0x0a0, 0, 0xffff_ffff],
  spec_add4_top: [0x0a4, 0, 0x3f01_ffff],
  spec_type1: [Gem.spec_type1, 0, 0x8000_ffff],
  spec_type2: [0x0ac, 0, 0x8000_ffff],
  spec_type3: [0x0b0, 0, 0x8000_ffff],
  spec_type4: [0x0b4, 0, 0x8000_ffff],
  wol_register: [0x0b8, 0, 0xf_ffff],
  stretch_ratio: [0x0bc, 0, 0xffff],
  stacked_vlan: [0x0c0, 0, 0x8000_ffff],
  tx_pfc_pause: [0x0c4, 0, 0xffff],
  mask_add1_bottom: [Gem.mask_add1_bottom, 0, 0xffff_ffff],
  mask_add1_top: [0x0cc, 0, 0xffff],
  rx_ptp_unicast: [0x0d4, 0, 0xffff_ffff],
  tx_ptp_unicast: [0x0d8, 0, 0xffff_ffff],
  tsu_nsec_cmp: [0x0dc, 0, 0x3f_ffff],
  tsu_sec_cmp: [0x0e0, 0, 0xffff_ffff],
  tsu_msb_sec_cmp: [0x0e4, 0, 0xffff],
  dpram_fill_dbg: [0x0f8, 0],
  revision_reg: [0x0fc, 0x4007_0106],
  tsu_timer_incr_sub_nsec: [0x1bc, 0, 0xff00_ffff],
  tsu_timer_msb_sec: [0x1c0, 0, 0xffff],
  tsu_strobe_msb_sec: [0x1c4, 0],
  tsu_strobe_sec: [0x1c8, 0],
  tsu_strobe_nsec: [0x1cc, 0],
  tsu_timer_sec: [0x1d0, 0, 0xffff_ffff],
  tsu_timer_nsec: [0x1d4, 0, 0x3fff_ffff],
  tsu_timer_adjust: [0x1d8, 0],
  tsu_timer_incr: [0x1dc, 0, 0xff_ffff],
  tsu_ptp_tx_sec: [0x1e0, 0],
  tsu_ptp_tx_nsec: [0x1e4, 0],
  tsu_ptp_rx_sec: [0x1e8, 0],
  tsu_ptp_rx_nsec: [0x1ec, 0],
  tsu_peer_tx_sec: [0x1f0, 0],
  tsu_peer_tx_nsec: [0x1f4, 0],
  tsu_peer_rx_sec: [0x1f8, 0],
  tsu_peer_rx_nsec: [0x1fc, 0],
  designcfg_debug1: [0x280, 0x250_0111],
  designcfg_debug2: [0x284, 0x2ab1_2800],
  designcfg_debug3: [0x288, 0],
  designcfg_debug4: [0x28c, 0],
  designcfg_debug5: [0x290, 0x2f_2145],
  designcfg_debug6: [0x294, 0x80_0002],
  designcfg_debug7: [0x298, 0],
  designcfg_debug8: [0x29c, 0x404_0000],
  designcfg_debug9: [0x2a0, 0],
  designcfg_debug10: [0x2a4, 0],
  designcfg_debug11: [0x2a8, 0],
  designcfg_debug12: [0x2ac, 0],
  dma_rxbuf_size_q1: [Gem.dma_rxbuf_size_q1, 0x2, 0xff],
  upper_tx_q_base_addr: [Gem.upper_tx_q_base_addr, 0, 0xffff_ffff],
  tx_bd_control: [0x4cc, 0, 0x30],
  rx_bd_control: [0x4d0, 0, 0x30],
  upper_rx_q_base_addr: [Gem.upper_rx_q_base_addr, 0, 0xffff_ffff],
  screening_type_1_0: [Gem.screening_type_1_0, 0, 0x3fff_ffff],
  screening_type_1_1: [0x504, 0, 0x3fff_ffff],
  screening_type_1_2: [0x508, 0, 0x3fff_ffff],
  screening_type_1_3: [0x50c, 0, 0x3fff_ffff],
  screening_type_2_0: [Gem.screening_type_2_0, 0, 0xffff_ffff],
  screening_type_2_1: [0x544, 0, 0xffff_ffff],
  screening_type_2_2: [0x548, 0, 0xffff_ffff],
  screening_type_2_3: [0x54c, 0, 0xffff_ffff],
} as const satisfies RegisterTable;

/** The registers that are remembered, and what they say. */
export class GemRegisters extends RegisterBank {
  get control(): number {
    return this.get(Gem.network_control);
  }

  get config(): number {
    return this.get(Gem.network_config);
  }

  get dma(): number {
    return this.get(Gem.dma_config);
  }

  get bitsPerSecond(): number {
    return this.config & Config.gigabit ? 1e9 : this.config & Config.speed100 ? 1e8 : 1e7;
  }

  /** The longest frame that is received, with its check sequence. A VLAN tag comes on top without jumbo frames. */
  get longest(): number {
    if (this.config & Config.jumbo) return this.get(Gem.jumbo_max_length) & 0x3fff;
    return this.config & Config.length1536 ? 1536 : 1518;
  }
}
