import { createStore, type StoreApi } from 'zustand/vanilla';

/** A file that is open in an editor. */
export interface Document {
  /** The text as it stands in the editor. */
  text(): string;
  /** The text has become the file's. */
  saved(): void;
}

interface DocumentsState {
  /** Paths of documents whose text is not the file's. */
  readonly unsaved: readonly string[];
}

/** The files that are open in editors, by path. */
export class Documents {
  readonly store: StoreApi<DocumentsState> = createStore<DocumentsState>(() => ({ unsaved: [] }));
  readonly #open = new Map<string, Document>();

  /** Returns what closes it. */
  open(path: string, document: Document): () => void {
    this.#open.set(path, document);
    return () => {
      this.#open.delete(path);
      this.setUnsaved(path, false);
    };
  }

  get(path: string): Document | undefined {
    return this.#open.get(path);
  }

  setUnsaved(path: string, isUnsaved: boolean): void {
    const { unsaved } = this.store.getState();
    if (unsaved.includes(path) === isUnsaved) return;
    this.store.setState({ unsaved: isUnsaved ? [...unsaved, path] : unsaved.filter((other) => other !== path) });
  }
}
