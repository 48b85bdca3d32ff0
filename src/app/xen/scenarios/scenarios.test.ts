import { expect, test } from 'vitest';
import { checkConfig } from '../../../dom0/config/check.ts';
import { filesOf } from './scenarioFiles.ts';
import { scenarioIn, scenarioNames, scenarioOf } from './scenarios.ts';

test.each(scenarioNames)(
  'the configs of %s are accepted by xl without a remark, and its script creates its domains',
  (name) => {
    const scenario = scenarioOf(name);
    const [script, ...configs] = filesOf(scenario).map(({ path, bytes }) => ({
      path,
      text: new TextDecoder().decode(bytes),
    }));
    for (const { path, text } of configs) {
      expect(checkConfig(text, { source: path, cpus: scenario.cpus ?? 4 }).diagnostics, path).toEqual([]);
      expect(scenario.domains.map((domain) => `/etc/xen/${domain}.cfg`)).toContain(path);
    }
    expect(script?.path).toBe('/etc/rc.local');
    expect(script?.text.match(/^xl create .*$/gm)).toEqual(scenario.domains.map((d) => `xl create /etc/xen/${d}.cfg`));
  },
);

test('a link names a scenario', () => {
  expect(scenarioIn('#scenario=weights')?.name).toBe('weights');
  expect(scenarioIn('#scenario=<script>')).toBeNull();
  expect(scenarioIn('')).toBeNull();
});
