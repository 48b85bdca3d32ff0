/** What the value of a key has to be. */
export type KeyKind =
  /** One value, taken as text. */
  | 'string'
  /** One value that is a whole number: decimal, 0x hexadecimal or 0 octal, in quotes or not. */
  | 'number'
  /** A number of which 0 means no and all else yes. */
  | 'flag'
  | 'list'
  | 'string or list';

/** One key of xl.cfg(5). */
export interface Key {
  readonly name: string;
  readonly kind: KeyKind;
  /** All that a string may be. */
  readonly values?: readonly string[];
  /** The least and the greatest number that make sense. */
  readonly range?: readonly [number, number];
  /** What holds without the key, as it would be written; null when nothing can. */
  readonly default: string | null;
  /** Part of the manual page xl.cfg(5). */
  readonly section: string;
  /** Whether this simulator does what the key asks for. */
  readonly served: boolean;
  readonly help: { readonly en: string; readonly ja: string };
}

type Given = Partial<Pick<Key, 'values' | 'range' | 'default' | 'served'>>;

/** Makes the rows of one section. Keys are served, and have no default, unless said otherwise. */
export const section =
  (name: string, common: Given = {}) =>
  (key: string, kind: KeyKind, help: Key['help'], given: Given = {}): Key => ({
    name: key,
    kind,
    section: name,
    default: null,
    served: true,
    ...common,
    ...given,
    help,
  });
