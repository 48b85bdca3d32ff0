// The figures of Xen in a worker of a page.
import { measureNetwork } from './network.ts';
import { measureXen } from './xen.ts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', async () => {
  const read = async (name: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(name)).arrayBuffer());
  const [hello, disk, net] = await Promise.all([read('hello.img'), read('disk.img'), read('net.img')]);
  const now = (): number => performance.now();
  // A worker cannot measure its processor time; wall time is used instead.
  self.postMessage({ ...measureXen({ hello, disk }, now), network: measureNetwork(net, now) });
});
