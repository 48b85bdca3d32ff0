import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkConfig } from './check.ts';
import { devicesObject, hostObject } from './devices/json.ts';

interface Recorded {
  readonly text: string;
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly devices: Readonly<Record<string, unknown>> | null;
}

/**
 * What xl 4.17.7 (Debian's binary for arm64) made of these lines under `name`, `kernel` and `memory`: the devices of the
 * JSON of `xl -N create x.cfg`.
 */
const recorded = readFileSync(new URL('recorded/devices.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

it.each(recorded.map((each) => [each.text, each] as const))(
  'does xl read %j as Debian’s xl 4.17.7 does?',
  (text, { exitCode, lines, devices }) => {
    const checked = checkConfig(`name="g"\nkernel="/k"\nmemory=16\n${text}\n`, { source: 'x.cfg', cpus: 4 });
    expect(checked.lines).toEqual(lines);
    expect(checked.exitCode).toBe(exitCode);
    const { config } = checked;
    const found = config && { ...devicesObject(config), ...hostObject(config) };
    const numa = text.includes('vnuma') && config && { max_vcpus: config.maxVcpus, max_memkb: config.maxMemory };
    expect(found && JSON.parse(JSON.stringify({ ...found, ...numa }))).toEqual(devices);
  },
);
