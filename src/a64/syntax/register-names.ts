/** Names of registers in GNU syntax. */

/** A register by name. SP is number 31 of the classes XSP and WSP. */
export interface Register {
  readonly class: 'X' | 'W' | 'XSP' | 'WSP' | 'B' | 'H' | 'S' | 'D' | 'Q' | 'V';
  readonly number: number;
  /** Of a vector: `4s`, or `s` alone for one of its elements. */
  readonly arrangement?: string;
}

const names = new Map<string, Register>([
  ['sp', { class: 'XSP', number: 31 }],
  ['wsp', { class: 'WSP', number: 31 }],
  ['xzr', { class: 'X', number: 31 }],
  ['wzr', { class: 'W', number: 31 }],
  ['lr', { class: 'X', number: 30 }],
  ['fp', { class: 'X', number: 29 }],
  ['ip0', { class: 'X', number: 16 }],
  ['ip1', { class: 'X', number: 17 }],
]);
for (let number = 0; number < 32; number++) {
  for (const letter of ['X', 'W', 'B', 'H', 'S', 'D', 'Q'] as const)
    if (number < 31 || (letter !== 'X' && letter !== 'W'))
      names.set(`${letter.toLowerCase()}${number}`, { class: letter, number });
  for (const arrangement of ['8b', '16b', '4h', '8h', '2s', '4s', '1d', '2d', '1q', 'b', 'h', 's', 'd'])
    names.set(`v${number}.${arrangement}`, { class: 'V', number, arrangement });
}

/** The register with this name, in lower case. */
export const registerNamed = (name: string): Register | undefined => names.get(name);
