import { bootKeys } from './boot.ts';
import { deviceKeys } from './devices.ts';
import { generalKeys } from './general.ts';
import type { Key } from './key.ts';

/** Every key of xl.cfg(5) that has a meaning on Arm, in the order in which an editor shows them. */
export const keys: readonly Key[] = [...generalKeys, ...bootKeys, ...deviceKeys];

export const keyNamed: ReadonlyMap<string, Key> = new Map(keys.map((key) => [key.name, key]));
