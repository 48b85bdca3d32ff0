/** Looks up keys in a parsed config as xl does, with xl's messages (Xen 4.17, tools/libs/util/libxlu_cfg.c). */
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { MessageCode } from '../diagnostics/messages.ts';
import type { Range } from '../diagnostics/range.ts';
import { nearest } from '../keys/nearest.ts';
import type { ParsedConfig } from './parser.ts';
import type { List, Setting, Value } from './syntax.ts';

/** xl has exited; its messages are in the diagnostics. */
export class Ended extends Error {
  constructor(readonly exitCode: number) {
    super(`xl ended with ${exitCode}`);
  }
}

const longMax = 0x7fff_ffff_ffff_ffffn;

/** A whole number as C's strtol reads it with base 0; null if the text is empty or goes on after the number. */
export function parseNumber(text: string): bigint | null {
  const match = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (!match) return null;
  const digits = match[2] ?? '';
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return match[1] === '-' ? -magnitude : magnitude;
}

export class ConfigReader {
  readonly lines: string[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly settings: ReadonlyMap<string, Setting>;

  constructor(
    readonly parsed: ParsedConfig,
    readonly source: string,
  ) {
    this.settings = new Map(parsed.settings.map((setting) => [setting.name, setting]));
  }

  /** The last setting of a name, which is the one that counts. */
  find(name: string): Setting | undefined {
    return this.settings.get(name);
  }

  /** Adds a diagnostic; `xl` are the lines that xl prints. */
  say(
    severity: Diagnostic['severity'],
    code: MessageCode,
    range: Range,
    given: { params?: Record<string, string>; xl?: readonly string[]; fixes?: readonly Fix[] } = {},
  ): void {
    const { params = {}, xl = [], fixes = [] } = given;
    this.lines.push(...xl);
    this.diagnostics.push({ severity, code, range, params, xl, fixes });
  }

  /** Adds the diagnostic for which xl exits, and throws `Ended`. */
  end(
    code: MessageCode,
    range: Range,
    given: { params?: Record<string, string>; xl: readonly string[]; fixes?: readonly Fix[]; exitCode?: number },
  ): never {
    this.say('error', code, range, given);
    throw new Ended(given.exitCode ?? 1);
  }

  /** The range of a key's value; the start of the text if the key is absent. */
  rangeOf(name: string): Range {
    return this.find(name)?.written.range ?? { start: 0, end: 0 };
  }

  string(name: string): string | null {
    const value = this.find(name)?.value;
    if (value?.kind === 'list') this.warnList(name, value);
    return value?.kind === 'atom' ? value.text : null;
  }

  /** The text of a single value, without a message if it is a list. */
  quietString(name: string): string | null {
    const value = this.find(name)?.value;
    return value?.kind === 'atom' ? value.text : null;
  }

  /** A whole number of 64 bits. */
  number(name: string): bigint | null {
    const setting = this.find(name);
    const text = this.string(name);
    if (!setting || text === null) return null;
    const warn = (code: MessageCode, message: string, params: Record<string, string>, fixes: readonly Fix[] = []) =>
      this.say('warning', code, setting.written.range, { params, fixes, xl: [this.warning(setting, message)] });
    if (setting.operator === '+=') {
      warn('added-number', `can't use += with numbers for parameter \`${name}'`, { name });
      return null;
    }
    const number = parseNumber(text);
    if (number === null) {
      const digits = /[0-9]+/.exec(text)?.[0];
      const fixes: Fix[] = digits
        ? [{ code: 'replace', params: { text: digits }, edits: [{ range: setting.written.range, text: digits }] }]
        : [];
      warn('not-a-number', `parameter \`${name}' is not a valid number`, { name, text }, fixes);
      return null;
    }
    if (number > longMax || number < -longMax - 1n) {
      const message = `parameter \`${name}' could not be parsed as a number: Numerical result out of range`;
      warn('number-too-large', message, { name, text });
      return null;
    }
    return number;
  }

  /** A whole number, without a message if it is something else. */
  quietNumber(name: string): bigint | null {
    const setting = this.find(name);
    if (setting?.value.kind !== 'atom' || setting.operator === '+=') return null;
    return parseNumber(setting.value.text);
  }

  flag(name: string): boolean | null {
    const number = this.number(name);
    return number === null ? null : number !== 0n;
  }

  /** Reads keys only for the messages about them. */
  strings(...names: readonly string[]): void {
    for (const name of names) this.string(name);
  }

  numbers(...names: readonly string[]): void {
    for (const name of names) this.number(name);
  }

  list(name: string): List | null {
    const setting = this.find(name);
    if (!setting) return null;
    if (setting.value.kind === 'list') return setting.value;
    const { range } = setting.written;
    const fix: Fix = {
      code: 'replace',
      params: { text: `[${this.parsed.text.slice(range.start, range.end)}]` },
      edits: [
        { range: { start: range.start, end: range.start }, text: '[' },
        { range: { start: range.end, end: range.end }, text: ']' },
      ],
    };
    const message = `parameter \`${name}' is a single value but should be a list`;
    const xl = [this.warning(setting, message)];
    this.say('warning', 'value-instead-of-list', range, { params: { name }, xl, fixes: [fix] });
    return null;
  }

  /** A list, without a message if it is something else. */
  quietList(name: string): List | null {
    const value = this.find(name)?.value;
    return value?.kind === 'list' ? value : null;
  }

  /** Fixes that replace a key's value by an allowed word, the nearest first. */
  choices(name: string, text: string, words: readonly string[]): Fix[] {
    const range = this.rangeOf(name);
    return nearest(text, words).map((word) => ({
      code: 'replace',
      params: { text: `"${word}"` },
      edits: [{ range, text: `"${word}"` }],
    }));
  }

  private warnList(name: string, list: Value): void {
    const setting = this.find(name);
    if (!setting) return;
    const only = list.kind === 'list' && list.items.length === 1 ? list.items[0] : undefined;
    const text = only?.kind === 'atom' ? this.parsed.text.slice(only.range.start, only.range.end) : null;
    const { range } = setting.written;
    const fixes: Fix[] = text === null ? [] : [{ code: 'replace', params: { text }, edits: [{ range, text }] }];
    const xl = [this.warning(setting, `parameter \`${name}' is a list but should be a single value`)];
    this.say('warning', 'list-instead-of-value', range, { params: { name }, xl, fixes });
  }

  private warning(setting: Setting, message: string): string {
    return `${this.source}:${setting.line}: warning: ${message}`;
  }
}
