import { expect, test } from 'vitest';
import { physAddr } from '../../base/units.ts';
import { MemoryDisks } from '../../soc/storage/disk-store.ts';
import { planKernel } from '../kernel-system.ts';
import { loadRam, saveRam } from './ram.ts';
import { value } from './snapshot-testing.ts';

const page = 4096;
const chunk = 16 * page;

/** An arm64 Image (Linux, Documentation/arch/arm64/booting.rst) of two chunks, each page of which is another. */
const image = Uint8Array.from({ length: 2 * chunk }, (_, at) => (at % page === 100 ? 1 + at / page : 7));
new DataView(image.buffer).setBigUint64(8, 0n, true);
new DataView(image.buffer).setBigUint64(16, BigInt(image.length), true);
new DataView(image.buffer).setBigUint64(24, 0n, true);
new DataView(image.buffer).setUint32(56, 0x644d_5241, true);

function machine() {
  const plan = value(planKernel({ kernel: { name: 'k', bytes: image }, machine: { cpus: 1, memoryMiB: 16, el: 2 } }));
  const nothing = () => {};
  const host = { disks: new MemoryDisks(), log: nothing, print: nothing, closeConsole: nothing, end: nothing };
  const { board, saved } = plan.build(host);
  const loaded = saved?.loaded ?? [];
  const start = Number(loaded.find(({ bytes }) => bytes.length === image.length)?.address);
  return { cluster: board.cluster, loaded, start };
}

test('pages that the loader or another page has are kept by address alone, and come back', () => {
  const { cluster, loaded, start } = machine();
  const view = (at: number, length: number) => cluster.memory.view(physAddr(at), length);
  const put = (at: number, bytes: Uint8Array) => {
    cluster.ramChanges(physAddr(at), bytes.length);
    view(at, bytes.length).set(bytes);
  };
  const own = new Uint8Array(page).fill(9);
  const at = 0x80_0000;
  // The image was moved by a page, its first is overwritten; a page of the guest's own is there three times.
  put(at + page, image.subarray(0, chunk));
  put(at + page, own);
  put(at, own);
  put(at + 4 * chunk, own);
  const before = view(0, 16 * 2 ** 20).slice();
  const state = saveRam(cluster, loaded);
  expect(state.samePages).toEqual([
    [at + page, at],
    [at + 4 * chunk, at],
  ]);
  expect(state.loadedPages).toHaveLength(15);
  expect(state.loadedPages).toContainEqual([at + 2 * page, start + page]);

  const other = machine();
  other.cluster.ramChanges(physAddr(at + 8 * chunk), page);
  other.cluster.memory.view(physAddr(at + 8 * chunk), page).fill(1);
  loadRam(other.cluster, state, other.loaded);
  expect(other.cluster.memory.view(physAddr(0), 16 * 2 ** 20).every((byte, i) => byte === before[i])).toBe(true);
});
