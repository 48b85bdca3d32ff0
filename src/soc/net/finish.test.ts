import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checksum, foldedChecksum, sumOf } from './checksum.ts';
import { canFinish, finish, withChecksum } from './finish.ts';
import { allAbilities, type Frame, noAbilities, putWord16, word16, word32 } from './frame.ts';
import { layoutOf } from './layout.ts';
import { ethernet, tcpFrame } from './net-testing.ts';

const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7);

test('the checksum is that of the example in RFC 1071', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(foldedChecksum(sumOf(bytes, 0, 8))).toBe(~0xddf2 & 0xffff);
  expect(checksum(Uint8Array.of(1), 0, 1)).toBe(~0x100 & 0xffff);
});

test('it is the same wherever the bytes lie and in whatever pieces they are summed', () => {
  const range = fc.record({
    start: fc.nat(7),
    length: fc.nat(2000),
    bytes: fc.uint8Array({ minLength: 2008, maxLength: 2008 }),
  });
  fc.assert(
    fc.property(range, fc.nat(0x1_0000), ({ start, length, bytes }, before) => {
      let sum = before;
      for (let i = 0; i < length; i++) sum += (bytes[start + i] as number) << (i % 2 === 0 ? 8 : 0);
      expect(foldedChecksum(sumOf(bytes, start, start + length, before))).toBe(foldedChecksum(sum));
    }),
  );
});

test.each([false, true])('a blank checksum is filled in (IPv6: %s)', (isIpv6) => {
  const right = tcpFrame(numbered(101), isIpv6);
  const blank = right.slice();
  putWord16(blank, (isIpv6 ? 54 : 34) + 16, 0x1234);
  const frame: Frame = { bytes: blank, offload: { isChecksumBlank: true, segmentation: null } };
  expect(finish(frame, noAbilities)).toEqual([{ bytes: right, offload: null }]);
  expect(finish(frame, allAbilities)).toEqual([frame]);
  expect(blank[50]).toBeDefined(); // the sender's bytes stay
  expect(withChecksum(blank)).toEqual(right);
});

test.each([false, true])('a long segment is cut (IPv6: %s)', (isIpv6) => {
  const data = numbered(3000);
  const kind = isIpv6 ? 'tcp6' : 'tcp4';
  const flags = 0x99; // CWR, ACK, PSH, FIN
  const frame: Frame = {
    bytes: tcpFrame(data, isIpv6, flags),
    offload: { isChecksumBlank: true, segmentation: { kind, size: 1400 } },
  };
  expect(finish(frame, allAbilities)).toEqual([frame]);
  const cut = finish(frame, { ...noAbilities, checksum: true }).map(({ bytes }) => bytes);
  const layouts = cut.map((bytes) => layoutOf(bytes));
  expect(cut.map((bytes, i) => bytes.length - (layouts[i]?.data ?? 0))).toEqual([1400, 1400, 200]);
  expect(cut.flatMap((bytes, i) => [...bytes.subarray(layouts[i]?.data)])).toEqual([...data]);
  for (const [i, bytes] of cut.entries()) {
    const { network = 0, transport = 0 } = layouts[i] ?? {};
    expect(withChecksum(bytes)).toEqual(bytes);
    expect(word32(bytes, transport + 4)).toBe((0xffff_ff00 + i * 1400) % 2 ** 32);
    expect(bytes[transport + 13]).toBe([0x90, 0x10, 0x19][i]);
    if (isIpv6) expect(word16(bytes, network + 4)).toBe(bytes.length - 54);
    else {
      expect(checksum(bytes, network, network + 20)).toBe(0);
      expect(word16(bytes, network + 4)).toBe((0xffff + i) & 0xffff);
    }
  }
});

test('what cannot be done is seen', () => {
  const blank = { isChecksumBlank: true, segmentation: null };
  const can = (bytes: Uint8Array, offload: Frame['offload'] = blank) => canFinish({ bytes, offload });
  expect(can(ethernet(2, 1, 0x806, numbered(28)), null)).toBe(true);
  expect(can(ethernet(2, 1, 0x806, numbered(28)))).toBe(false);
  expect(can(tcpFrame(numbered(10)))).toBe(true);
  const wrong = [
    { kind: 'tcp6', size: 1400 },
    { kind: 'tcp4', size: 0 },
    { kind: 'tcp4', size: 1 },
  ] as const;
  for (const segmentation of wrong)
    expect(can(tcpFrame(numbered(3000)), { isChecksumBlank: true, segmentation })).toBe(false);
  const fragment = tcpFrame(numbered(10));
  fragment[20] = 0x20;
  expect(can(fragment)).toBe(false);
  expect(can(tcpFrame(numbered(10)).subarray(0, 60))).toBe(false);
});

test('any bytes with any offload are refused or finished', () => {
  const offload = fc.record({
    isChecksumBlank: fc.boolean(),
    segmentation: fc.option(fc.record({ kind: fc.constantFrom('tcp4', 'tcp6'), size: fc.nat(2000) }), { nil: null }),
  });
  const changes = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 });
  fc.assert(
    fc.property(changes, fc.boolean(), fc.nat(200), offload, (change, isIpv6, length, asked) => {
      const bytes = tcpFrame(numbered(100), isIpv6).slice(0, length);
      for (const [at, value] of change) if (at < bytes.length) bytes[at] = value;
      const frame: Frame = { bytes, offload: asked };
      if (!canFinish(frame)) return;
      for (const part of finish(frame, noAbilities)) expect(part.offload).toBeNull();
    }),
    { numRuns: 2000 },
  );
});
