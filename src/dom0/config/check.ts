/** Checks a config without asking the hypervisor. */
import { advise } from './advice.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { DomainConfig } from './domain-config.ts';
import { type ParsedConfig, parseConfig } from './language/parser.ts';
import { ConfigReader, Ended } from './language/reader.ts';
import { syntaxDiagnostic } from './language/syntax-fixes.ts';
import { readDomain } from './read-domain.ts';

export interface CheckedConfig {
  readonly parsed: ParsedConfig;
  /** What xl would pass to libxl; null if xl stops before. */
  readonly config: DomainConfig | null;
  /** xl's messages in its order, then those that only the editor gives. */
  readonly diagnostics: readonly Diagnostic[];
  /** What xl prints, in order, and its exit code: 0 if it would go on to create the domain. */
  readonly lines: readonly string[];
  readonly exitCode: number;
}

export interface CheckOptions {
  /** The file's name in xl's messages. */
  readonly source?: string;
  /** Physical CPUs of the machine. */
  readonly cpus?: number;
}

/** Reads a config as `xl create` does. Accepts any text. */
export function checkConfig(text: string, { source = '', cpus = 4 }: CheckOptions = {}): CheckedConfig {
  const parsed = parseConfig(text, source);
  const syntax = parsed.problems.map((problem) => syntaxDiagnostic(problem, text));
  // xl stops at a syntax error; for the editor the rest is checked too.
  const reader = new ConfigReader(parsed, source);
  let config: DomainConfig | null = null;
  let exitCode = 0;
  try {
    config = readDomain(reader, cpus);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    exitCode = error.exitCode;
  }
  const diagnostics = [...syntax, ...reader.diagnostics, ...advise(reader, config, cpus)];
  if (parsed.failed) return { parsed, config: null, diagnostics, lines: parsed.lines, exitCode: 1 };
  return { parsed, config, diagnostics, lines: reader.lines, exitCode };
}
