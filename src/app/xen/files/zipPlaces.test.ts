import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placesOf } from './zipPlaces.ts';

const present = [
  { path: '/etc', isDirectory: true },
  { path: '/etc/xen', isDirectory: true },
  { path: '/etc/xen/hello.cfg', isDirectory: false },
  { path: '/guests', isDirectory: true },
];
const places = (...names: string[]) => {
  const found = placesOf(names, present);
  return found.ok ? Object.fromEntries(found.value) : found.error;
};

describe('files of a zip', () => {
  test('go where their names say', () => {
    expect(places('etc/xen/hello.cfg', 'root/notes/a.txt')).toEqual({
      'etc/xen/hello.cfg': '/etc/xen/hello.cfg',
      'root/notes/a.txt': '/root/notes/a.txt',
    });
  });

  test('in no folder go where dropped ones go', () => {
    expect(places('my.cfg', 'my.img')).toEqual({ 'my.cfg': '/etc/xen/my.cfg', 'my.img': '/guests/my.img' });
  });

  test('may have a folder around them, and what file managers add', () => {
    expect(places('lesson 1/etc/xen/a.cfg', 'lesson 1/guests/a.img', 'lesson 1/.DS_Store', '__MACOSX/x')).toEqual({
      'lesson 1/etc/xen/a.cfg': '/etc/xen/a.cfg',
      'lesson 1/guests/a.img': '/guests/a.img',
    });
  });

  test.each([
    ['../etc/passwd', 'name'],
    ['etc/../../x', 'name'],
    ['/etc/passwd', 'name'],
    ['etc//x', 'name'],
    ['etc/./x', 'name'],
    ['etc\\x', 'name'],
    ['etc/a\nb', 'name'],
    ['etc/a\0', 'name'],
    ['etc/gpj\u202e.cfg', 'name'],
    ['etc/\ud800', 'name'],
    [`etc/${'a'.repeat(256)}`, 'name'],
    [`etc/${'a/'.repeat(500)}b`, 'name'],
    ['', 'name'],
    ['etc/xen', 'twice'],
    ['etc/xen/hello.cfg/x', 'twice'],
  ])('named %j are refused', (name, kind) => {
    expect(places(name, 'guests/good.img')).toEqual({ kind, name });
  });

  test('in other folders are refused', () => {
    expect(places('C:/x', 'etc/a')).toEqual({ kind: 'elsewhere', name: 'C:/x' });
    expect(places('bin/x', 'usr/y')).toEqual({ kind: 'elsewhere', name: 'bin/x' });
  });

  test('of the same place are refused', () => {
    expect(places('etc/a', 'etc/a')).toEqual({ kind: 'twice', name: 'etc/a' });
    expect(places('etc/a', 'etc/a/b')).toEqual({ kind: 'twice', name: 'etc/a/b' });
    expect(places('etc/a/b', 'etc/a')).toEqual({ kind: 'twice', name: 'etc/a' });
    expect(places('my.img', 'guests/my.img')).toEqual({ kind: 'twice', name: 'guests/my.img' });
  });

  test('never leave the user’s folders, whatever they are named', () => {
    const part = fc.oneof(fc.constantFrom('etc', 'guests', 'root', '..', '.', '', 'x', '\\', 'a.cfg'), fc.string());
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        const found = placesOf(names, present);
        if (!found.ok) return;
        const paths = [...found.value.values()];
        expect(new Set(paths).size).toBe(paths.length);
        for (const path of paths) expect(path).toMatch(/^\/(etc|guests|root)(\/(?!\.{0,2}(\/|$))[^/]+)+$/);
      }),
    );
  });
});
