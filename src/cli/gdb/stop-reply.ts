/** Stop replies (GDB manual, E.3): why the machine stands still. */
import type { Point, Stop, StopReason } from './target.ts';
import { idText } from './values.ts';

const sigint = '02';
const sigtrap = '05';
const watched = { 2: 'watch', 3: 'rwatch', 4: 'awatch' } as const;

/** @param features what GDB has said that it knows */
export function stopReply(stop: Stop, features: ReadonlySet<string>): string {
  if (stop.kind === 'exited') return 'W00';
  const signal = stop.why.kind === 'interrupt' ? sigint : sigtrap;
  return `T${signal}${reasonOf(stop.why, features)}thread:${idText(stop.thread)};`;
}

function reasonOf(why: StopReason, features: ReadonlySet<string>): string {
  if (why.kind === 'history') return `replaylog:${why.end};`;
  return why.kind === 'point' ? pointReason(why.point, why.address, features) : '';
}

function pointReason({ type }: Point, address: bigint, features: ReadonlySet<string>): string {
  if (type > 1) return `${watched[type as 2 | 3 | 4]}:${address.toString(16)};`;
  const name = type === 0 ? 'swbreak' : 'hwbreak';
  return features.has(name) ? `${name}:;` : '';
}
