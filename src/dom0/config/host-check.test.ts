import { expect, describe as suite, test } from 'vitest';
import { checkConfig } from './check.ts';
import { describe } from './diagnostics/messages.ts';
import { type HostFacts, hostDiagnostics } from './host-check.ts';

const facts: HostFacts = {
  cpus: 4,
  domains: ['Domain-0', 'rtos-a'],
  files: new Set(['/guests/rtos.img', '/guests/spin.img', '/etc/xen/rtos-a.cfg']),
  freeMiB: 100.5,
};
const found = (text: string, known: HostFacts = facts) => hostDiagnostics(checkConfig(text), known);
const config = (name: string, kernel: string, memory: number): string =>
  `name = "${name}"\nkernel = "${kernel}"\nmemory = ${memory}\n`;

suite('what stands in the way of creating a domain', () => {
  test('is nothing for a good config', () => {
    expect(found(config('new', '/guests/rtos.img', 100))).toEqual([]);
  });

  test('is a name that a domain has', () => {
    const [diagnostic, ...others] = found(config('rtos-a', '/guests/rtos.img', 16));
    expect(others).toEqual([]);
    expect(diagnostic).toMatchObject({ code: 'name-in-use', range: { start: 7, end: 15 } });
    expect(diagnostic?.fixes.map((fix) => fix.params.text)).toEqual(['rtos-a-2']);
    const both = { ...facts, domains: [...facts.domains, 'rtos-a-2'] };
    expect(found(config('rtos-a', '/guests/rtos.img', 16), both)[0]?.fixes[0]?.params.text).toBe('rtos-a-3');
  });

  test('is a missing kernel; similar paths are offered, otherwise those in /guests', () => {
    const text = config('new', '/guests/rtso.img', 16);
    const [diagnostic] = found(text);
    expect(diagnostic && describe(diagnostic, 'en')).toBe('Domain-0 has no file “/guests/rtso.img”.');
    const edit = diagnostic?.fixes[0]?.edits[0];
    expect(edit?.text).toBe('"/guests/rtos.img"');
    expect(edit && text.slice(edit.range.start, edit.range.end)).toBe('"/guests/rtso.img"');
    const [far] = found(config('new', '/root/x', 16));
    expect(far?.fixes.map((fix) => fix.params.text)).toEqual(['/guests/rtos.img', '/guests/spin.img']);
  });

  test('is more memory than Xen has left', () => {
    expect(found(config('new', '/guests/rtos.img', 101))).toMatchObject([
      { code: 'no-memory-left', params: { free: '100' } },
    ]);
  });

  test('is not reported before it is known, or where xl stops earlier', () => {
    const unknown: HostFacts = { cpus: 4, domains: [], files: null, freeMiB: null };
    expect(found(config('new', '/root/x', 5000), unknown)).toEqual([]);
    expect(found('name = "rtos-a"\n')).toEqual([]);
  });
});
