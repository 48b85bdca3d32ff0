// The figures of Xen in a worker of a page.
import { measureXen } from './xen.ts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', async () => {
  const hello = new Uint8Array(await (await fetch('hello.img')).arrayBuffer());
  // A worker cannot learn its processor time: wall time stands for it.
  self.postMessage(measureXen(hello, () => performance.now()));
});
