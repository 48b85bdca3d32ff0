import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Draft, KeptDrafts } from '../../storage/keptDrafts.ts';

/** A file that is open in an editor. */
export interface Document {
  /** The current text in the editor. */
  text(): string;
  /** Why the domain of this config cannot be created now, as a sentence; null if nothing is known against it. */
  obstacle(): string | null;
  /** The file has this text now. */
  saved(text: string): void;
  /** Shows this text, which the file has. */
  replace(text: string): void;
}

interface DocumentsState {
  /** Paths of the documents whose text differs from the file's. */
  readonly unsaved: readonly string[];
  /** Those of them whose text is from a page that is gone, until the user has taken note. */
  readonly restored: readonly string[];
}

/** Wall time between the first key and the keeping of a text, in ms. */
const delayMs = 300;

/**
 * The files that are open in editors, by path. An unsaved text outlives its editor and the page, and is there when the
 * file is opened again.
 */
export class Documents {
  readonly store: StoreApi<DocumentsState> = createStore<DocumentsState>(() => ({ unsaved: [], restored: [] }));
  /** Resolves when the texts of pages that are gone are known. */
  readonly ready: Promise<void>;
  readonly #kept: Pick<KeptDrafts, 'keep' | 'forget' | 'adopt'>;
  readonly #open = new Map<string, Document>();
  readonly #drafts = new Map<string, Draft>();
  /** Paths of the texts that the browser does not have, or not as they are now. */
  readonly #unkept = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(kept: Pick<KeptDrafts, 'keep' | 'forget' | 'adopt'>) {
    this.#kept = kept;
    this.ready = this.#adopt();
  }

  /** Registers a document. Returns a function that removes it. */
  open(path: string, document: Document): () => void {
    this.#open.set(path, document);
    return () => this.#open.delete(path);
  }

  get(path: string): Document | undefined {
    return this.#open.get(path);
  }

  /** The unsaved text of a file. */
  draft(path: string): Draft | undefined {
    return this.#drafts.get(path);
  }

  /**
   * A document has this text now.
   * @param base the file's text
   */
  edit(path: string, text: string, base: string): void {
    if (text === base) {
      this.settle(path);
      return;
    }
    this.#drafts.set(path, { text, base });
    this.#unkept.add(path);
    this.#timer ??= setTimeout(() => this.flush(), delayMs);
    this.#show();
  }

  /** A file has no unsaved text any more. */
  settle(path: string): void {
    if (!this.#drafts.delete(path)) return;
    this.#unkept.delete(path);
    this.#kept.forget(path);
    this.#show();
  }

  /** A file has another name now; its unsaved text goes with it. */
  move(from: string, to: string): void {
    const draft = this.#drafts.get(from);
    this.settle(from);
    this.settle(to);
    if (draft) this.edit(to, draft.text, draft.base);
  }

  /** Has the browser keep the texts as they are. Returns whether it has. */
  flush(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const path of this.#unkept) {
      const draft = this.#drafts.get(path);
      if (!draft || this.#kept.keep(path, draft)) this.#unkept.delete(path);
    }
    return this.#unkept.size === 0;
  }

  /** The user has taken note of the texts that are back. */
  noteRestored(): void {
    this.store.setState({ restored: [] });
  }

  async #adopt(): Promise<void> {
    const adopted = await this.#kept.adopt();
    for (const [path, draft] of adopted) if (!this.#drafts.has(path)) this.#drafts.set(path, draft);
    this.store.setState({ restored: [...adopted.keys()] });
    this.#show();
  }

  #show(): void {
    const unsaved = [...this.#drafts.keys()];
    const { restored, unsaved: before } = this.store.getState();
    if (unsaved.join('\n') === before.join('\n')) return;
    this.store.setState({ unsaved, restored: restored.filter((path) => this.#drafts.has(path)) });
  }
}
