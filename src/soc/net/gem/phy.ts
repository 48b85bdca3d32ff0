/**
 * The TI DP83867 on a ZCU102's management bus, as far as a driver sees it: registers of IEEE 802.3 clause 22 and those
 * of its data sheet (SNLS484, 8.6). Its partner is a switch that offers all speeds up to 1000BASE-T.
 */
import { type Cycles, cycles } from '../../../base/units.ts';
import type { DeviceClock } from '../../bus/device.ts';

/** Its address on the management bus of a ZCU102 (UG1182, chapter 3). */
export const phyAddress = 12;

/** What autonegotiation takes on such a link, in seconds. */
const negotiationTime = 1.5;

const Bmcr = {
  reset: 1 << 15,
  loopback: 1 << 14,
  negotiate: 1 << 12,
  powerDown: 1 << 11,
  isolate: 1 << 10,
  restart: 1 << 9,
};
const Bmsr = { base: 0x7949, negotiated: 1 << 5, link: 1 << 2 };
const Physts = { gigabit: 2 << 14, fast: 1 << 14, fullDuplex: 1 << 13, resolved: 1 << 11, link: 1 << 10 };
/** CTRL: a reset of everything, or of all but the registers. */
const Ctrl = { reset: 1 << 15, restart: 1 << 14 };
/** MICR and ISR: autonegotiation has ended, the link has changed. */
const Interrupts = { ended: 1 << 11, link: 1 << 10 };

/** Registers by number that software can write: value at power-on. */
const writable: Readonly<Record<number, number>> = {
  0: 0x1140, // BMCR: autonegotiation, full duplex
  4: 0x01e1, // ANAR
  7: 0x2001, // ANNPTR
  9: 0x0300, // CFG1: offers 1000BASE-T
  16: 0x5048, // PHYCR
  18: 0, // MICR
  20: 0x29c7, // CFG2
  21: 0, // RECR
  22: 0, // BISCR
  24: 0x6150, // LEDCR1
  25: 0x4444, // LEDCR2
  26: 0x0002, // LEDCR3
  30: 0x0002, // CFG3
  31: 0, // CTRL
};

/** Registers that tell: identity, partner's abilities, extended abilities. */
const constants: Readonly<Record<number, number>> = {
  2: 0x2000, // PHYIDR1
  3: 0xa231, // PHYIDR2
  5: 0xcde1, // ANLPAR: 10 and 100 Mbit/s, symmetric pause, acknowledged
  6: 0x006d, // ANER
  8: 0, // ANNPRR
  10: 0x3c00, // STS1: the partner has 1000BASE-T, both receivers are well
  15: 0x3000, // 1KSCR: 1000BASE-T
  23: 0x0040, // STS2
};

/** Extended registers, reached by REGCR and ADDAR: value at power-on. Others read as zero. */
const extended: Readonly<Record<number, number>> = {
  37: 0x0400, // TESTMODE_CH
  49: 0x10b0, // CFG4
  50: 0x00d3, // RGMIICTL: RGMII, both delays
  110: 0x0000, // STRAP_STS1: address 12 has no bits here that drivers use
  111: 0x0100, // STRAP_STS2
  134: 0x0077, // RGMIIDCTL
  368: 0x0c0f, // IO_MUX_CFG
};

const writableNumbers = Object.keys(writable).map(Number);
const extendedNumbers = Object.keys(extended).map(Number);

export const phyAtPowerOn = () => ({
  registers: Object.values(writable),
  extended: Object.values(extended),
  /** REGCR's function and device, and the extended register's address. */
  access: 0,
  address: 0,
  /** When the link comes up. */
  upAt: 1.5 * 1_200_000_000,
  /** The link was down since BMSR was read. */
  wasDown: true,
  /** ISR since it was read, and whether the link was up then. */
  sawLink: false,
});

const negotiationCycles = (now: number, hz: number): Cycles => cycles(now + negotiationTime * hz);

export class Phy {
  readonly #state: ReturnType<typeof phyAtPowerOn>;
  readonly #clock: Pick<DeviceClock, 'now' | 'hz'>;

  /** `state` is part of the controller's. */
  constructor(state: ReturnType<typeof phyAtPowerOn>, clock: Pick<DeviceClock, 'now' | 'hz'>) {
    this.#state = state;
    this.#clock = clock;
  }

  get hasLink(): boolean {
    return (this.#control & (Bmcr.powerDown | Bmcr.isolate)) === 0 && this.#clock.now >= this.#state.upAt;
  }

  get loopsBack(): boolean {
    return (this.#control & Bmcr.loopback) !== 0;
  }

  read(register: number): number {
    const state = this.#state;
    switch (register) {
      case 1: {
        const { hasLink } = this;
        const isDown = state.wasDown || !hasLink;
        // The link's bit stays low until it has been read (802.3, 22.2.4.2.13).
        state.wasDown = !hasLink;
        return Bmsr.base | (hasLink ? Bmsr.negotiated : 0) | (isDown ? 0 : Bmsr.link);
      }
      case 13:
        return state.access;
      case 14:
        return this.#data;
      case 17:
        return this.hasLink ? this.#speed | Physts.fullDuplex | Physts.resolved | Physts.link : 0x0002;
      case 19: {
        const { hasLink } = this;
        const changed = hasLink !== state.sawLink;
        state.sawLink = hasLink;
        return changed ? Interrupts.link | (hasLink ? Interrupts.ended : 0) : 0;
      }
      default:
        return constants[register] ?? this.#get(register);
    }
  }

  write(register: number, value: number): void {
    const state = this.#state;
    switch (register) {
      case 0:
        if (value & Bmcr.reset) this.#reset();
        else {
          const before = this.#control;
          const woken = before & ~value & (Bmcr.powerDown | Bmcr.isolate);
          this.#set(0, value & ~Bmcr.restart);
          if (value & Bmcr.restart || woken || (before ^ value) & Bmcr.negotiate) this.#negotiate();
        }
        break;
      case 13:
        state.access = value & 0xc01f;
        break;
      case 14:
        this.#writeExtended(value);
        break;
      case 31:
        if (value & Ctrl.reset) this.#reset();
        else if (value & Ctrl.restart) this.#negotiate();
        break;
      default:
        this.#set(register, value);
    }
  }

  get #control(): number {
    return this.#get(0);
  }

  /** The fastest speed that it offers; its partner has them all. */
  get #speed(): number {
    if ((this.#control & Bmcr.negotiate) === 0)
      return this.#control & (1 << 6) ? Physts.gigabit : this.#control & (1 << 13) ? Physts.fast : 0;
    if (this.#get(9) & 0x300) return Physts.gigabit;
    return this.#get(4) & 0x180 ? Physts.fast : 0;
  }

  #get(register: number): number {
    return this.#state.registers[writableNumbers.indexOf(register)] ?? 0;
  }

  #set(register: number, value: number): void {
    const index = writableNumbers.indexOf(register);
    if (index >= 0) this.#state.registers[index] = value;
  }

  /** Reset by software: the registers, and a link that is negotiated anew. */
  #reset(): void {
    Object.assign(this.#state, { ...phyAtPowerOn(), sawLink: this.#state.sawLink });
    this.#negotiate();
  }

  #negotiate(): void {
    this.#state.upAt = negotiationCycles(this.#clock.now, this.#clock.hz);
    this.#state.wasDown = true;
  }

  /** The extended register that REGCR and ADDAR have chosen (SNLS484, 8.4.2.1). Device 31 has them all. */
  get #data(): number {
    const state = this.#state;
    if (state.access >>> 14 === 0) return state.address;
    return state.extended[extendedNumbers.indexOf(state.address)] ?? 0;
  }

  #writeExtended(value: number): void {
    const state = this.#state;
    if (state.access >>> 14 === 0) {
      state.address = value;
      return;
    }
    const index = extendedNumbers.indexOf(state.address);
    if (index >= 0) state.extended[index] = value;
    // Functions 2 and 3 count the address on after an access.
    if (state.access >>> 14 > 1) state.address = (state.address + 1) & 0xffff;
  }
}
