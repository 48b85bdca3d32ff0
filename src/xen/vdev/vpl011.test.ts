import { describe, expect, test } from 'vitest';
import { defined } from '../../base/assert.ts';
import type { Domain } from '../domain/domain.ts';
import { XenBench } from '../xen-testing.ts';
import { createPl011, type VPl011 } from './vpl011.ts';

const page = 0x4008_0000;

/** The other end of the console page. */
class Peer {
  readonly view: DataView;
  readonly uart: VPl011;
  notified = 0;

  constructor(
    readonly bench: XenBench,
    domain: Domain,
  ) {
    const made = createPl011(bench.xen, domain, page / 4096, () => this.notified++);
    if (!made.ok) throw new Error(String(made.error));
    this.uart = made.value;
    const { mfn } = defined(domain.p2m.lookUp(page / 4096), 'page');
    const bytes = bench.xen.machine.page(mfn);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, 4096);
  }

  take(limit = Number.POSITIVE_INFINITY): string {
    let text = '';
    let consumer = this.view.getUint32(3080, true);
    while (consumer !== this.view.getUint32(3084, true) && text.length < limit) {
      text += String.fromCharCode(this.view.getUint8(1024 + (consumer++ % 2048)));
    }
    this.view.setUint32(3080, consumer, true);
    this.uart.notified();
    return text;
  }

  type(text: string): void {
    for (const character of text) {
      const producer = this.view.getUint32(3076, true);
      this.view.setUint8(producer % 1024, character.charCodeAt(0));
      this.view.setUint32(3076, producer + 1, true);
    }
    this.uart.notified();
  }
}

/** Starts `source`, which finds the UART in x1, with its console page. */
function start(source: string): { bench: XenBench; peer: Peer; domain: Domain } {
  const bench = new XenBench();
  const domain = bench.guest(`movz x1, #0x2200, lsl #16\n${source}`, { paused: true });
  return { bench, domain, peer: new Peer(bench, domain) };
}

describe('the PL011', () => {
  test('echoes by polling, as a driver would', () => {
    const { bench, peer, domain } = start(`
      again:
        ldr  w2, [x1, #0x18]
        tbnz w2, #4, again      // RXFE
        ldr  w3, [x1]
      1: ldr w2, [x1, #0x18]
        tbnz w2, #5, 1b         // TXFF
        strb w3, [x1]
        b    again`);
    bench.go(domain);
    peer.type('hello');
    bench.run(1);
    expect(peer.take()).toBe('hello');
    peer.type(', world');
    bench.run(1);
    expect(peer.take()).toBe(', world');
    // One notification for each byte read, and one for each byte written.
    expect(peer.notified).toBe(24);
    expect(bench.serial).not.toContain('vpl011');
  });

  test('is full after as many bytes as the ring holds, and its flags say so', () => {
    const { bench, peer, domain } = start(`
        mov  x4, #0
      1: ldr w2, [x1, #0x18]
        tbnz w2, #5, 1b
        strb w4, [x1]
        add  x4, x4, #1
        adr  x5, count
        str  x4, [x5]
        b    1b
        .align 12
      count: .quad 0`);
    bench.go(domain);
    bench.run(5);
    expect(bench.peek(domain, 0x4000_1000)).toBe(2048n);
    expect(peer.take().length).toBe(2048);
    bench.run(5);
    expect(bench.peek(domain, 0x4000_1000)).toBe(4096n);
    expect(bench.serial).not.toContain('vpl011');
  });

  test('interrupts once for input, and again for more input', () => {
    const { bench, peer, domain } = start(`
        movz x2, #0x0300, lsl #16
        movk x2, #0x1000        // GICD
        mov  w3, #1
        str  w3, [x2]
        str  w3, [x2, #0x104]   // ISENABLER1: SPI 32
        strb w3, [x2, #0x820]
        add  x2, x2, #0x1000    // GICC
        mov  w3, #0xf0
        str  w3, [x2, #4]
        mov  w3, #1
        str  w3, [x2]
        mov  w3, #0x50          // RXI, RTI
        str  w3, [x1, #0x38]
        adr  x7, seen
        mov  x8, #0
      1: wfi
        ldr  w4, [x2, #0x0c]    // IAR
        and  w5, w4, #0x3ff
        cmp  w5, #32
        b.ne 1b
        add  x8, x8, #1
        str  x8, [x7]
        ldr  w6, [x1, #0x40]    // MIS
        str  x6, [x7, #8]
        ldr  w6, [x1]           // DR
        str  x6, [x7, #16]
        str  w6, [x1, #0x44]
        str  w4, [x2, #0x10]    // EOIR
        b    1b
        .align 12
      seen: .quad 0, 0, 0`);
    bench.go(domain);
    bench.run(1);
    const seen = (n: number) => bench.peek(domain, 0x4000_1000 + 8 * n);
    expect(seen(0)).toBe(0n);
    peer.type('x');
    bench.run(1);
    expect([seen(0), seen(1), seen(2)]).toEqual([1n, 0x40n, 0x78n]);
    peer.type('y');
    bench.run(1);
    expect([seen(0), seen(1), seen(2)]).toEqual([2n, 0x40n, 0x79n]);
  });

  test('logs accesses to registers that it does not have', () => {
    const { bench, domain } = start('ldr w0, [x1]\nldr w0, [x1, #0x30]\nb .');
    bench.go(domain);
    bench.run(1);
    expect(bench.serial).toContain('(XEN) d1v0 vpl011: Unexpected IN ring buffer empty\r\n');
    expect(bench.serial).toContain('(XEN) d1v0 vpl011: unhandled read r0 offset 0x000030\r\n');
  });
});
