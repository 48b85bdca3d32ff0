/** The type of a key's value. */
export type KeyKind =
  /** One value, taken as text. */
  | 'string'
  /** A whole number: decimal, hexadecimal with 0x or octal with 0, with or without quotes. */
  | 'number'
  /** A number: 0 means no, any other means yes. */
  | 'flag'
  | 'list'
  | 'string or list';

/** One key of xl.cfg(5). */
export interface Key {
  readonly name: string;
  readonly kind: KeyKind;
  /** All strings that are allowed. */
  readonly values?: readonly string[];
  /** The least and the greatest number that are useful. */
  readonly range?: readonly [number, number];
  /** The default, as it would be written; null if there is none. */
  readonly default: string | null;
  /** The section of the manual page xl.cfg(5). */
  readonly section: string;
  /** Whether this simulator does what the key asks for. */
  readonly served: boolean;
  readonly help: { readonly en: string; readonly ja: string };
}

type Given = Partial<Pick<Key, 'values' | 'range' | 'default' | 'served'>>;

/** Makes the rows of one section. By default a key is served and has no default value. */
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
