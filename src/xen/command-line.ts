/** Xen's command line: words `name` or `name=value` with spaces between them (docs/misc/xen-command-line.pandoc). */

/** One parameter. The module that it configures declares it. */
export interface Parameter<Value> {
  readonly name: string;
  /** The values that it takes, for a sentence to the user. */
  readonly takes: string;
  /** The meaning of a value, or null if it has none. */
  parse(value: string): Value | null;
  /** Set if Xen starts with its default where a value has no meaning, and says so in its log. */
  readonly hasFallback?: true;
  /** Set if it has no effect on this model. */
  readonly isIgnored?: true;
}

interface Word {
  readonly name: string;
  /** The text after `=`; empty if there is no `=`. */
  readonly value: string;
}

export class CommandLine {
  readonly words: readonly Word[];

  constructor(readonly text: string) {
    this.words = text
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => {
        const at = word.indexOf('=');
        return at < 0 ? { name: word, value: '' } : { name: word.slice(0, at), value: word.slice(at + 1) };
      });
  }

  /** The value of a parameter: the last one that has a meaning, or `otherwise`. */
  get<Value>(parameter: Parameter<Value>, otherwise: Value): Value {
    let value = otherwise;
    for (const word of this.words) if (word.name === parameter.name) value = parameter.parse(word.value) ?? value;
    return value;
  }
}

/** A parameter that is a whole number. */
export const integerParameter = (name: string): Parameter<number> => ({
  name,
  takes: 'a whole number',
  parse: (value) => (/^\d+$/.test(value) ? Number(value) : null),
});

/** A parameter that is on by its name alone: `noreboot`, `noreboot=1`, `noreboot=off`. */
export const flagParameter = (name: string): Parameter<boolean> => ({
  name,
  takes: 'yes or no',
  parse: (value) =>
    /^(|1|yes|on|true|enable)$/.test(value) ? true : /^(0|no|off|false|disable)$/.test(value) ? false : null,
});

/** Powers of two of the units of a size. Without a unit, a size is in KiB. */
const unitShifts = new Map([
  ['b', 0],
  ['k', 10],
  ['', 10],
  ['m', 20],
  ['g', 30],
]);

/** A size such as `512M`, in bytes; null if it is none. */
export const parseSize = (text: string): number | null => {
  const [, digits, unit = ''] = /^(\d+)([bkmg]?)$/i.exec(text) ?? [];
  const shift = unitShifts.get(unit.toLowerCase());
  return digits === undefined || shift === undefined ? null : Number(digits) * 2 ** shift;
};
