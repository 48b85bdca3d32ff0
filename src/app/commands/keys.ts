/**
 * A key binding as text: modifiers `Mod` (Ctrl, or Cmd on a Mac), `Ctrl`, `Shift`, `Alt`, then the key, joined by `+`:
 * `F5`, `Mod+Shift+P`, ``Ctrl+` ``, `?`.
 */
export type KeyBinding = string;

/** The part of a KeyboardEvent that a binding is compared with. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

interface Parsed {
  readonly modifiers: ReadonlySet<string>;
  readonly key: string;
}

function parse(binding: KeyBinding): Parsed {
  const parts = binding.split('+');
  const key = parts.pop() ?? '';
  return { modifiers: new Set(parts), key };
}

/** Digits and ` are also taken by their place, for layouts that have them under Shift or nowhere. */
const codeOf = (key: string): string | null => (/^\d$/.test(key) ? `Digit${key}` : key === '`' ? 'Backquote' : null);

/** Whether a key press is this binding. For punctuation, Shift is ignored: it depends on the keyboard's layout. */
export function matches(binding: KeyBinding, press: KeyPress, mac: boolean): boolean {
  const { modifiers, key } = parse(binding);
  const mod = modifiers.has('Mod');
  if (press.ctrlKey !== (modifiers.has('Ctrl') || (mod && !mac))) return false;
  if (press.metaKey !== (mod && mac)) return false;
  if (press.altKey !== modifiers.has('Alt')) return false;
  const sign = key.length === 1 && !/[A-Z0-9]/.test(key);
  if (!sign && press.shiftKey !== modifiers.has('Shift')) return false;
  return press.key.toUpperCase() === key.toUpperCase() || press.code === codeOf(key);
}

/** The binding in the platform's notation. */
export function keyLabel(binding: KeyBinding, mac: boolean): string {
  const names: Record<string, string> = mac ? { Mod: '⌘', Ctrl: '⌃', Shift: '⇧', Alt: '⌥' } : { Mod: 'Ctrl' };
  return binding
    .split('+')
    .map((part) => names[part] ?? part)
    .join(mac ? '' : '+');
}

/** Whether the binding is a single character, which a text field or a console would take. */
export const isTyped = (binding: KeyBinding): boolean => binding.length === 1;

/** Whether the editor has the binding too: there it leads to the next or last problem, as in other editors. */
export const isEditors = (binding: KeyBinding): boolean => binding === 'F8' || binding === 'Shift+F8';
