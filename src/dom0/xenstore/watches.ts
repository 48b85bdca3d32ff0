import { isBelow, isSpecial } from './paths.ts';

export interface Watch {
  /** As the client wrote it. */
  readonly given: string;
  readonly path: string;
  readonly token: string;
  /** How many levels below the path are watched; null for all. */
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

/** An event's path as the watch's client sees it: relative if the watch is relative. */
export const reported = (watch: Watch, path: string): string => {
  if (watch.given === watch.path || isSpecial(path)) return path;
  const home = watch.path.length - watch.given.length;
  return path.slice(home);
};
