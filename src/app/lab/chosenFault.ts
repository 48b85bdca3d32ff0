/** Which fault the Translation panel explains: the log leads to one, and the panel to others. */
import { useSyncExternalStore } from 'react';

let chosen: number | null = null;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Chooses a fault by its entry in the log, or none. */
export function chooseFault(entry: number | null): void {
  chosen = entry;
  for (const listener of listeners) listener();
}

export const useChosenFault = (): number | null => useSyncExternalStore(subscribe, () => chosen);
