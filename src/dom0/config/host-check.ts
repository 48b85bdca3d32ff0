/**
 * Reasons for which `xl create` would fail on the machine in its present state, which the config alone does not show.
 */
import type { CheckedConfig } from './check.ts';
import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
import { nearest } from './keys/nearest.ts';
import type { Setting } from './language/syntax.ts';

/** What the editor knows of the machine. */
export interface HostFacts {
  readonly cpus: number;
  /** Names of the existing domains. */
  readonly domains: readonly string[];
  /** Paths of Domain-0's files, or null while they are unknown. */
  readonly files: ReadonlySet<string> | null;
  /** Free MiB of Xen's memory, or null while that is unknown. */
  readonly freeMiB: number | null;
}

/** The reasons why a domain cannot be created now, for a config that xl accepts. */
export function hostDiagnostics({ parsed, config }: CheckedConfig, facts: HostFacts): Diagnostic[] {
  if (!config) return [];
  const { files, freeMiB } = facts;
  const setting = (name: string): Setting | undefined => parsed.settings.findLast((s) => s.name === name);
  const found: (Diagnostic | null)[] = [];
  // Usually the config being edited is that of a domain that is running, and all is well: this is a hint only.
  if (facts.domains.includes(config.name))
    found.push(
      diagnostic(
        setting('name'),
        'name-in-use',
        { name: config.name },
        { severity: 'hint', instead: [unusedName(config.name, facts.domains)] },
      ),
    );
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

/** A name like this one that no domain has. */
export function unusedName(name: string, domains: readonly string[]): string {
  for (let n = 2; ; n++) if (!domains.includes(`${name}-${n}`)) return `${name}-${n}`;
}

/** Files with a similar path; if there are none, those in /guests. */
function alternatives(path: string, files: ReadonlySet<string>): string[] {
  const near = nearest(path, files);
  const images = [...files].filter((file) => /^\/guests\/.*\.(?:img|elf|gz)$/.test(file));
  return (near.length > 0 ? near : images).slice(0, 4);
}
