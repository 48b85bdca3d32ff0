import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Incoming, maxPacket, PacketReader, packetOf } from './packets.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const take = (text: string): Incoming[] => new PacketReader().take(bytesOf(text));
const byteString = fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes));

describe('framing', () => {
  test('a packet has a checksum of two digits', () => {
    expect(packetOf('OK')).toEqual(bytesOf('$OK#9a'));
    expect(packetOf('')).toEqual(bytesOf('$#00'));
    expect(take('+$g#67')).toEqual([{ kind: 'packet', data: 'g' }]);
  });

  test('bytes with a meaning are escaped', () => {
    expect(packetOf('#$*}')).toEqual(
      bytesOf(`$}\x03}\x04}\x0a}]#${((4 * 0x7d + 3 + 4 + 10 + 0x5d) & 0xff).toString(16)}`),
    );
  });

  test('what is damaged, asked for again or an interrupt is told apart', () => {
    expect(take('$g#68$g#6')).toEqual([{ kind: 'damaged' }]);
    expect(take('$g#xy')).toEqual([{ kind: 'damaged' }]);
    expect(take('-\x03')).toEqual([{ kind: 'again' }, { kind: 'interrupt' }]);
    // A packet that is cut off by the next one; Ctrl-C inside a packet is data.
    expect(take('$abc$g#67$\x03#03')).toEqual([
      { kind: 'packet', data: 'g' },
      { kind: 'packet', data: '\x03' },
    ]);
  });

  test('a packet that is too long is not kept', () => {
    const reader = new PacketReader();
    expect(reader.take(packetOf('a'.repeat(maxPacket + 1)))).toEqual([{ kind: 'damaged' }]);
    expect(reader.take(packetOf('g'))).toEqual([{ kind: 'packet', data: 'g' }]);
  });

  test('any data come through, however they are cut', () => {
    fc.assert(
      fc.property(byteString, fc.nat(400), (data, cut) => {
        const bytes = packetOf(data);
        const reader = new PacketReader();
        const found = [...reader.take(bytes.subarray(0, cut)), ...reader.take(bytes.subarray(cut))];
        expect(found).toEqual([{ kind: 'packet', data }]);
      }),
    );
  });

  test('after any bytes a whole packet is found', () => {
    fc.assert(
      fc.property(byteString, (noise) => {
        const reader = new PacketReader();
        reader.take(bytesOf(noise));
        // What has begun ends as damaged, with the first of them or the second.
        const found = [...reader.take(packetOf('g')), ...reader.take(packetOf('g'))];
        expect(found.at(-1)).toEqual({ kind: 'packet', data: 'g' });
      }),
    );
  });
});
