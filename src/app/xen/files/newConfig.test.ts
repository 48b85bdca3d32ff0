import { expect, test } from 'vitest';
import { checkConfig } from '../../../dom0/config/check.ts';
import { newConfig, unusedPath } from './newConfig.ts';

test('a new file gets an unused name', () => {
  const files = ['/a/new.cfg', '/a/new-2.cfg'].map((path) => ({ path }));
  expect(unusedPath('/a/new.cfg', files)).toBe('/a/new-3.cfg');
  expect(unusedPath('/b/new.cfg', files)).toBe('/b/new.cfg');
  expect(unusedPath('/a/x', [{ path: '/a/x' }])).toBe('/a/x-2');
});

test('xl accepts a new config', () => {
  const { path, text } = newConfig('/etc/xen', []);
  const { config, diagnostics } = checkConfig(text, { source: path });
  expect(config).toMatchObject({ name: 'new', kernel: '/guests/hello.img' });
  expect(diagnostics).toEqual([]);
});
