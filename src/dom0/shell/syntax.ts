/** What the shell's parser makes of a script: POSIX sh (IEEE 1003.1, Shell Command Language) without here-documents. */

/** A piece of a word. Quoted text is neither split nor matched against file names. */
export interface Part {
  /** Text as it is, or: a variable's name, the script of `$(...)`, the expression of `$((...))`. */
  readonly text: string;
  readonly kind: 'literal' | 'variable' | 'command' | 'arithmetic';
  readonly quoted: boolean;
}
export type Word = readonly Part[];

export interface Redirection {
  readonly kind: '<' | '>' | '>>';
  readonly stream: 0 | 1 | 2;
  /** A file, or for `2>&1` the other stream. */
  readonly target: Word | 1 | 2;
}

interface Redirected {
  readonly redirections: readonly Redirection[];
}

export interface SimpleCommand extends Redirected {
  readonly kind: 'simple';
  /** `NAME=value` before the command. */
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
}

export type CompoundCommand = Redirected &
  (
    | { readonly kind: 'group' | 'subshell'; readonly body: List }
    | {
        readonly kind: 'if';
        readonly branches: readonly { readonly condition: List; readonly body: List }[];
        readonly otherwise: List;
      }
    | { readonly kind: 'while' | 'until'; readonly condition: List; readonly body: List }
    /** Without `in`, it goes through the script's arguments. */
    | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | null; readonly body: List }
    | {
        readonly kind: 'case';
        readonly word: Word;
        readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
      }
    | { readonly kind: 'function'; readonly name: string; readonly body: Command }
  );

export type Command = SimpleCommand | CompoundCommand;

export interface Pipeline {
  readonly commands: readonly Command[];
  /** When it runs: always, or after the success or failure of the pipeline before it. */
  readonly condition: 'always' | 'success' | 'failure';
  /** `!` before it. */
  readonly isNegated: boolean;
  /** `&` behind it: the shell goes on at once. */
  readonly isBackground: boolean;
}

export type List = readonly Pipeline[];
