/**
 * A Gigabit Ethernet controller of the Zynq UltraScale+: UG1085 chapter 34, registers as in the GEM module of UG1087. A
 * driver can identify and configure it, but its management interface finds no PHY, so that there is no link: no frame
 * arrives, and none leaves its queue.
 */
import { bits } from '../../base/bits.ts';
import { type DeviceWiring, readLanes, StatefulDevice, writeLanes } from '../bus/device.ts';
import { joined } from '../bus/interrupt-output.ts';
import { allMasked, InterruptStatus } from '../bus/interrupt-status.ts';
import { RegisterBank, type RegisterTable, valuesOf } from '../bus/register-bank.ts';

const network_control = 0x000;
const network_status = 0x008;
const transmit_status = 0x014;
const receive_status = 0x020;
const phy_management = 0x034;
const firstStatistic = 0x100;
const lastStatistic = 0x1b0;

/** Interrupt registers of both queues. */
const queues = [
  { status: 0x24, enable: 0x28, disable: 0x2c, mask: 0x30 },
  { status: 0x400, enable: 0x600, disable: 0x620, mask: 0x640 },
] as const;
const queueInterrupts = [0x3ffc_fcff, 0xce6];
const managementDone = 1 << 0;

const managementRead = 2;
/** network_status: the management interface is idle, and its data line, which nobody drives, is high. */
const idle = 0x6;

/**
 * Registers that are only remembered, and those that describe the controller: two queues, 64-bit addresses, jumbo
 * frames of 10240 bytes, a time stamp unit.
 */
const registers = {
  network_control: [network_control, 0, 0x1ff],
  network_config: [0x004, 0x8_0000, 0xffff_ffff],
  user_io: [0x00c, 0, 0x1],
  dma_config: [0x010, 0x2_0784, 0x7fff_0fff],
  receive_q_ptr: [0x018, 0, 0xffff_fffc],
  transmit_q_ptr: [0x01c, 0, 0xffff_fffc],
  pause_time: [0x038, 0],
  tx_pause_quantum: [0x03c, 0xffff_ffff, 0xffff_ffff],
  pbuf_txcutthru: [0x040, 0xfff, 0x8000_0fff],
  pbuf_rxcutthru: [0x044, 0xfff, 0x8000_0fff],
  jumbo_max_length: [0x048, 0x2800, 0x3fff],
  external_fifo_interface: [0x04c, 0, 0x1],
  axi_max_pipeline: [0x054, 0x101, 0xffff],
  int_moderation: [0x05c, 0, 0xff_00ff],
  hash_bottom: [0x080, 0, 0xffff_ffff],
  hash_top: [0x084, 0, 0xffff_ffff],
  spec_add1_bottom: [0x088, 0, 0xffff_ffff],
  spec_add1_top: [0x08c, 0, 0x1_ffff],
  spec_add2_bottom: [0x090, 0, 0xffff_ffff],
  spec_add2_top: [0x094, 0, 0x3f01_ffff],
  spec_add3_bottom: [0x098, 0, 0xffff_ffff],
  spec_add3_top: [0x09c, 0, 0x3f01_ffff],
  spec_add4_bottom: [0x0a0, 0, 0xffff_ffff],
  spec_add4_top: [0x0a4, 0, 0x3f01_ffff],
  spec_type1: [0x0a8, 0, 0x8000_ffff],
  spec_type2: [0x0ac, 0, 0x8000_ffff],
  spec_type3: [0x0b0, 0, 0x8000_ffff],
  spec_type4: [0x0b4, 0, 0x8000_ffff],
  wol_register: [0x0b8, 0, 0xf_ffff],
  stretch_ratio: [0x0bc, 0, 0xffff],
  stacked_vlan: [0x0c0, 0, 0x8000_ffff],
  tx_pfc_pause: [0x0c4, 0, 0xffff],
  mask_add1_bottom: [0x0c8, 0, 0xffff_ffff],
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
  transmit_q1_ptr: [0x440, 0, 0xffff_fffc],
  receive_q1_ptr: [0x480, 0, 0xffff_fffc],
  dma_rxbuf_size_q1: [0x4a0, 0x2, 0xff],
  upper_tx_q_base_addr: [0x4c8, 0, 0xffff_ffff],
  tx_bd_control: [0x4cc, 0, 0x30],
  rx_bd_control: [0x4d0, 0, 0x30],
  upper_rx_q_base_addr: [0x4d4, 0, 0xffff_ffff],
  screening_type_1_0: [0x500, 0, 0x3fff_ffff],
  screening_type_1_1: [0x504, 0, 0x3fff_ffff],
  screening_type_1_2: [0x508, 0, 0x3fff_ffff],
  screening_type_1_3: [0x50c, 0, 0x3fff_ffff],
  screening_type_2_0: [0x540, 0, 0xffff_ffff],
  screening_type_2_1: [0x544, 0, 0xffff_ffff],
  screening_type_2_2: [0x548, 0, 0xffff_ffff],
  screening_type_2_3: [0x54c, 0, 0xffff_ffff],
} as const satisfies RegisterTable;

const atReset = () => ({
  registers: valuesOf(registers),
  phyManagement: 0,
  interrupts: queueInterrupts.map(allMasked),
});

export class Gem extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #registers: RegisterBank;
  readonly #interrupts: readonly InterruptStatus[];

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#registers = new RegisterBank(name, registers, log, this.state.registers);
    const output = joined(interrupt);
    this.#interrupts = this.state.interrupts.map(
      (state, queue) => new InterruptStatus(state, queueInterrupts[queue] as number, output()),
    );
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const special = this.#read(offset & ~3);
    return special === null ? this.#registers.read(offset, size) : readLanes(special, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = writeLanes(value, offset, size);
    for (const [i, { status, enable, disable, mask }] of queues.entries()) {
      const interrupts = this.#interrupts[i] as InterruptStatus;
      switch (offset & ~3) {
        case status:
          interrupts.clear(word);
          return;
        case enable:
          interrupts.enable(word);
          return;
        case disable:
          interrupts.disable(word);
          return;
        case mask:
          return; // read-only
      }
    }
    switch (offset & ~3) {
      case network_status:
      case transmit_status: // no bit is ever set
      case receive_status:
        return;
      case phy_management:
        this.#manage(word);
        return;
      default:
        if (isStatistic(offset)) return;
        this.#registers.write(offset, size, value);
    }
  }

  protected override stateLoaded(): void {
    for (const interrupts of this.#interrupts) interrupts.update();
  }

  /** Registers that are not only remembered; null for the rest. */
  #read(register: number): number | null {
    for (const [i, { status, enable, disable, mask }] of queues.entries()) {
      const interrupts = this.#interrupts[i] as InterruptStatus;
      if (register === status) return interrupts.status;
      if (register === mask) return interrupts.mask;
      if (register === enable || register === disable) return 0; // write-only
    }
    if (register === network_status) return idle;
    if (register === phy_management) return this.state.phyManagement;
    if (register === transmit_status || register === receive_status || isStatistic(register)) return 0;
    return null;
  }

  /** A frame of the management interface: nobody drives the line, so a read finds ones. */
  #manage(frame: number): void {
    this.state.phyManagement = bits(frame, 29, 28) === managementRead ? (frame | 0xffff) >>> 0 : frame;
    this.#interrupts[0]?.raise(managementDone);
  }
}

const isStatistic = (register: number): boolean => register >= firstStatistic && register <= lastStatistic;
