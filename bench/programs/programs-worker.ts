// The programs in a worker of a page, with Linux's files beside the page; says what Linux prints, and null at the end.
import { type Place, runPrograms } from './run.ts';

declare const self: DedicatedWorkerGlobalScope;

const fetchFile = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(name)).arrayBuffer());

self.addEventListener('message', async ({ data: { place, last } }: MessageEvent<{ place: Place; last: string }>) => {
  const files = { kernel: await fetchFile('Image'), initrd: await fetchFile('initrd') };
  runPrograms(place, files, last, (said) => self.postMessage({ ...said, wallMs: performance.now() }));
  self.postMessage(null);
});
