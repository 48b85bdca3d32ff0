import { describe, expect, test } from 'vitest';
import { type KeyPress, keyLabel, matches } from './keys.ts';
import { type Command, CommandRegistry } from './registry.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('key bindings', () => {
  test.each([
    ['F5', press('F5'), false, true],
    ['F5', press('F5', { shiftKey: true }), false, false],
    ['Shift+F5', press('F5', { shiftKey: true }), false, true],
    ['Mod+Shift+P', press('P', { ctrlKey: true, shiftKey: true }), false, true],
    ['Mod+Shift+P', press('P', { ctrlKey: true, shiftKey: true }), true, false],
    ['Mod+Shift+P', press('p', { metaKey: true, shiftKey: true }), true, true],
    ['Mod+2', press('é', { ctrlKey: true, code: 'Digit2' }), false, true],
    ['Ctrl+`', press('`', { ctrlKey: true, code: 'Backquote' }), true, true],
    ['Ctrl+`', press('`', { ctrlKey: true, shiftKey: true, code: 'BracketLeft' }), false, true],
    ['?', press('?', { shiftKey: true }), false, true],
    ['?', press('?', { ctrlKey: true }), false, false],
  ])('%s and %j (Mac: %s): %s', (binding, event, mac, expected) => {
    expect(matches(binding, event, mac)).toBe(expected);
  });

  test('are written in the platform’s notation', () => {
    expect(keyLabel('Mod+Shift+P', false)).toBe('Ctrl+Shift+P');
    expect(keyLabel('Mod+Shift+P', true)).toBe('⌘⇧P');
  });
});

describe('registry', () => {
  const command = (id: string, more: Partial<Command> = {}): Command => ({
    id,
    label: (translate) => translate('command.run'),
    perform: () => {},
    ...more,
  });

  test('refuses to register an id or a key twice', () => {
    const registry = new CommandRegistry();
    registry.register(command('a', { keys: ['F5'] }));
    expect(() => registry.register(command('a'))).toThrow('registered twice');
    expect(() => registry.register(command('b', { keys: ['F5'] }))).toThrow('F5 is bound to a and b');
  });

  test('performs only commands that can be done now', () => {
    const done: string[] = [];
    const registry = new CommandRegistry();
    registry.register(
      command('can', { predicate: () => true, perform: () => done.push('can') }),
      command('cannot', { predicate: () => false, perform: () => done.push('cannot') }),
    );
    registry.perform('can');
    registry.perform('cannot');
    expect(done).toEqual(['can']);
    expect(() => registry.perform('unknown')).toThrow('no command unknown');
  });

  test('leaves single characters to a text field, and its own keys to an editor', () => {
    const registry = new CommandRegistry();
    registry.register(
      command('keys', { keys: ['?'] }),
      command('palette', { keys: ['F1'] }),
      command('back', { keys: ['F8'] }),
    );
    const id = (key: string, typing: boolean, editing = false) =>
      registry.find(press(key), { typing, editing, mac: false })?.id;
    expect(id('F8', true)).toBe('back');
    expect(id('F8', true, true)).toBeUndefined();
    expect(id('F1', true, true)).toBe('palette');
    expect(id('?', false)).toBe('keys');
    expect(id('?', true)).toBeUndefined();
    expect(id('F1', true)).toBe('palette');
  });
});
