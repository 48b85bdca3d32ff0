import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Uart } from './uart.ts';

const CR = 0x00;
const MR = 0x04;
const IER = 0x08;
const IDR = 0x0c;
const IMR = 0x10;
const CISR = 0x14;
const BAUDGEN = 0x18;
const RXTOUT = 0x1c;
const RXWM = 0x20;
const SR = 0x2c;
const FIFO = 0x30;
const BAUDDIV = 0x34;
const FLOWDEL = 0x38;
const TTRIG = 0x44;

/** 100 MHz / (10 * (9 + 1)) = 1 Mbit/s: 1200 core cycles a bit. */
const bitTime = 1200;
const characterTime = 10 * bitTime;
const bytes = (text: string) => new TextEncoder().encode(text);

function makeUart() {
  const sent: number[] = [];
  const { device: uart, ...bench } = alone(
    (wiring) => new Uart('uart0', { ...wiring, transmit: (byte) => sent.push(byte) }),
  );
  const { write } = bench;
  return {
    ...bench,
    uart,
    sent,
    /** 8N1 at 1 Mbit/s, both directions on. */
    open: () => {
      write(MR, 0x20);
      write(BAUDGEN, 10);
      write(BAUDDIV, 9);
      write(CR, 0x14);
    },
    text: () => new TextDecoder().decode(Uint8Array.from(sent)),
  };
}

describe('registers', () => {
  test('have the reset values of UG1087', () => {
    const { read } = makeUart();
    const values = [CR, MR, IMR, BAUDGEN, RXTOUT, RXWM, BAUDDIV, FLOWDEL, TTRIG].map(read);
    expect(values).toEqual([0x128, 0, 0, 0x28b, 0, 0x20, 0xf, 0, 0x20]);
    expect(read(SR)).toBe(0b01010); // both FIFOs empty
  });

  test('IER and IDR set and clear bits of IMR and read as zero', () => {
    const { read, write } = makeUart();
    write(IER, 0xffff_ffff);
    expect(read(IMR)).toBe(0x3fff);
    write(IDR, 0x3ff0);
    expect(read(IMR)).toBe(0xf);
    expect([read(IER), read(IDR)]).toEqual([0, 0]);
    write(IMR, 0);
    expect(read(IMR)).toBe(0xf);
  });

  test('narrow accesses use their byte lanes', () => {
    const { uart, open, text } = makeUart();
    uart.write(BAUDGEN, 2, 0x1234);
    expect(uart.read(BAUDGEN, 1)).toBe(0x34);
    expect(uart.read(BAUDGEN + 1, 1)).toBe(0x12);
    open();
    uart.write(FIFO, 1, 'A'.charCodeAt(0));
    expect(text()).toBe('A');
  });

  test('unknown registers are reported once each for reads and for writes', () => {
    const { read, write, logged } = makeUart();
    expect(read(0x3c)).toBe(0);
    read(0x3c);
    write(0x3c, 5);
    write(0x3c, 5);
    expect(logged).toEqual([
      'uart0: read at offset 0x3c: no such register',
      'uart0: write of 0x5 at offset 0x3c: no such register',
    ]);
  });
});

describe('transmitter', () => {
  test('sends nothing until enabled; the FIFO holds 64 bytes', () => {
    const { read, write, open, text } = makeUart();
    for (let i = 0; i < 63; i++) write(FIFO, 0x61);
    expect(read(SR) & 0x6018).toBe(0x6000); // nearly full, above the trigger level, not full, not empty
    write(FIFO, 0x62);
    expect(read(SR) & 0x18).toBe(0x10);
    expect(read(CISR) & 0x1000).toBe(0);
    write(FIFO, 0x63);
    expect(read(CISR) & 0x1000).toBe(0x1000); // overflow
    expect(text()).toBe('');
    open();
    expect(text()).toBe(`${'a'.repeat(63)}b`);
    expect(read(SR) & 0x18).toBe(0x08);
  });

  test('TXRES empties the FIFO and clears itself; TXDIS wins over TXEN', () => {
    const { read, write, text } = makeUart();
    write(FIFO, 0x61);
    write(CR, 0x32);
    expect(read(CR)).toBe(0x30);
    write(CR, 0x10);
    expect(text()).toBe('');
  });

  test('that the FIFO has become empty is an event: cleared, it stays clear until the next byte has left', () => {
    const { read, write, open, interrupts } = makeUart();
    open();
    write(IER, 0x08);
    expect(interrupts()).toBe(true);
    write(CISR, 0x08);
    expect(interrupts()).toBe(false);
    write(FIFO, 0x61);
    expect(interrupts()).toBe(true);
    write(CISR, 0x08);
    write(CR, 0x24); // the transmitter is disabled
    write(FIFO, 0x62);
    expect([interrupts(), read(CISR) & 0x08]).toEqual([false, 0]);
    write(CR, 0x14);
    expect(interrupts()).toBe(true);
  });

  test('what does CISR read after 0x3FFF was written to it, with both FIFOs empty?', () => {
    const { uart, read, write, open, pass } = makeUart();
    open();
    for (const fill of [() => {}, () => write(FIFO, 0x61), () => uart.receive(bytes('a'))]) {
      fill();
      pass(characterTime);
      write(CISR, 0x3fff);
      expect(read(CISR)).toBe(0);
      // The levels hold all the while.
      expect(read(SR) & 0x08).toBe(0x08);
    }
    expect(read(FIFO)).toBe(0x61);
    expect(read(CISR)).toBe(0x02);
    write(RXWM, 0); // changing a trigger level is no event
    expect(read(CISR)).toBe(0x02);
  });

  test('each event is set by the word that causes it', () => {
    const { read, write, open } = makeUart();
    open();
    write(CR, 0x24);
    write(TTRIG, 3);
    write(CISR, 0x3fff);
    const events: number[] = [];
    for (let i = 1; i <= 65; i++) {
      write(FIFO, i);
      events[i] = read(CISR);
      write(CISR, 0x3fff);
    }
    expect([1, 2, 3, 4, 62, 63, 64, 65].map((n) => events[n])).toEqual([
      0, 0, 0x400, 0x400, 0x400, 0xc00, 0x410, 0x1000,
    ]);
  });
});

describe('receiver', () => {
  test('the first character arrives at once, the next at the baud rate', () => {
    const { uart, read, open, pass } = makeUart();
    open();
    expect(read(SR) & 2).toBe(2);
    uart.receive(bytes('xy'));
    pass(0);
    expect(read(SR) & 2).toBe(0);
    expect(read(FIFO)).toBe('x'.charCodeAt(0));
    pass(characterTime - 1);
    expect(read(SR) & 2).toBe(2);
    pass(1);
    expect(read(FIFO)).toBe('y'.charCodeAt(0));
  });

  test('while it is disabled or its clock stands still, characters wait on the line', () => {
    const { uart, read, write, open, pass } = makeUart();
    uart.receive(bytes('k'));
    pass(1e9);
    open();
    write(BAUDGEN, 0);
    pass(1e9);
    expect(read(SR) & 2).toBe(2);
    write(BAUDGEN, 10);
    pass(characterTime);
    expect(read(FIFO)).toBe('k'.charCodeAt(0));
  });

  test('any text arrives intact, whatever the pace of the reader', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.integer({ min: 0, max: 100 * characterTime }), { minLength: 1 }),
        (text, pauses) => {
          const { uart, read, open, pass } = makeUart();
          open();
          expect(uart.receive(text)).toBe(text.length);
          const got: number[] = [];
          for (let turn = 0; got.length < text.length; turn++) {
            pass((pauses[turn % pauses.length] ?? 0) + characterTime);
            for (let room = turn % 70; room >= 0 && (read(SR) & 2) === 0; room--) got.push(read(FIFO));
          }
          expect(Uint8Array.from(got)).toEqual(text);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a full line takes no more', () => {
    const { uart } = makeUart();
    expect(uart.receive(new Uint8Array(65_000))).toBe(65_000);
    expect(uart.receive(new Uint8Array(1000))).toBe(536);
  });

  test('the trigger level and the full FIFO interrupt', () => {
    const { uart, read, write, open, pass, interrupts } = makeUart();
    open();
    write(RXWM, 3);
    write(CISR, 0x3fff);
    write(IER, 0x1);
    uart.receive(new Uint8Array(70));
    pass(2 * characterTime - 1);
    expect(interrupts()).toBe(false);
    pass(1);
    expect(interrupts()).toBe(true);
    pass(80 * characterTime);
    expect(read(SR) & 7).toBe(0b101);
    write(CR, 0x15); // RXRES
    expect(read(SR) & 7).toBe(0b010);
    write(CISR, 0x1);
    expect(interrupts()).toBe(false);
  });

  test('silence for 4 x RTO bits after a character is a timeout, once', () => {
    const { uart, read, write, open, pass } = makeUart();
    open();
    write(RXTOUT, 10);
    uart.receive(bytes('ab'));
    pass(characterTime + 40 * bitTime - 1);
    expect(read(CISR) & 0x100).toBe(0);
    pass(1);
    expect(read(CISR) & 0x100).toBe(0x100);
    write(CISR, 0x100);
    pass(1e9);
    expect(read(CISR) & 0x100).toBe(0);
    write(CR, 0x54); // RSTTO
    pass(40 * bitTime);
    expect(read(CISR) & 0x100).toBe(0x100);
  });
});

describe('channel modes', () => {
  const sending = (mode: number) => {
    const parts = makeUart();
    parts.open();
    parts.write(MR, 0x20 | (mode << 8));
    return parts;
  };
  test('automatic echo sends back what arrives', () => {
    const { uart, pass, text, read } = sending(1);
    uart.receive(bytes('e'));
    pass(characterTime);
    expect(text()).toBe('e');
    expect(read(FIFO)).toBe('e'.charCodeAt(0));
  });
  test('local loopback receives what is sent, and overruns when nobody reads', () => {
    const { write, read, text } = sending(2);
    for (let i = 0; i < 65; i++) write(FIFO, i);
    expect(text()).toBe('');
    expect(read(CISR) & 0x20).toBe(0x20);
    expect(Array.from({ length: 64 }, () => read(FIFO))).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });
  test('remote loopback sends back without receiving', () => {
    const { uart, pass, text, read } = sending(3);
    uart.receive(bytes('r'));
    pass(characterTime);
    expect(text()).toBe('r');
    expect(read(SR) & 2).toBe(2);
  });
});

test('a saved state restores FIFOs, line and timers', () => {
  const first = makeUart();
  first.open();
  first.write(RXTOUT, 10);
  first.uart.receive(bytes('hello'));
  first.pass(2.5 * characterTime);
  const second = makeUart();
  second.pass(2.5 * characterTime);
  second.uart.loadState(structuredClone(first.uart.saveState()));
  expect(second.uart.saveState()).toEqual(first.uart.saveState());
  for (const parts of [first, second]) parts.pass(100 * characterTime);
  expect(second.uart.saveState()).toEqual(first.uart.saveState());
  expect(Array.from({ length: 5 }, () => second.read(FIFO))).toEqual([...bytes('hello')]);
});

test('no sequence of accesses breaks it', () => {
  const access = fc.record({
    write: fc.boolean(),
    offset: fc.integer({ min: 0, max: 0xfff }),
    size: fc.constantFrom<1 | 2 | 4>(1, 2, 4),
    value: fc.integer({ min: 0, max: 0xffff_ffff }),
    time: fc.integer({ min: 0, max: 1e6 }),
  });
  fc.assert(
    fc.property(fc.array(access, { maxLength: 200 }), (accesses) => {
      const { uart, pass } = makeUart();
      uart.receive(new Uint8Array(100));
      for (const { write, offset, size, value, time } of accesses) {
        const aligned = offset & -size;
        if (write) uart.write(aligned, size, value);
        const seen = uart.read(aligned, size);
        expect(seen >= 0 && seen < 2 ** (8 * size)).toBe(true);
        pass(time);
      }
    }),
  );
});
