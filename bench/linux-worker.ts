// One boot in a worker of a page, of files that lie beside the page; answers with its figures.
import { bootLinux } from './linux.ts';

declare const self: DedicatedWorkerGlobalScope;

const fetchFile = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(name)).arrayBuffer());

self.addEventListener('message', async () => {
  const files = {
    kernel: await fetchFile('Image'),
    initrd: await fetchFile('initrd.gz'),
    deviceTree: await fetchFile('zcu102.dtb'),
  };
  // A worker cannot measure its processor time; wall time is used instead.
  self.postMessage(bootLinux(files, () => performance.now()));
});
