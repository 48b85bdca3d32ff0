import { afterEach, expect, test, vi } from 'vitest';
import { MachineClient } from '../../worker/client.ts';
import { openPreparedXen } from './preparedXen.ts';

const xen = { cpus: 4, memoryMiB: 2048, commandLine: 'dom0_mem=512M' };
const nothing = () => {};
const worker = { postMessage: nothing, addEventListener: nothing, terminate: nothing };

afterEach(() => vi.unstubAllGlobals());

/** Whether the server is asked for what it has prepared; it has nothing. */
async function asks(files: readonly string[], removed: readonly string[] = [], of = xen, size = 1): Promise<boolean> {
  const fetched = vi.fn(async () => Response.json([]));
  vi.stubGlobal('fetch', fetched);
  const user = { files: files.map((path) => ({ path, bytes: new Uint8Array(size) })), removed };
  expect(await openPreparedXen(new MachineClient(() => worker), of, 'en', user)).toBe(false);
  return fetched.mock.calls.length > 0;
}

test('Xen opens where it was prepared unless the user has changed what decides which domains there are', async () => {
  expect(await asks([])).toBe(true);
  expect(await asks(['/etc/xen/hello.cfg', '/guests/mine.img', '/root/notes'], ['/etc/xen/rogue.cfg'])).toBe(true);
  for (const path of ['/etc/rc.local', '/etc/xen/rtos-b.cfg', '/guests/rtos.img', '/guests/spin.img']) {
    expect(await asks([path])).toBe(false);
    expect(await asks([], [path])).toBe(false);
  }
});

test('another machine, another command line, or large files boot', async () => {
  expect(await asks([], [], { ...xen, cpus: 2 })).toBe(false);
  expect(await asks([], [], { ...xen, commandLine: 'dom0_mem=256M' })).toBe(false);
  expect(await asks(['/guests/mine.img'], [], xen, 2 ** 20 + 1)).toBe(false);
});
