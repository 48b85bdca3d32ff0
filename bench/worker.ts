// One run in a worker of a page: takes a Job, answers with its figures.
import { type Job, run } from './machine.ts';

declare const self: DedicatedWorkerGlobalScope;

// A worker cannot measure its processor time; wall time is used instead.
self.addEventListener('message', ({ data }: MessageEvent<Job>) => self.postMessage(run(data, () => performance.now())));
