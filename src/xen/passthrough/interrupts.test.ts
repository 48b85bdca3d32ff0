import { describe, expect, test } from 'vitest';
import type { Domain } from '../domain/domain.ts';
import { destroyDomain } from '../domain/lifetime.ts';
import { Gicd, gic } from '../machine/gic.ts';
import { maskOf } from '../sched/cpu-mask.ts';
import { type GuestOptions, XenBench } from '../xen-testing.ts';
import { boardWithFreeUart } from './board-testing.ts';
import { mapFrames } from './frames.ts';

const interrupt = 54;

/**
 * Turns the GIC and UART 1 in loopback on, enables interrupt 54 with priority 0x50, and counts interrupts at 0x40100000. The
 * handler ends them unless the word at 0x40100010 is set, and clears the UART's. It sends a byte each time that 0x40100018 is
 * set.
 */
const program = (before = '') => `
  movz x20, #0x0300, lsl #16
  movk x20, #0x1000
  add  x21, x20, #0x1000
  movz x19, #0x4010, lsl #16
  movz x22, #0xff01, lsl #16
  adr  x0, vectors
  msr  vbar_el1, x0
  mov  w0, #3
  str  w0, [x22]
  mov  w0, #0x14
  str  w0, [x22]
  mov  w0, #0x220
  str  w0, [x22, #4]
  mov  w0, #62
  str  w0, [x22, #0x18]
  mov  w0, #6
  str  w0, [x22, #0x34]
  mov  w0, #1
  str  w0, [x22, #0x20]
  mov  w0, #0x3fff
  str  w0, [x22, #0x14]
  mov  w0, #1
  str  w0, [x22, #8]
  str  w0, [x20]
  str  w0, [x21]
  mov  w0, #0xff
  str  w0, [x21, #4]
  ${before}
  mov  w0, #0x50
  strb w0, [x20, #0x436]
  mov  w0, #(1 << 22)
  str  w0, [x20, #0x104]
  msr  daifclr, #2
send:
  ldr  x0, [x19, #0x18]
  cbz  x0, send
  str  xzr, [x19, #0x18]
  mov  w0, #0x41
  str  w0, [x22, #0x30]
  b    send
handler:
  ldr  w0, [x21, #0x0c]
  str  w0, [x19, #8]
  ldr  w1, [x22, #0x30]
  ldr  w1, [x22, #0x14]
  str  w1, [x22, #0x14]
  ldr  x1, [x19]
  add  x1, x1, #1
  str  x1, [x19]
  ldr  x1, [x19, #0x10]
  cbnz x1, kept
  str  w0, [x21, #0x10]
kept:
  eret
  .align 11
vectors:
  .skip 0x280
  b handler
  .align 11`;

class LineBench extends XenBench {
  readonly domain: Domain;

  constructor({
    cpus = 1,
    flags = 4,
    before,
    ...options
  }: GuestOptions & { cpus?: number; flags?: number; before?: string } = {}) {
    super({ cpus, board: boardWithFreeUart(flags) });
    this.domain = this.guest(program(before), { ...options, paused: true });
    expect(mapFrames(this.xen, this.domain, 0xff010n, 0xff010n, 1)).toBe(0);
    expect(this.xen.guestInterrupts.give(this.domain, interrupt)).toBe(0);
    this.go(this.domain);
    this.run(1);
  }

  /** How many interrupts the guest has taken. */
  get taken(): number {
    return Number(this.peek(this.domain, 0x4010_0000));
  }

  /** The guest sends itself a byte. */
  send(): void {
    this.poke(this.domain, 0x4010_0018, 1);
    this.run(1);
  }

  /** Whether the guest leaves interrupts active. */
  set keeps(keeps: boolean) {
    this.poke(this.domain, 0x4010_0010, keeps ? 1 : 0);
  }

  /** A register of the board's distributor. */
  board32(offset: number): number {
    return this.xen.machine.readDevice(gic.distributor + offset);
  }

  get isEnabled(): boolean {
    return (this.board32(Gicd.ISENABLER + 4) & (1 << 22)) !== 0;
  }

  get isActive(): boolean {
    return (this.board32(Gicd.ISACTIVER + 4) & (1 << 22)) !== 0;
  }

  /** The pCPUs that take it. */
  get targets(): number {
    return (this.board32(Gicd.ITARGETSR + 52) >>> 16) & 0xff;
  }
}

describe('an interrupt of the board that a guest has', () => {
  test('is configured as the tree says', () => {
    const edge = (bench: LineBench) => (bench.board32(Gicd.ICFGR + 12) >>> 12) & 2;
    expect(edge(new LineBench({ flags: 1 }))).toBe(2);
    expect(edge(new LineBench({ flags: 4 }))).toBe(0);
  });

  test('reaches the guest each time that the guest has ended it', () => {
    const bench = new LineBench();
    for (let i = 1; i <= 3; i++) {
      bench.send();
      expect(bench.taken).toBe(i);
    }
    expect(Number(bench.peek(bench.domain, 0x4010_0008)) & 0x3ff).toBe(interrupt);
    expect(bench.isActive).toBe(false);
  });

  test('stays active until then', () => {
    const bench = new LineBench();
    bench.keeps = true;
    bench.send();
    bench.send();
    expect(bench.taken).toBe(1);
    expect(bench.isActive).toBe(true);
  });

  test('waits while the domain is paused', () => {
    const bench = new LineBench();
    bench.xen.scheduling.pause(bench.domain.vcpu(0).unit);
    bench.run(1);
    bench.xen.machine.writeDevice(0xff01_0030, 0x42);
    bench.run(1);
    expect(bench.taken).toBe(0);
    expect(bench.isActive).toBe(true);
    bench.xen.scheduling.unpause(bench.domain.vcpu(0).unit);
    bench.run(1);
    expect(bench.taken).toBe(1);
  });

  test('goes to the pCPU that the vCPU is on', () => {
    const bench = new LineBench({ cpus: 2 });
    const { unit } = bench.domain.vcpu(0);
    for (const cpu of [1, 0, 1]) {
      bench.xen.scheduling.setAffinity(unit, maskOf(cpu), null);
      bench.run(1);
      expect(bench.targets).toBe(1 << cpu);
      const before = bench.taken;
      bench.send();
      expect(bench.taken).toBe(before + 1);
    }
  });

  test('follows the guest’s targets; one that is active, from its end on', () => {
    // vCPU 1 is off: what is for it never comes.
    const bench = new LineBench({ cpus: 2, vcpus: 2 });
    const { domain, xen } = bench;
    xen.scheduling.setAffinity(domain.vcpu(0).unit, maskOf(0), null);
    xen.scheduling.setAffinity(domain.vcpu(1).unit, maskOf(1), null);
    bench.keeps = true;
    bench.send();
    expect(xen.vgic.move(domain.vcpu(0), interrupt, 1)).toBe(true);
    expect(bench.targets).toBe(1);
    expect(xen.vgic.move(domain.vcpu(1), interrupt, 0)).toBe(false);
    expect(xen.vgic.target(domain.vcpu(0), interrupt)).toBe(domain.vcpu(1));
  });

  test('is taken back when the domain is destroyed, also if it is active', () => {
    const bench = new LineBench();
    bench.keeps = true;
    bench.send();
    expect([bench.isEnabled, bench.isActive]).toEqual([true, true]);
    while (!destroyDomain(bench.xen, bench.domain)) bench.run(1);
    expect([bench.isEnabled, bench.isActive]).toEqual([false, false]);
    const next = bench.guest('b .', { paused: true });
    expect(bench.xen.guestInterrupts.give(next, interrupt)).toBe(0);
  });
});

describe('an interrupt is refused', () => {
  const bench = new LineBench();
  const other = bench.guest('b .', { paused: true });

  test.each([
    ['that no device of Dom0 has', 60, -1, ''],
    ['that Dom0 has itself', 55, -16, 'IRQ 55 is already used by domain 0'],
    ['that another guest has', interrupt, -16, 'IRQ 54 is already used by domain 1'],
  ])('%s', (_, id, status, logged) => {
    const before = bench.serial.length;
    expect(bench.xen.guestInterrupts.give(other, id)).toBe(status);
    bench.run(1);
    expect(bench.serial.slice(before).trimEnd()).toBe(logged && `(XEN) ${logged}`);
  });

  test('that the guest has already', () => {
    expect(bench.xen.guestInterrupts.give(bench.domain, interrupt)).toBe(-16);
  });
});
