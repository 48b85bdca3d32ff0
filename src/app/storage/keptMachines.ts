/**
 * Of which kinds the browser may have kept a machine, so that a page without one need not look. The machine itself is the
 * worker's (src/worker/keep).
 */
const keyOf = (kind: string): string => `el2lab.machine.${kind}`;

export function hasKept(kind: string): boolean {
  try {
    return localStorage.getItem(keyOf(kind)) !== null;
  } catch {
    // The browser keeps nothing for this page.
    return false;
  }
}

export function noteKept(kind: string, isKept: boolean): void {
  try {
    if (isKept) localStorage.setItem(keyOf(kind), '');
    else localStorage.removeItem(keyOf(kind));
  } catch {
    // Nor is a machine kept then.
  }
}
