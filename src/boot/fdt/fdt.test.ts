import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyNode, type DeviceTree, FdtNode, toCells } from './fdt.ts';
import { Header, Token } from './format.ts';
import { isFdt, readFdt } from './reader.ts';
import { writeFdt } from './writer.ts';

function parsed(bytes: Uint8Array): DeviceTree {
  const result = readFdt(bytes);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

/** Plain data, for comparisons. */
const plain = (node: FdtNode): unknown => ({
  name: node.name,
  properties: [...node.properties].map(([name, value]) => [name, [...value]]),
  children: node.children.map(plain),
});

function sample(): DeviceTree {
  const root = new FdtNode('').setCells('#address-cells', 2).setText('compatible', 'a,b', 'a').setFlag('empty');
  root.addChild('cpus').addChild('cpu@0').setCells('reg', 0);
  root.addChild('serial@ff000000').setCells('reg', 0, 0xff00_0000, 0, 0x1000).setText('status', 'okay');
  return { bootCpu: 3, reservations: [{ address: 0x1_2345_6789n, size: 0x1000n }], root };
}

describe('a tree', () => {
  test('finds children with and without unit address', () => {
    const { root } = sample();
    expect(root.child('serial')).toBe(root.child('serial@ff000000'));
    expect(root.child('seria')).toBeUndefined();
    expect(root.ensureChild('cpus')).toBe(root.child('cpus'));
    expect(root.ensureChild('chosen')).toBe(root.children.at(-1));
  });

  test('returns the values that were set', () => {
    const { root } = sample();
    expect(root.text('compatible')).toBe('a,b');
    expect(root.text('none')).toBeUndefined();
    expect(root.child('serial')?.cells('reg')).toEqual([0, 0xff00_0000, 0, 0x1000]);
    expect(root.cells('compatible')).toBeUndefined();
  });

  test('splits numbers into cells', () => {
    expect(toCells(0x1_2345_6789n, 2)).toEqual([1, 0x2345_6789]);
    expect(() => toCells(0x1_0000_0000n, 1)).toThrow('does not fit');
  });

  test('changing a copy does not change the original', () => {
    const { root } = sample();
    const copy = copyNode(root);
    copy.child('cpus')?.children.pop();
    expect(root.child('cpus')?.children).toHaveLength(1);
    expect(plain(copyNode(root))).toEqual(plain(root));
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9,._+-]{0,20}$/);
const value = fc.uint8Array({ maxLength: 40 });
const node: fc.Memo<FdtNode> = fc.memo((depth) =>
  fc
    .record({
      name: fc
        .tuple(name, fc.option(fc.nat(0xffff)))
        .map(([n, unit]) => (unit === null ? n : `${n}@${unit.toString(16)}`)),
      properties: fc.uniqueArray(fc.tuple(name, value), { selector: ([n]) => n, maxLength: 5 }),
      children: depth > 1 ? fc.uniqueArray(node(), { selector: (child) => child.name, maxLength: 3 }) : fc.constant([]),
    })
    .map(({ name, properties, children }) => {
      const made = new FdtNode(name);
      for (const [n, v] of properties) made.properties.set(n, v);
      made.children.push(...children);
      return made;
    }),
);
const tree: fc.Arbitrary<DeviceTree> = fc
  .record({
    bootCpu: fc.nat(3),
    reservations: fc.array(fc.record({ address: fc.bigInt(0n, 2n ** 64n - 1n), size: fc.bigInt(1n, 2n ** 64n - 1n) }), {
      maxLength: 3,
    }),
    top: node(4),
  })
  .map(({ bootCpu, reservations, top }) => {
    const root = new FdtNode('');
    for (const [n, v] of top.properties) root.properties.set(n, v);
    root.children.push(...top.children);
    return { bootCpu, reservations, root };
  });

describe('the flattened form', () => {
  test('reads back as the tree that was written', () => {
    fc.assert(
      fc.property(tree, (written) => {
        const bytes = writeFdt(written);
        const read = parsed(bytes);
        expect(plain(read.root)).toEqual(plain(written.root));
        expect(read.bootCpu).toBe(written.bootCpu);
        expect(read.reservations).toEqual(written.reservations);
        expect(writeFdt(read)).toEqual(bytes);
      }),
    );
  });

  const dtc = (args: string[], input: Uint8Array | string): Buffer => execFileSync('dtc', ['-q', ...args], { input });
  test.skipIf(spawnSync('dtc', ['--version']).error !== undefined)(
    'dtc reads what is written, and what dtc writes is read (skipped where dtc is not installed)',
    () => {
      fc.assert(
        fc.property(tree, (written) => {
          const source = dtc(['-f', '-I', 'dtb', '-O', 'dts'], writeFdt(written));
          const read = parsed(dtc(['-f', '-I', 'dts', '-O', 'dtb', '-b', String(written.bootCpu)], source));
          expect(plain(read.root)).toEqual(plain(written.root));
          expect(read.bootCpu).toBe(written.bootCpu);
          expect(read.reservations).toEqual(written.reservations);
        }),
        { numRuns: 40 },
      );
    },
  );

  test('NOP tokens are skipped, version 16 is understood', () => {
    const bytes = writeFdt(sample());
    const view = new DataView(bytes.buffer);
    view.setUint32(Header.version, 16);
    view.setUint32(Header.size_dt_struct, 0);
    // The flag `empty` at the end of the root's properties, 12 bytes, becomes three NOPs.
    const at = bytes.findIndex(
      (_, i) => i % 4 === 0 && i > 56 && view.getUint32(i) === Token.prop && view.getUint32(i + 4) === 0,
    );
    for (const offset of [0, 4, 8]) view.setUint32(at + offset, Token.nop);
    const expected = sample();
    expected.root.properties.delete('empty');
    expect(plain(parsed(bytes).root)).toEqual(plain(expected.root));
  });
});

describe('bytes that are not a device tree are refused with a reason', () => {
  const changed = (offset: number, word: number) => {
    const bytes = writeFdt(sample());
    new DataView(bytes.buffer).setUint32(offset, word);
    return bytes;
  };
  const structure = (...words: number[]) => {
    const small = writeFdt(sample());
    const bytes = new Uint8Array(small.length + 4 * words.length);
    bytes.set(small);
    const view = new DataView(bytes.buffer);
    view.setUint32(Header.totalsize, bytes.length);
    const start = view.getUint32(Header.off_dt_struct);
    words.forEach((word, i) => {
      view.setUint32(start + 4 * i, word);
    });
    view.setUint32(Header.size_dt_struct, 4 * words.length);
    return bytes;
  };
  const root = [Token.beginNode, 0];
  test.each<[string, Uint8Array]>([
    ['is not a device tree blob', new Uint8Array(64)],
    ['is not a device tree blob', new Uint8Array()],
    ['ends inside its device tree header, after 20 bytes', writeFdt(sample()).subarray(0, 20)],
    ['is cut short: it has 200 bytes of a device tree of 299', writeFdt(sample()).subarray(0, 200)],
    ['gives a size smaller than its device tree header', changed(Header.totalsize, 8)],
    ['is a device tree of version 3; versions 16 and 17 are understood', changed(Header.version, 3)],
    ['is a device tree of version 17; versions 16 and 17 are understood', changed(Header.last_comp_version, 18)],
    ['has a memory reservation block without an end', changed(Header.off_mem_rsvmap, 0xffff_fff0)],
    ['has its device tree structure outside itself', changed(Header.size_dt_struct, 0x1000)],
    ['has its device tree structure outside itself', changed(Header.off_dt_struct, 41)],
    ['has a device tree structure without an end', structure(...root)],
    ['has a device tree without a root', structure(Token.end)],
    ['has a device tree whose nodes do not all end', structure(...root, Token.end)],
    ['has a device tree with two roots', structure(...root, Token.endNode, ...root)],
    ['ends more nodes than its device tree has', structure(Token.endNode)],
    ['has a property outside all nodes of its device tree', structure(Token.prop, 0, 0)],
    ["has a property '#address-cells' that does not end in its device tree", structure(...root, Token.prop, 99, 0)],
    ['has a property name without an end in its device tree', structure(...root, Token.prop, 0, 0x1000)],
    [
      "has two properties '#address-cells' in one node of its device tree",
      structure(...root, Token.prop, 0, 0, Token.prop, 0, 0),
    ],
    [
      "has two nodes 'a' in one node of its device tree",
      structure(...root, Token.beginNode, 0x6100_0000, Token.endNode, Token.beginNode, 0x6100_0000),
    ],
    [
      'has nodes in more than 64 levels in its device tree',
      structure(...Array.from({ length: 65 }, () => [Token.beginNode, 0x6100_0000]).flat()),
    ],
    ['has a node name with the byte 0xff in its device tree', structure(Token.beginNode, 0xff00_0000)],
    ['has an unknown device tree token 0x7 at offset 0x50', structure(...root, 7)],
  ])('%s', (reason, bytes) => {
    const result = readFdt(bytes);
    expect(result.ok ? '' : result.error).toMatch(reason);
  });

  test('a blob with any bytes changed is read or refused, and what is read can be written', () => {
    const bytes = writeFdt(sample());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (edits) => {
        const damaged = bytes.slice();
        for (const [at, byte] of edits) damaged[at] = byte;
        const result = readFdt(damaged);
        if (result.ok) expect(plain(parsed(writeFdt(result.value)).root)).toEqual(plain(result.value.root));
        else expect(result.error).toMatch(/^(is|has|ends|gives) /);
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes after the magic number are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed, ...tail);
        expect(isFdt(bytes)).toBe(true);
        expect(() => readFdt(bytes)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });
});
