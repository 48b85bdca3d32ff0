/**
 * A device's state is one object of plain data, from which saving and loading follow: numbers, booleans, strings,
 * arrays, typed arrays, maps from numbers to numbers, and objects of these. What is null at first may also be a number.
 *
 * Loading changes objects, typed arrays and maps in place, so that a part of a device may keep a reference to its part
 * of the state. A device therefore changes the fields of such an object and never replaces it.
 */
import { assert } from '../../base/assert.ts';

type TypedArray = Uint8Array | Uint16Array | Uint32Array;
type Fields = Record<string, unknown>;

const isTypedArray = (value: unknown): value is TypedArray => ArrayBuffer.isView(value);
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy that JSON can hold: typed arrays become arrays, maps become objects. */
export function savedState(state: unknown): unknown {
  if (isTypedArray(state)) return [...state];
  if (Array.isArray(state)) return state.map(savedState);
  if (state instanceof Map) return Object.fromEntries(state);
  if (!isFields(state)) return state;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, savedState(value)]));
}

/**
 * Gives a state the values of a saved one, which must have the shape of the `initial` one as it was saved: the same
 * fields of the same types, and as many elements. An array that is empty at first may have any. Where the shape differs
 * this throws, with `path` for the place.
 */
export function restoreState(state: object, saved: unknown, initial: unknown, path: string): void {
  if (isTypedArray(state)) {
    const numbers = elements(saved, path, state.length);
    for (const [i, value] of numbers.entries()) state[i] = checkedNumber(value, `${path}[${i}]`);
  } else if (state instanceof Map) {
    const entries = Object.entries(fields(saved, path));
    state.clear();
    for (const [key, value] of entries) state.set(Number(key), checkedNumber(value, `${path}.${key}`));
  } else if (Array.isArray(state)) {
    const model: readonly unknown[] = Array.isArray(initial) ? initial : [];
    const values = elements(saved, path, model.length || undefined);
    state.length = values.length;
    for (const [i, value] of values.entries())
      state[i] = model.length === 0 ? savedState(value) : restored(state[i], value, model[i], `${path}[${i}]`);
  } else restoreFields(state, fields(saved, path), initial, path);
}

function restoreFields(state: object, saved: Fields, initial: unknown, path: string): void {
  const [own, model]: [Fields, Fields] = [{ ...state }, isFields(initial) ? initial : {}];
  for (const key of Object.keys(saved)) assert(key in model, `the state of ${path} has no ${key}`);
  for (const key of Object.keys(model)) {
    assert(key in saved, `the state that is loaded lacks ${path}.${key}`);
    Object.assign(state, { [key]: restored(own[key], saved[key], model[key], `${path}.${key}`) });
  }
}

/** The value for a field or an element: the object that is there, with new contents, or the saved value. */
function restored(value: unknown, saved: unknown, initial: unknown, path: string): unknown {
  if (typeof value === 'object' && value !== null && typeof initial === 'object' && initial !== null) {
    restoreState(value, saved, initial, path);
    return value;
  }
  const matches = initial === null ? saved === null || typeof saved === 'number' : typeof saved === typeof initial;
  assert(matches, `the state that is loaded has ${typeof saved} for ${path}`);
  return saved;
}

function fields(value: unknown, path: string): Fields {
  assert(isFields(value), `the state that is loaded has no fields for ${path}`);
  return value;
}

function elements(value: unknown, path: string, length: number | undefined): readonly unknown[] {
  assert(Array.isArray(value), `the state that is loaded has no array for ${path}`);
  assert(length === undefined || value.length === length, `the state that is loaded has ${value.length} of ${path}`);
  return value;
}

function checkedNumber(value: unknown, path: string): number {
  assert(typeof value === 'number', `the state that is loaded has ${typeof value} for ${path}`);
  return value;
}
