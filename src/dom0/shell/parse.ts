/** Parses scripts for Dom0's shell. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Command, CompoundCommand, List, Pipeline, Redirection, SimpleCommand, Word } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

/** Commands within commands, at most. */
const depthMax = 100;

const reserved = new Set(
  ['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'for', 'in', 'do', 'done', 'case', 'esac', '{', '}', '!'], //
);

/** A script's pipelines. An error is the text that follows `sh: `. */
export function parseShell(text: string): Result<List> {
  const tokens = tokenize(text);
  if (!tokens.ok) return tokens;
  try {
    return ok(new Parser(tokens.value).script());
  } catch (error) {
    if (error instanceof SyntaxError) return err(`syntax error: ${error.message}`);
    throw error;
  }
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  script(): List {
    const list = this.list([]);
    if (this.token) this.fail();
    return list;
  }

  private get token(): Token | undefined {
    return this.tokens[this.next];
  }

  /** The next token, if it is an operator. */
  private get operator(): string | undefined {
    return this.token?.kind === 'operator' ? this.token.text : undefined;
  }

  /** The next token's text, if it is a word without quotes and substitutions. */
  private get plain(): string | undefined {
    const token = this.token;
    if (token?.kind !== 'word' || token.word.length !== 1) return undefined;
    const [part] = token.word;
    return part?.kind === 'literal' && !part.quoted ? part.text : undefined;
  }

  private fail(): never {
    const token = this.token;
    if (!token) throw new SyntaxError('unexpected "end of file"');
    const text = token.kind === 'operator' ? token.text : token.word.map((part) => part.text).join('');
    throw new SyntaxError(`unexpected "${text === '\n' ? 'newline' : text}"`);
  }

  private takeOperator(text: string): boolean {
    const taken = this.operator === text;
    if (taken) this.next++;
    return taken;
  }

  private takeWord(text: string): boolean {
    const taken = this.plain === text;
    if (taken) this.next++;
    return taken;
  }

  private expectWord(text: string): void {
    if (!this.takeWord(text)) this.fail();
  }

  private skipNewlines(): void {
    while (this.takeOperator('\n'));
  }

  /** Pipelines up to one of the words, or to an operator that ends a list. */
  private list(ends: readonly string[]): List {
    const list: Pipeline[] = [];
    for (;;) {
      this.skipNewlines();
      const plain = this.plain;
      if (!this.token || (plain !== undefined && ends.includes(plain))) return list;
      if (this.operator === ')' || this.operator === ';;') return list;
      this.andOr(list);
    }
  }

  /** A list that does something. */
  private body(...ends: readonly string[]): List {
    const list = this.list(ends);
    if (list.length === 0) this.fail();
    return list;
  }

  /** Pipelines joined by && and ||. */
  private andOr(list: Pipeline[]): void {
    const from = list.length;
    for (let condition: Pipeline['condition'] = 'always'; ; ) {
      list.push({ ...this.pipeline(), condition, isBackground: false });
      if (this.takeOperator('&&')) condition = 'success';
      else if (this.takeOperator('||')) condition = 'failure';
      else break;
      this.skipNewlines();
    }
    if (this.takeOperator('&')) {
      // All of `a && b &` goes into the background.
      const redirections: Redirection[] = [];
      const body = list.splice(from);
      const command: Command = { kind: 'group', body, redirections };
      list.push({ commands: [command], condition: 'always', isNegated: false, isBackground: true });
    }
  }

  private pipeline(): Pick<Pipeline, 'commands' | 'isNegated'> {
    const isNegated = this.takeWord('!');
    const commands = [this.command()];
    while (this.takeOperator('|')) {
      this.skipNewlines();
      commands.push(this.command());
    }
    return { commands, isNegated };
  }

  private command(): Command {
    if (++this.depth > depthMax) throw new SyntaxError('commands are nested too deeply');
    const command = this.compound() ?? this.function() ?? this.simple();
    this.depth--;
    return command;
  }

  private compound(): CompoundCommand | null {
    const made = this.withoutRedirections();
    if (!made) return null;
    const redirections: Redirection[] = [];
    for (let redirection = this.redirection(); redirection; redirection = this.redirection())
      redirections.push(redirection);
    return { ...made, redirections };
  }

  private withoutRedirections(): CompoundCommand | null {
    const redirections: Redirection[] = [];
    if (this.takeOperator('(')) {
      const body = this.body();
      if (!this.takeOperator(')')) this.fail();
      return { kind: 'subshell', body, redirections };
    }
    const word = this.plain;
    if (word === undefined || !reserved.has(word)) return null;
    this.next++;
    switch (word) {
      case '{': {
        const body = this.body('}');
        this.expectWord('}');
        return { kind: 'group', body, redirections };
      }
      case 'if':
        return { ...this.if(), redirections };
      case 'while':
      case 'until': {
        const condition = this.body('do');
        return { kind: word, condition, body: this.doGroup(), redirections };
      }
      case 'for':
        return { ...this.for(), redirections };
      case 'case':
        return { ...this.case(), redirections };
      default:
        this.next--;
        return this.fail();
    }
  }

  private doGroup(): List {
    this.skipNewlines();
    this.expectWord('do');
    const body = this.body('done');
    this.expectWord('done');
    return body;
  }

  private if() {
    const branches: { condition: List; body: List }[] = [];
    do {
      const condition = this.body('then');
      this.expectWord('then');
      branches.push({ condition, body: this.body('elif', 'else', 'fi') });
    } while (this.takeWord('elif'));
    const otherwise = this.takeWord('else') ? this.body('fi') : [];
    this.expectWord('fi');
    return { kind: 'if' as const, branches, otherwise };
  }

  private for() {
    const name = this.plain;
    if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) this.fail();
    this.next++;
    this.skipNewlines();
    const words = this.takeWord('in') ? this.words() : null;
    return { kind: 'for' as const, name, words, body: this.doGroup() };
  }

  private words(): Word[] {
    const words: Word[] = [];
    for (let token = this.token; token?.kind === 'word'; token = this.token) {
      words.push(token.word);
      this.next++;
    }
    return words;
  }

  private case() {
    const word = this.word();
    this.skipNewlines();
    this.expectWord('in');
    const arms: { patterns: Word[]; body: List }[] = [];
    for (this.skipNewlines(); !this.takeWord('esac'); this.skipNewlines()) {
      this.takeOperator('(');
      const patterns = [this.word()];
      while (this.takeOperator('|')) patterns.push(this.word());
      if (!this.takeOperator(')')) this.fail();
      arms.push({ patterns, body: this.list(['esac']) });
      if (!this.takeOperator(';;') && this.plain !== 'esac') this.fail();
    }
    return { kind: 'case' as const, word, arms };
  }

  private word(): Word {
    const token = this.token;
    if (token?.kind !== 'word') return this.fail();
    this.next++;
    return token.word;
  }

  private function(): CompoundCommand | null {
    const name = this.plain;
    const [open, close] = this.tokens.slice(this.next + 1, this.next + 3);
    const isOne = open?.kind === 'operator' && open.text === '(' && close?.kind === 'operator' && close.text === ')';
    if (name === undefined || !isOne || !/^[A-Za-z_][\w-]*$/.test(name)) return null;
    this.next += 3;
    this.skipNewlines();
    return { kind: 'function', name, body: this.command(), redirections: [] };
  }

  private simple(): SimpleCommand {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const redirection = this.redirection();
      if (redirection) redirections.push(redirection);
      else if (this.token?.kind === 'word') {
        const word = this.word();
        const assignment = words.length === 0 ? assignmentOf(word) : null;
        if (assignment) assignments.push(assignment);
        else words.push(word);
      } else break;
    }
    if (assignments.length + words.length + redirections.length === 0) this.fail();
    return { kind: 'simple', assignments, words, redirections };
  }

  private redirection(): Redirection | null {
    const [, stream, kind, copied] = this.operator?.match(/^([012]?)(<|>>?)(&[12])?$/) ?? [];
    if (kind !== '<' && kind !== '>' && kind !== '>>') return null;
    this.next++;
    const own = stream === '2' ? 2 : kind === '<' ? 0 : 1;
    if (copied) return { kind: '>', stream: own, target: copied === '&1' ? 1 : 2 };
    if (!this.token) throw new SyntaxError('unexpected "newline"');
    return { kind, stream: own, target: this.word() };
  }
}

/** `NAME=value`. */
function assignmentOf([first, ...rest]: Word): { name: string; value: Word } | null {
  if (first?.kind !== 'literal' || first.quoted) return null;
  const [, name, value] = first.text.match(/^([A-Za-z_]\w*)=(.*)$/s) ?? [];
  return name === undefined ? null : { name, value: [{ text: value ?? '', kind: 'literal', quoted: true }, ...rest] };
}
