import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { translator } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useDom0Files, useDomains, useSettings, useXen, useXenLab, type XenLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { createDomain, typeDestroy } from '../../lab/xenActions.ts';
import { styleValue } from '../../styles/value.ts';
import type { PanelProps } from '../panel.ts';
import { monaco } from './monaco.ts';
import { textOf } from './text.ts';
import { applyTheme } from './theme.ts';
import { type ConfigContext, languageId, mark, obstacleOf, registerXlCfg } from './xlCfg.ts';
import './editor.css';

// In the same chunk, as it is Monaco that makes both large.
export { Compare } from './Compare.tsx';
export { RevisionDiff } from './RevisionDiff.tsx';

/** Edits a file of Domain-0: a config with the services of its language, any other file as plain text. */
export default function Editor({ subject: path }: PanelProps) {
  const t = useTranslate();
  const lab = useXenLab();
  const { machine, documents } = lab;
  const theme = useSettings((settings) => settings.theme);
  const type = useSettings((settings) => settings.type);
  const language = useSettings((settings) => settings.language);
  const epoch = useXen((view) => view.epoch);
  // A text that was not saved is shown even if its file is gone.
  const hasDraft = useStore(documents.store, ({ unsaved }) => unsaved.includes(path));
  const known = useDom0Files((files) => files.some((file) => file.path === path || (hasDraft && files.length > 0)));
  const facts = useDomains((domains) => domains.map(({ name }) => name).join(' '));
  const files = useDom0Files((files) => files);
  const host = useRef<HTMLDivElement>(null);
  const [model, setModel] = useState<monaco.editor.ITextModel | null>(null);
  const [editor, setEditor] = useState<monaco.editor.IStandaloneCodeEditor | null>(null);
  const [isBinary, setBinary] = useState(false);
  const label = useRef('');
  label.current = t('editor.label', { path });

  // Loads the text once the file exists. An edited text stays when the machine starts again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another machine has other files
  useEffect(() => {
    if (!known) return;
    let stale = false;
    const load = async () => {
      await documents.ready;
      const isDisk = machine.files.all.some((file) => file.path === path && file.isDisk);
      if (isDisk) return setBinary(true);
      const bytes = await machine.files.read(path);
      const draft = documents.draft(path);
      if (stale || !(bytes || draft)) return;
      const text = textOf(bytes ?? new Uint8Array());
      setBinary(text === null);
      if (text === null) return;
      const present = modelAt(path);
      const base = present ? savedTexts.get(present) : draft?.base;
      if (draft && text === draft.text) {
        documents.settle(path);
        if (present) savedTexts.set(present, text);
      } else if (bytes && draft && text !== base)
        machine.files.conflicts.put({ path, theirs: bytes, by: 'machine', accept: () => {} });
      if (!present) {
        const created = monaco.editor.createModel(text, isConfig(path) ? languageId : 'plaintext', uriOf(path));
        savedTexts.set(created, text);
        // Undoing this edit leads back to the file's text.
        if (draft)
          created.pushEditOperations(null, [{ range: created.getFullModelRange(), text: draft.text }], () => null);
        setModel(created);
      } else {
        if (!draft && present.getValue() !== text) present.setValue(text);
        setModel(present);
      }
    };
    void load();
    const ends = machine.files.onFile((changed) => changed === path && void load());
    return () => {
      stale = true;
      ends();
    };
  }, [machine, documents, path, known, epoch]);

  // The model is disposed of with its panel, unless its text is unsaved.
  useEffect(
    () => () => {
      if (!documents.draft(path)) modelAt(path)?.dispose();
    },
    [documents, path],
  );

  useEffect(() => {
    if (!model || !host.current) return;
    const services = servicesOf(lab);
    const close = documents.open(path, {
      text: () => model.getValue(),
      obstacle: () => (isConfig(path) ? obstacleOf(model, services) : null),
      saved: (text) => {
        savedTexts.set(model, text);
        documents.edit(path, model.getValue(), text);
      },
      replace: (text) => model.setValue(text),
    });
    const editor = monaco.editor.create(host.current, { ...options(), model, ariaLabel: label.current });
    const changed = model.onDidChangeContent((event) => {
      if (event.isFlush) savedTexts.set(model, model.getValue());
      documents.edit(path, model.getValue(), savedTexts.get(model) ?? '');
      if (isConfig(path)) mark(model, services);
    });
    // Monaco takes the button that opened its menu as held, and explains nothing, since the menu hides its release.
    let isHeld = false;
    const lines = host.current.querySelector('.view-lines');
    const opened = editor.onContextMenu(() => {
      isHeld = true;
    });
    const focused = editor.onDidFocusEditorText(() =>
      setTimeout(() => {
        if (!isHeld || document.querySelector('.monaco-menu')) return;
        isHeld = false;
        lines?.dispatchEvent(new MouseEvent('mouseup', { bubbles: true, button: 2 }));
      }),
    );
    if (isConfig(path)) mark(model, services);
    setEditor(editor);
    lab.dock.arrived(editorPanel(path));
    return () => {
      changed.dispose();
      opened.dispose();
      focused.dispose();
      close();
      setEditor(null);
      editor.dispose();
    };
  }, [lab, documents, path, model]);

  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => editor?.updateOptions(typeOptions(type)), [editor, type]);

  // The diagnostics depend on the machine and on the user's language.
  // biome-ignore lint/correctness/useExhaustiveDependencies: read through the services
  useEffect(() => {
    if (model && isConfig(path)) mark(model, servicesOf(lab));
  }, [lab, model, path, language, facts, files]);

  return (
    <div className="editor">
      <div ref={host} className="editor-host" hidden={!model} />
      {!model && (
        <p className="empty">{t(isBinary ? 'editor.binary' : known ? 'app.loading' : 'editor.missing', { path })}</p>
      )}
    </div>
  );
}

/** The file's text for each model. */
const savedTexts = new WeakMap<monaco.editor.ITextModel, string>();

const isConfig = (path: string): boolean => path.endsWith('.cfg');
const uriOf = (path: string): monaco.Uri => monaco.Uri.from({ scheme: 'dom0', path });
const modelAt = (path: string): monaco.editor.ITextModel | null => monaco.editor.getModel(uriOf(path));

const services = new WeakMap<XenLab, ConfigContext>();
let current: ConfigContext | undefined;

/** What the config language needs from a lab. Monaco has one registry, so the language is registered once. */
function servicesOf(lab: XenLab): ConfigContext {
  const known = services.get(lab);
  if (known) return known;
  const made: ConfigContext = {
    language: () => lab.settings.getState().language,
    translate: () => translator(lab.settings.getState().language),
    facts() {
      const { domains, files, status } = lab.machine;
      return {
        cpus: status?.machine.cpus ?? 4,
        domains: domains.all.map(({ name }) => name),
        files: files.all.length > 0 ? new Set(files.all.flatMap((f) => (f.isDirectory ? [] : [f.path]))) : null,
        freeMiB: status?.hypervisor ? status.hypervisor.freeKib / 1024 : null,
      };
    },
    create: (path) => void createDomain(lab, path),
    destroy: (domain) => void typeDestroy(lab, domain),
  };
  services.set(lab, made);
  if (!current) {
    registerXlCfg({
      language: () => (current ?? made).language(),
      translate: () => (current ?? made).translate(),
      facts: () => (current ?? made).facts(),
      create: (path) => (current ?? made).create(path),
      destroy: (domain) => (current ?? made).destroy(domain),
    });
  }
  current = made;
  return made;
}

/** @param type the size of the page's type, in per cent */
const typeOptions = (type: number) => ({
  fontSize: 0.13 * type,
  lineHeight: 0.2 * type,
  codeLensFontSize: 0.12 * type,
});

const options = (): monaco.editor.IStandaloneEditorConstructionOptions => ({
  theme: 'el2lab',
  automaticLayout: true,
  editContext: false,
  fontFamily: styleValue('--mono'),
  codeLensFontFamily: styleValue('--ui'),
  minimap: { enabled: false },
  wordWrap: 'on',
  scrollbar: { verticalScrollbarSize: 8, horizontalScrollbarSize: 8 },
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  lightbulb: { enabled: monaco.editor.ShowLightbulbIconMode.On },
  lineNumbersMinChars: 3,
  wordBasedSuggestions: 'off',
  fixedOverflowWidgets: true,
  // Above the first line, it would cover the tabs.
  hover: { above: false },
  // A menu in a shadow tree would not get the theme's colours.
  useShadowDOM: false,
  tabSize: 2,
  padding: { top: 4, bottom: 4 },
});
