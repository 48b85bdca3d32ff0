/** What `xl create` would fail at on the machine as it is now: things that a config alone cannot tell. */
import type { CheckedConfig } from './check.ts';
import type { Diagnostic, Fix } from './diagnostic.ts';
import { nearest } from './keys/nearest.ts';
import type { Setting } from './language/syntax.ts';

/** What the editor knows of the machine. */
export interface HostFacts {
  readonly cpus: number;
  /** Names of the domains that are there. */
  readonly domains: readonly string[];
  /** Paths of Domain-0's files, or null before they are known. */
  readonly files: ReadonlySet<string> | null;
  /** MiB that Xen can still give away, or null before that is known. */
  readonly freeMiB: number | null;
}

/** What stands in the way of creating the domain, for a config that xl accepts. */
export function hostDiagnostics({ parsed, config }: CheckedConfig, facts: HostFacts): Diagnostic[] {
  if (!config) return [];
  const { files, freeMiB } = facts;
  const setting = (name: string): Setting | undefined => parsed.settings.findLast((s) => s.name === name);
  const found: (Diagnostic | null)[] = [
    // Most often the config of a domain that runs is looked at, and nothing is amiss.
    at(setting('name'), facts.domains.includes(config.name), 'name-in-use', { name: config.name }, [], 'hint'),
    ...(['kernel', 'ramdisk'] as const).map((key) => {
      const path = config[key];
      const missing = files !== null && path?.startsWith('/') === true && !files.has(path);
      return at(setting(key), missing, 'missing-file', { text: path ?? '' }, alternatives(path ?? '', files));
    }),
    freeMiB === null || config.memory === null
      ? null
      : at(setting('memory'), config.memory / 1024 > freeMiB, 'no-memory-left', { free: String(Math.floor(freeMiB)) }),
  ];
  return found.filter((diagnostic) => diagnostic !== null);
}

function at(
  setting: Setting | undefined,
  isWrong: boolean,
  code: Diagnostic['code'],
  params: Diagnostic['params'],
  texts: readonly string[] = [],
  severity: Diagnostic['severity'] = 'warning',
): Diagnostic | null {
  if (!setting || !isWrong) return null;
  const { range } = setting.written;
  const fixes = texts.map((text): Fix => ({ code: 'rename', params: { text }, edits: [{ range, text: `"${text}"` }] }));
  return { code, severity, range, params, xl: [], fixes };
}

/** Files of a similar path, else those in /guests. */
function alternatives(path: string, files: ReadonlySet<string> | null): string[] {
  const near = nearest(path, files ?? []);
  const images = [...(files ?? [])].filter((file) => /^\/guests\/.*\.(?:img|elf|gz)$/.test(file));
  return (near.length > 0 ? near : images).slice(0, 4);
}
