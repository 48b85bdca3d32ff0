/** Shapes of plain data: from one description, how it is written as JSON and how what is read is checked. */
import { fromBase64, toBase64 } from './base64.ts';
import { err, ok, type Result } from './result.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Shape<T> {
  toJson(value: T): Json;
  /** `at` names the place for messages. Throws Mismatch. */
  fromJson(json: unknown, at: string): T;
}

class Mismatch extends Error {
  constructor(at: string, expected: string) {
    super(`${at} is not ${expected}.`);
  }
}

/** Reads and checks data; the error is one sentence that begins with the place: `journal.inputs[3].slice is not…`. */
export function readShape<T>(shape: Shape<T>, json: unknown, at: string): Result<T> {
  try {
    return ok(shape.fromJson(json, at));
  } catch (error) {
    if (error instanceof Mismatch) return err(error.message);
    throw error;
  }
}

/** A value that JSON has as it is. */
const plain = <T extends Json>(expected: string, is: (json: unknown) => json is T): Shape<T> => ({
  toJson: (value) => value,
  fromJson: (json, at) => {
    if (!is(json)) throw new Mismatch(at, expected);
    return json;
  },
});

export const text = plain('text', (json) => typeof json === 'string');
export const number = plain('a number', (json): json is number => typeof json === 'number' && Number.isFinite(json));
export const flag = plain('true or false', (json) => typeof json === 'boolean');

/** A whole number from `least` to `most`. */
export const whole = (least = 0, most = Number.MAX_SAFE_INTEGER): Shape<number> =>
  plain(
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least} on` : `a whole number from ${least} to ${most}`,
    (json): json is number => typeof json === 'number' && Number.isSafeInteger(json) && json >= least && json <= most,
  );

export const oneOf = <const T extends string | number>(...choices: readonly T[]): Shape<T> =>
  plain(choices.join(' or '), (json): json is T => choices.some((choice) => choice === json));

/** Text of a form: `form` says in words what that is. */
export const textLike = <T extends string>(expected: string, is: (value: string) => value is T): Shape<T> =>
  plain(expected, (json): json is T => typeof json === 'string' && is(json));

/** A bigint that is not negative, in decimal digits. */
export const natural: Shape<bigint> = {
  toJson: (value) => value.toString(),
  fromJson: (json, at) => {
    if (typeof json !== 'string' || !/^(0|[1-9]\d{0,19})$/.test(json)) throw new Mismatch(at, 'a number in digits');
    return BigInt(json);
  },
};

/** What something else checks. */
export const anything: Shape<unknown> = {
  // The caller has made it of what JSON holds.
  toJson: (value) => value as Json,
  fromJson: (json) => json,
};

/** Bytes, in base64; or as they are, where what is read is not JSON alone. */
export const bytes: Shape<Uint8Array> = {
  toJson: toBase64,
  fromJson: (json, at) => {
    if (json instanceof Uint8Array) return json;
    const read = typeof json === 'string' ? fromBase64(json) : null;
    if (!read) throw new Mismatch(at, 'bytes in base64');
    return read;
  },
};

export const list = <T>(item: Shape<T>): Shape<readonly T[]> => ({
  toJson: (value) => value.map((one) => item.toJson(one)),
  fromJson: (json, at) => {
    if (!Array.isArray(json)) throw new Mismatch(at, 'a list');
    return json.map((one: unknown, i) => item.fromJson(one, `${at}[${i}]`));
  },
});

export const pair = <A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> => ({
  toJson: ([a, b]) => [first.toJson(a), second.toJson(b)],
  fromJson: (json, at) => {
    if (!Array.isArray(json) || json.length !== 2) throw new Mismatch(at, 'a pair');
    return [first.fromJson(json[0], `${at}[0]`), second.fromJson(json[1], `${at}[1]`)];
  },
});

export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  toJson: (value) => (value === null ? null : shape.toJson(value)),
  fromJson: (json, at) => (json === null ? null : shape.fromJson(json, at)),
});

/** A field that may be missing. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  toJson: (value) => (value === undefined ? null : shape.toJson(value)),
  fromJson: (json, at) => (json === undefined ? undefined : shape.fromJson(json, at)),
});

export type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** An object with these fields and no others. */
export function record<T extends object>(fields: Fields<T>): Shape<T> {
  // Object.keys tells strings; these are the fields' names.
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    toJson: (value) =>
      Object.fromEntries(
        names.flatMap((name) => (value[name] === undefined ? [] : [[name, fields[name].toJson(value[name])]])),
      ),
    fromJson: (json, at) => {
      if (!isObject(json)) throw new Mismatch(at, 'an object');
      const stranger = Object.keys(json).find((key) => !Object.hasOwn(fields, key));
      if (stranger !== undefined) throw new Mismatch(`${at}.${stranger}`, 'known');
      const read: Partial<T> = {};
      for (const name of names) {
        const value = fields[name].fromJson(Object.hasOwn(json, name) ? json[name] : undefined, `${at}.${name}`);
        if (value !== undefined) read[name] = value;
      }
      // Every field that is not optional has been read, or its shape has thrown.
      return read as T;
    },
  };
}

/** A union of objects told apart by `kind`: of each kind its other fields. */
export function variant<T extends { readonly kind: string }>(
  kinds: {
    readonly [K in T['kind']]: Fields<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
  },
): Shape<T> {
  const shapes = new Map<unknown, Shape<object>>(
    Object.entries<Fields<object>>(kinds).map(([kind, fields]) => [kind, record({ kind: oneOf(kind), ...fields })]),
  );
  const shapeOf = (value: unknown, at: string): Shape<object> => {
    const shape = isObject(value) ? shapes.get(value.kind) : undefined;
    if (!shape) throw new Mismatch(`${at}.kind`, [...shapes.keys()].join(' or '));
    return shape;
  };
  return {
    toJson: (value) => shapeOf(value, '').toJson(value),
    // The shape of a kind reads the member of the union that has this kind.
    fromJson: (json, at) => shapeOf(json, at).fromJson(json, at) as T,
  };
}

const isObject = (json: unknown): json is { readonly [key: string]: unknown; readonly kind?: unknown } =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
