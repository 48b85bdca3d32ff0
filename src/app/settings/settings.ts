import * as z from 'zod/mini';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type MachineOptions, maxCpus } from '../../session/api/boot.ts';
import { type Language, loadCatalogue, preferredLanguage } from '../i18n/translate.ts';

const storageKey = 'el2lab.settings';

export const memorySizesMiB = [128, 256, 512, 1024, 2048] as const;

/** The machine under Xen that the page starts if the user has not chosen another. */
const standardXen = { cpus: maxCpus, memoryMiB: 2048, commandLine: 'dom0_mem=512M' } as const;

/** Sizes of the page's type, in per cent. */
export const typeSizes = [100, 125, 150] as const;

/** The user's choices that the browser remembers. A value of another version or shape is ignored. */
const savedSchema = z.object({
  version: z.literal(1),
  theme: z.enum(['system', 'light', 'dark']),
  language: z.nullable(z.enum(['en', 'ja'])),
  machine: z.object({
    cpus: z.int().check(z.minimum(1), z.maximum(maxCpus)),
    memoryMiB: z.literal(memorySizesMiB),
    el: z.literal([1, 2]),
  }),
  costs: z._default(z.boolean(), true),
  xen: z._default(
    z.object({
      cpus: z.int().check(z.minimum(1), z.maximum(maxCpus)),
      memoryMiB: z.literal(memorySizesMiB),
      commandLine: z.string(),
    }),
    standardXen,
  ),
  type: z._default(z.literal(typeSizes), 100),
});
type Saved = z.infer<typeof savedSchema>;

/** The built-in guest is EL1 software, and the board has four cores and 2 GiB in its low DRAM region. */
const defaults: Saved = {
  version: 1,
  theme: 'system',
  language: null,
  machine: { cpus: 1, memoryMiB: 2048, el: 1 },
  costs: true,
  xen: standardXen,
  type: 100,
};

export type Theme = 'light' | 'dark';

export interface Settings {
  /** What the user chose. */
  readonly themeChoice: Saved['theme'];
  /** The theme that is shown: the user's choice, or the system's. */
  readonly theme: Theme;
  readonly language: Language;
  /** The machine that the next boot builds. */
  readonly machine: MachineOptions;
  /** Whether Xen's own work takes time, from the next start on. */
  readonly costs: boolean;
  /** The machine under Xen and Xen's command line, from the next start on. */
  readonly xen: Saved['xen'];
  /** Size of the page's type, in per cent. */
  readonly type: Saved['type'];
}

export type SettingsStore = StoreApi<Settings> & {
  setTheme(choice: Saved['theme']): void;
  setLanguage(language: Language): Promise<void>;
  setMachine(machine: Partial<Saved['machine']>): void;
  setCosts(costs: boolean): void;
  setXen(xen: Saved['xen']): void;
  /** The next larger or smaller type. */
  stepType(step: 1 | -1): void;
};

function load(): Saved {
  try {
    return savedSchema.parse(JSON.parse(localStorage.getItem(storageKey) ?? ''));
  } catch {
    return defaults;
  }
}

/** Writes to the browser's storage. If the browser refuses (full, or private mode), the next visit lacks the value. */
export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.warn(`${key} is not saved:`, error);
  }
}

/** The user's settings, saved in the browser, applied to <html lang> and its theme. */
export function createSettings(): SettingsStore {
  let saved = load();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const settings = (): Settings => ({
    themeChoice: saved.theme,
    theme: saved.theme === 'system' ? (dark.matches ? 'dark' : 'light') : saved.theme,
    language: saved.language ?? preferredLanguage(navigator.languages),
    machine: saved.machine,
    costs: saved.costs,
    xen: saved.xen,
    type: saved.type,
  });
  const store = createStore<Settings>(settings);
  const apply = ({ language, theme, type }: Settings) => {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.type = String(type);
  };
  const change = (part: Partial<Saved>) => {
    saved = { ...saved, ...part };
    remember(storageKey, saved);
    store.setState(settings());
  };
  apply(store.getState());
  store.subscribe(apply);
  dark.addEventListener('change', () => store.setState(settings()));
  return Object.assign(store, {
    setTheme: (theme: Saved['theme']) => change({ theme }),
    setLanguage: async (language: Language) => {
      await loadCatalogue(language);
      change({ language });
    },
    setMachine: (machine: Partial<Saved['machine']>) => change({ machine: { ...saved.machine, ...machine } }),
    setCosts: (costs: boolean) => change({ costs }),
    setXen: (xen: Saved['xen']) => change({ xen }),
    stepType: (step: 1 | -1) => change({ type: typeSizes[typeSizes.indexOf(saved.type) + step] ?? saved.type }),
  });
}
