import { isBelow, isSpecial } from './paths.ts';

export interface Watch {
  /** As the client wrote it. */
  readonly given: string;
  readonly path: string;
  readonly token: string;
  /** Levels below the path that count; null for all. */
  readonly depth: number | null;
}

/** Whether a change at `path` concerns a watch. */
export const matches = (watch: Watch, path: string): boolean => {
  if (isSpecial(path) || isSpecial(watch.path)) return watch.path === path;
  if (!isBelow(path, watch.path)) return false;
  if (watch.depth === null) return true;
  const below = path === watch.path ? '' : path.slice(watch.path === '/' ? 0 : watch.path.length);
  return below.split('/').length - 1 <= watch.depth;
};

/** The path of an event as the client of a watch knows it: relative where the watch is. */
export const reported = (watch: Watch, path: string): string => {
  if (watch.given === watch.path || isSpecial(path)) return path;
  const home = watch.path.length - watch.given.length;
  return path.slice(home);
};
