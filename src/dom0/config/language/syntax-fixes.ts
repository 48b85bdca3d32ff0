import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import { keyNamed } from '../keys/index.ts';
import type { SyntaxProblem } from './parser.ts';

/** A syntax error with its fixes. */
export function syntaxDiagnostic(problem: SyntaxProblem, text: string): Diagnostic {
  const { code, range, found, xl } = problem;
  const fixes = syntaxFixes(problem, text);
  const shown = found === '$end' ? 'EOF' : found === 'NEWLINE' ? '⏎' : found;
  return { severity: 'error', code, range, params: { found: shown }, xl: xl === null ? [] : [xl], fixes };
}

function syntaxFixes({ code, range, found }: SyntaxProblem, text: string): Fix[] {
  const fix = (fixCode: Fix['code'], at: Range, replacement: string, params: Record<string, string> = {}): Fix[] => [
    { code: fixCode, params, edits: [{ range: at, text: replacement }] },
  ];
  const point = (at: number): Range => ({ start: at, end: at });
  const lineStart = text.lastIndexOf('\n', range.start - 1) + 1;
  const lineEnd = endOfLine(text, range.start);
  const before = text.slice(lineStart, range.start);
  switch (code) {
    case 'unterminated-string':
      return fix('close-string', point(lineEnd), text.charAt(range.start));
    case 'unended-comment':
      return fix('insert', point(text.length), '\n', { text: '⏎' });
    case 'carriage-return': {
      const edits = [...text.matchAll(/\r/g)].map(({ index }) => ({
        range: { start: index, end: index + 1 },
        text: '',
      }));
      return [{ code: 'remove', params: {}, edits }];
    }
    case 'unexpected-text': {
      const value = /=[ \t]*/.exec(before);
      if (value && !before.includes('[')) {
        const start = lineStart + value.index + value[0].length;
        const words = text.slice(start, lineEnd);
        if (!/["'\\]/.test(words)) return fix('quote', { start, end: lineEnd }, `"${words}"`);
      }
      const name = /^[A-Za-z_][\w.]*/.exec(text.slice(range.start))?.[0] ?? '';
      const lower = name.toLowerCase();
      if (before.trim() === '' && keyNamed.has(lower)) {
        return fix('rename', { start: range.start, end: range.start + name.length }, lower, { text: lower });
      }
      return [];
    }
    case 'bad-escape':
      return fix('replace', point(range.start), '\\', { text: `\\${found}` });
    case 'missing-operator':
      return /^["'[0-9]/.test(found) ? fix('insert', point(range.start), '= ', { text: '=' }) : [];
    case 'missing-value': {
      if (/^[a-z]/.test(found)) return fix('quote', range, `"${found}"`);
      return found === '=' ? fix('remove', range, '') : [];
    }
    case 'missing-separator':
      return /^[a-z]/.test(found) ? fix('separate', range, `\n${found}`) : fix('remove', range, '');
    case 'unclosed-list': {
      if (/^["'0-9[]/.test(found)) return fix('insert', point(range.start), ', ', { text: ',' });
      if (found === ',' || found === ';') return fix('remove', range, '');
      if (/^[a-z]/.test(found) && before.trim() !== '') return fix('quote', range, `"${found}"`);
      return fix('close-list', point(text.slice(0, range.start).trimEnd().length), ']');
    }
    case 'no-statement':
      return before.trim() === '' ? [] : fix('remove', range, '');
    case 'mixed-addition':
      return [];
  }
}

/** The end of a line's text, without trailing blanks. */
function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return at + text.slice(at, newline < 0 ? text.length : newline).trimEnd().length;
}
