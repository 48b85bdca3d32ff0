// One run in a worker of a page: takes a Job, answers with its figures.
import { type Job, machine } from './machine.ts';

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', ({ data }: MessageEvent<Job>) => self.postMessage(machine(data)()));
