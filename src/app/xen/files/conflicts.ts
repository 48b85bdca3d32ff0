import { createStore, type StoreApi } from 'zustand/vanilla';

/** Another version of a file than the user's: nobody but the user can tell which one counts. */
export interface Conflict {
  readonly path: string;
  /** The other version; null if the file is removed there. */
  readonly theirs: Uint8Array | null;
  /** Another tab has it and the browser keeps it; or Domain-0 has it, while the user's text is not saved. */
  readonly by: 'tab' | 'machine';
  /** Called when the user has seen it and decided. */
  readonly accept: () => void;
}

interface ConflictsView {
  readonly all: readonly Conflict[];
  /** The one that the user looks at. */
  readonly shown: Conflict | null;
}

/** The files of which there are two versions, until the user has decided. */
export class Conflicts {
  readonly store: StoreApi<ConflictsView> = createStore<ConflictsView>(() => ({ all: [], shown: null }));

  has(path: string): boolean {
    return this.store.getState().all.some((conflict) => conflict.path === path);
  }

  /** Adds a conflict, in place of an older one of the same file. */
  put(conflict: Conflict): void {
    this.store.setState(({ all, shown }) => ({
      all: [...all.filter(({ path }) => path !== conflict.path), conflict],
      shown: shown?.path === conflict.path ? conflict : shown,
    }));
  }

  /** There is one version of a file again. */
  settle(path: string): void {
    if (!this.has(path)) return;
    this.store.setState(({ all, shown }) => ({
      all: all.filter((conflict) => conflict.path !== path),
      shown: shown?.path === path ? null : shown,
    }));
  }

  /** Shows a file's versions to the user, or with null takes them away. */
  show(path: string | null): void {
    this.store.setState(({ all }) => ({ shown: all.find((conflict) => conflict.path === path) ?? null }));
  }
}
