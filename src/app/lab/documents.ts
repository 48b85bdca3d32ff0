import { createStore, type StoreApi } from 'zustand/vanilla';

/** A file that is open in an editor. */
export interface Document {
  /** The current text in the editor. */
  text(): string;
  /** Why the domain of this config cannot be created now, as a sentence; null if nothing is known against it. */
  obstacle(): string | null;
  /** The file has this text now. */
  saved(text: string): void;
}

interface DocumentsState {
  /** Paths of the documents whose text differs from the file's. */
  readonly unsaved: readonly string[];
}

/**
 * The files that are open in editors, by path. An unsaved text outlives its editor, and is there when the file is
 * opened again.
 */
export class Documents {
  readonly store: StoreApi<DocumentsState> = createStore<DocumentsState>(() => ({ unsaved: [] }));
  readonly #open = new Map<string, Document>();

  /** Registers a document. Returns a function that removes it. */
  open(path: string, document: Document): () => void {
    this.#open.set(path, document);
    return () => this.#open.delete(path);
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
