/** What the page's tabs tell each other: the name of what has changed in the browser's storage, or null for all of it. */
export interface TabChannel {
  postMessage(name: string | null): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** A page's way to its other tabs; null where the browser has none. */
export const openChannel = (name: string): TabChannel | null =>
  typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : null;

/** A new mark by which a tab tells a version of something from all others. */
export const newStamp = (): string => `${Date.now()} ${Math.random()}`;
