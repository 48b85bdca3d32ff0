/** What `xl create` would fail at on the machine as it is now: things that a config alone cannot tell. */
import type { CheckedConfig } from './check.ts';
import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
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
  const found: (Diagnostic | null)[] = [];
  // Usually the config being edited is that of a domain that is running, and all is well: this is a hint only.
  if (facts.domains.includes(config.name))
    found.push(diagnostic(setting('name'), 'name-in-use', { name: config.name }, { severity: 'hint' }));
  for (const key of ['kernel', 'ramdisk'] as const) {
    const path = config[key];
    if (files === null || !path?.startsWith('/') || files.has(path)) continue;
    found.push(diagnostic(setting(key), 'missing-file', { text: path }, { instead: alternatives(path, files) }));
  }
  if (freeMiB !== null && config.memory !== null && config.memory / 1024 > freeMiB)
    found.push(diagnostic(setting('memory'), 'no-memory-left', { free: String(Math.floor(freeMiB)) }));
  return found.filter((each) => each !== null);
}

/** A diagnostic of a setting's value; null if the config does not have the setting. */
function diagnostic(
  setting: Setting | undefined,
  code: Diagnostic['code'],
  params: Diagnostic['params'],
  { severity = 'warning', instead = [] }: { severity?: Diagnostic['severity']; instead?: readonly string[] } = {},
): Diagnostic | null {
  if (!setting) return null;
  const { range } = setting.written;
  const fixes = instead.map(
    (text): Fix => ({ code: 'rename', params: { text }, edits: [{ range, text: `"${text}"` }] }),
  );
  return { code, severity, range, params, xl: [], fixes };
}

/** Files of a similar path, else those in /guests. */
function alternatives(path: string, files: ReadonlySet<string>): string[] {
  const near = nearest(path, files);
  const images = [...files].filter((file) => /^\/guests\/.*\.(?:img|elf|gz)$/.test(file));
  return (near.length > 0 ? near : images).slice(0, 4);
}
