/**
 * What a config that asks for an HVM guest has of x86: the editor explains each such line, and offers to rewrite all for
 * Arm. The example of Xilinx' white paper WP474 is one.
 */
import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
import type { Range, TextEdit } from './diagnostics/range.ts';
import type { DomainConfig } from './domain-config.ts';
import type { ConfigReader } from './language/reader.ts';

type Advice = Pick<Diagnostic, 'code' | 'severity' | 'range' | 'fixes'>;

const comment = '# This configures a PVH guest: Arm has no other type';

export function adviseHvm(reader: ConfigReader, config: DomainConfig): Advice[] {
  if (config.type !== 'hvm') return [];
  const { text } = reader.parsed;
  const [type, builder] = [reader.find('type'), reader.find('builder')];
  const setting = type ?? builder;
  if (!setting) return [];
  const needsLoader = config.kernel === null && config.bootloader === null;
  const settings = `type = "pvh"${needsLoader ? '\nbootloader = "pygrub"' : ''}`;
  const statement = ({ nameRange, written }: typeof setting): Range => ({
    start: nameRange.start,
    end: written.range.end,
  });
  const edits: TextEdit[] = [{ range: statement(setting), text: settings }];
  if (type && builder) edits.push({ range: statement(builder), text: '' });
  const found = /^[ \t]*#.*\bHVM\b.*$/m.exec(text);
  const commentRange = found && { start: found.index, end: found.index + found[0].length };
  if (commentRange) edits.push({ range: commentRange, text: comment });
  edits.sort((a, b) => a.range.start - b.range.start);
  const fixes: Fix[] = [{ code: 'rewrite-for-arm', params: {}, edits }];
  const advice: Advice[] = [{ code: 'hvm-type', severity: 'warning', range: statement(setting), fixes }];
  if (commentRange) advice.push({ code: 'hvm-comment', severity: 'hint', range: commentRange, fixes });
  const disk = reader.find('disk');
  if (disk && needsLoader) advice.push({ code: 'hvm-disk', severity: 'hint', range: disk.written.range, fixes });
  return advice;
}
