import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConsoleRing } from './ring.ts';

/** The guest's side: prints into the output ring and reads the input ring. */
class Guest {
  readonly page = new Uint8Array(4096);
  readonly #view = new DataView(this.page.buffer);

  word(offset: number, value?: number): number {
    if (value !== undefined) this.#view.setUint32(offset, value, true);
    return this.#view.getUint32(offset, true);
  }

  print(bytes: readonly number[]): number {
    const producer = this.word(3084);
    const count = Math.min(bytes.length, 2048 - ((producer - this.word(3080)) >>> 0));
    for (let i = 0; i < count; i++) this.page[1024 + ((producer + i) % 2048)] = bytes[i] as number;
    this.word(3084, producer + count);
    return count;
  }

  read(): number[] {
    const bytes: number[] = [];
    for (let at = this.word(3072); at !== this.word(3076); at = (at + 1) >>> 0) {
      bytes.push(this.page[at % 1024] as number);
      this.word(3072, (at + 1) >>> 0);
    }
    return bytes;
  }
}

const byte = fc.nat(255);

test('bytes pass both ways, in order, in whatever pieces', () => {
  const step = fc.oneof(
    fc.record({ print: fc.array(byte, { maxLength: 3000 }) }),
    fc.record({ take: fc.nat(3000) }),
    fc.record({ type: fc.array(byte, { maxLength: 1500 }) }),
    fc.constant('read' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(0xffff_ffff), (steps, start) => {
      const guest = new Guest();
      for (const offset of [3072, 3076, 3080, 3084]) guest.word(offset, start);
      const ring = new ConsoleRing(guest.page);
      const printed: number[] = [];
      const typed: number[] = [];
      const taken: number[] = [];
      const read: number[] = [];
      for (const s of steps) {
        if (s === 'read') read.push(...guest.read());
        else if ('print' in s) printed.push(...s.print.slice(0, guest.print(s.print)));
        else if ('take' in s) taken.push(...ring.take(s.take));
        else typed.push(...s.type.slice(0, ring.put(Uint8Array.from(s.type))));
      }
      taken.push(...ring.take(4096));
      read.push(...guest.read());
      expect(taken).toEqual(printed);
      expect(read).toEqual(typed);
      expect(ring.hasOutput).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test('invalid indices break nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff_ffff), { minLength: 4, maxLength: 4 }), (indices) => {
      const guest = new Guest();
      indices.forEach((value, i) => {
        guest.word(3072 + 4 * i, value);
      });
      const ring = new ConsoleRing(guest.page);
      expect(ring.take(4096).length).toBeLessThanOrEqual(2048);
      expect(ring.put(new Uint8Array(4096))).toBeLessThanOrEqual(1024);
    }),
  );
});
