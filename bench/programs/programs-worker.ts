// The programs in a worker of a page, with Linux's files beside the page; answers with what Linux printed.
import { runPrograms } from './run.ts';

declare const self: DedicatedWorkerGlobalScope;

const fetchFile = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(name)).arrayBuffer());

self.addEventListener('message', async ({ data: { last } }: MessageEvent<{ last: string }>) => {
  const files = { kernel: await fetchFile('Image'), initrd: await fetchFile('initrd') };
  // A worker cannot measure its processor time; wall time is used instead.
  const now = () => performance.now();
  self.postMessage(runPrograms(files, last, now));
});
