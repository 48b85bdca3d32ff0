// The figures of Xen in a worker of a page.
import { measureXen } from './xen.ts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', async () => {
  const hello = new Uint8Array(await (await fetch('hello.img')).arrayBuffer());
  // A worker cannot measure its processor time; wall time is used instead.
  self.postMessage(measureXen(hello, () => performance.now()));
});
