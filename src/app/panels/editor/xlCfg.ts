import { type CheckedConfig, checkConfig } from '../../../dom0/config/check.ts';
import type { Diagnostic, Fix } from '../../../dom0/config/diagnostics/diagnostic.ts';
import { describe, describeFix } from '../../../dom0/config/diagnostics/messages.ts';
import type { Range } from '../../../dom0/config/diagnostics/range.ts';
import { completionsAt, hoverAt } from '../../../dom0/config/editor.ts';
import { type HostFacts, hostDiagnostics } from '../../../dom0/config/host-check.ts';
import type { Language, Translate } from '../../i18n/translate.ts';
import { monaco } from './monaco.ts';

export const languageId = 'xl-cfg';
const owner = 'xl';

/** What the services of the config language need from the page. */
export interface ConfigContext {
  language(): Language;
  translate(): Translate;
  /** The machine on which the config's domain would be created. */
  facts(): HostFacts;
  /** Creates a domain from the config at this path. */
  create(path: string): void;
  /** Types the command that destroys a domain. */
  destroy(domain: string): void;
}

const { languages, editor } = monaco;
type Model = monaco.editor.ITextModel;

/** Colours by the lexer's kinds of tokens (src/dom0/config/language/lexer.ts). */
const grammar: monaco.languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/#.*$/, 'comment'],
      [/[a-z][._0-9a-z]*(?=[ \t]*\+?=)/, 'key'],
      [/[a-z][._0-9a-z]*/, 'invalid'],
      [/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/, 'string'],
      [/["'].*$/, 'invalid'],
      [/[0-9][0-9a-fx]*/, 'number'],
      [/\+=|[=;,]/, 'delimiter'],
      [/[[\]]/, '@brackets'],
    ],
  },
};

/** A model's path in Domain-0. */
export const pathOf = (model: Model): string => model.uri.path;

/** Registers xl's config language with Monaco. To be called once. */
export function registerXlCfg(page: ConfigContext): void {
  languages.register({ id: languageId, extensions: ['.cfg'] });
  languages.setMonarchTokensProvider(languageId, grammar);
  languages.setLanguageConfiguration(languageId, {
    comments: { lineComment: '#' },
    brackets: [['[', ']']],
    autoClosingPairs: [
      { open: '[', close: ']' },
      { open: '"', close: '"', notIn: ['string', 'comment'] },
      { open: "'", close: "'", notIn: ['string', 'comment'] },
    ],
    wordPattern: /[a-z][._0-9a-z]*/,
  });
  languages.registerCompletionItemProvider(languageId, {
    triggerCharacters: ['=', '"', "'", ' '],
    provideCompletionItems: (model, position) => ({
      suggestions: completionsAt(model.getValue(), model.getOffsetAt(position), page.language()).map((completion) => ({
        label: completion.label,
        kind:
          completion.kind === 'key' ? languages.CompletionItemKind.Property : languages.CompletionItemKind.EnumMember,
        insertText: completion.text,
        range: rangeIn(model, completion.range),
        detail: completion.detail,
        documentation: completion.help,
        // Keys that the simulator acts on come first.
        sortText: `${completion.served ? 0 : 1} ${completion.label}`,
        filterText:
          completion.kind === 'key' ? completion.label : model.getValueInRange(rangeIn(model, completion.range)),
        ...(completion.kind === 'key' &&
          completion.text.endsWith('= ') && { command: { id: 'editor.action.triggerSuggest', title: '' } }),
      })),
    }),
  });
  languages.registerHoverProvider(languageId, {
    provideHover(model, position) {
      const hover = hoverAt(model.getValue(), model.getOffsetAt(position), page.language());
      if (!hover) return null;
      return { range: rangeIn(model, hover.range), contents: hover.text.map((value) => ({ value: plain(value) })) };
    },
  });
  languages.registerCodeActionProvider(languageId, {
    provideCodeActions(model, range) {
      const start = model.getOffsetAt({ lineNumber: range.startLineNumber, column: range.startColumn });
      const end = model.getOffsetAt({ lineNumber: range.endLineNumber, column: range.endColumn });
      const met = check(model, page).filter((d) => d.range.start <= end && start <= d.range.end);
      return {
        actions: met.flatMap((diagnostic) =>
          diagnostic.fixes.map((fix, index) => ({
            ...quickFix(model, diagnostic, fix, page.language()),
            isPreferred: index === 0,
          })),
        ),
        dispose() {},
      };
    },
  });
  registerLenses(page);
}

const lensesChanged = new monaco.Emitter<void>();

/** Above a config that xl accepts: creating its domain, or, if its name is in use, what to do about that. */
function registerLenses(page: ConfigContext): void {
  const [create, destroy, rename] = ['xl-cfg.create', 'xl-cfg.destroy', 'xl-cfg.rename'] as const;
  editor.registerCommand(create, (_, path: string) => page.create(path));
  editor.registerCommand(destroy, (_, domain: string) => page.destroy(domain));
  editor.registerCommand(rename, (_, uri: monaco.Uri) => {
    const model = editor.getModel(uri);
    const fix = model && nameInUse(model, page)?.fixes[0];
    if (model && fix)
      model.pushEditOperations(
        [],
        fix.edits.map(({ range, text }) => ({ range: rangeIn(model, range), text })),
        () => null,
      );
  });
  const provider: monaco.languages.CodeLensProvider = {
    onDidChange: (listener) => lensesChanged.event(() => listener(provider)),
    provideCodeLenses(model) {
      const t = page.translate();
      const range = lensLine(model);
      const lens = (id: string, title: string, argument: unknown) => ({
        range,
        command: { id, title: `▸ ${title}`, arguments: [argument] },
      });
      const used = nameInUse(model, page);
      const domain = used?.params.name ?? '';
      const offers = used
        ? [
            lens(destroy, t('editor.destroyFirst', { domain }), domain),
            lens(rename, t('editor.rename', { name: used.fixes[0]?.params.text ?? '' }), model.uri),
          ]
        : [lens(create, t('editor.create'), pathOf(model))];
      const isWrong = check(model, page).some(({ severity }) => severity === 'error');
      return { lenses: isWrong ? [] : offers, dispose() {} };
    },
  };
  languages.registerCodeLensProvider(languageId, provider);
}

const nameInUse = (model: Model, page: ConfigContext): Diagnostic | undefined =>
  check(model, page).find(({ code }) => code === 'name-in-use');

/** Why the domain of a config cannot be created now, and what to do; null if its name is free. */
export function obstacleOf(model: Model, page: ConfigContext): string | null {
  const domain = nameInUse(model, page)?.params.name;
  return domain === undefined ? null : page.translate()('editor.nameInUse', { domain });
}

/** Marks the current diagnostics of a config, and offers what can be done now. */
export function mark(model: Model, page: ConfigContext): void {
  lensesChanged.fire();
  const language = page.language();
  editor.setModelMarkers(
    model,
    owner,
    check(model, page).map((diagnostic) => markerOf(model, diagnostic, language)),
  );
}

const severities = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  // Monaco draws hints as three faint dots, which nobody sees.
  hint: monaco.MarkerSeverity.Info,
} as const;

function markerOf(model: Model, diagnostic: Diagnostic, language: Language): monaco.editor.IMarkerData {
  return {
    ...rangeIn(model, diagnostic.range),
    severity: severities[diagnostic.severity],
    message: [describe(diagnostic, language), ...diagnostic.xl.map((line) => `xl: ${line}`)].join('\n'),
  };
}

function quickFix(model: Model, diagnostic: Diagnostic, fix: Fix, language: Language): monaco.languages.CodeAction {
  return {
    title: describeFix(fix, language),
    kind: 'quickfix',
    diagnostics: [markerOf(model, diagnostic, language)],
    edit: {
      edits: fix.edits.map(({ range, text }) => ({
        resource: model.uri,
        versionId: model.getVersionId(),
        textEdit: { range: rangeIn(model, range), text },
      })),
    },
  };
}

let last: { readonly text: string; readonly cpus: number; readonly checked: CheckedConfig } | undefined;

function check(model: Model, page: ConfigContext): readonly Diagnostic[] {
  const text = model.getValue();
  const facts = page.facts();
  if (last?.text !== text || last.cpus !== facts.cpus)
    last = { text, cpus: facts.cpus, checked: checkConfig(text, { source: pathOf(model), cpus: facts.cpus }) };
  const { checked } = last;
  return [...checked.diagnostics, ...hostDiagnostics(checked, facts)];
}

/** The line of the code lens: the first that sets a key. */
function lensLine(model: Model): monaco.IRange {
  const lines = model.getLinesContent();
  const first = lines.findIndex((line) => /^\s*[a-z]/.test(line));
  const line = first < 0 ? 1 : first + 1;
  return { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 };
}

function rangeIn(model: Model, { start, end }: Range): monaco.IRange {
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(end);
  return {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  };
}

/** Escapes a text, so that Markdown shows it unchanged. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!<>|]/g, '\\$&');
