import { useEffect, useRef } from 'react';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useSettings } from '../../lab/lab.ts';
import { styleValue } from '../../styles/value.ts';
import { monaco } from './monaco.ts';
import { textOf } from './text.ts';
import { applyTheme } from './theme.ts';
import './editor.css';

interface DifferencesProps {
  /** Null where there is no file; undefined while it is loaded. */
  readonly original: Uint8Array | null | undefined;
  readonly modified: Uint8Array | null | undefined;
}

/** The differences of a text, or the sizes of what is no text. */
export function Differences({ original, modified }: DifferencesProps) {
  const t = useTranslate();
  const theme = useSettings((settings) => settings.theme);
  const host = useRef<HTMLDivElement>(null);
  const isLoaded = original !== undefined && modified !== undefined;
  const left = isLoaded ? textOf(original ?? new Uint8Array()) : null;
  const right = isLoaded ? textOf(modified ?? new Uint8Array()) : null;
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    if (left === null || right === null || !host.current) return;
    const models = { original: monaco.editor.createModel(left), modified: monaco.editor.createModel(right) };
    // Brackets are coloured by the model, whatever the editor's options say; in prose one that has no partner would be red.
    for (const model of Object.values(models))
      model.updateOptions({
        bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
      });
    const editor = monaco.editor.createDiffEditor(host.current, {
      theme: 'el2lab',
      automaticLayout: true,
      readOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: false,
      renderGutterMenu: false,
      glyphMargin: false,
      lineNumbersMinChars: 3,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontFamily: styleValue('--mono'),
      fontSize: 12,
      lineHeight: 18,
      wordWrap: 'on',
    });
    const view = editor.createViewModel(models);
    editor.setModel(view);
    return () => {
      editor.dispose();
      // The editor does not end the view, whose comparison would go on, and fail without its texts.
      view.dispose();
      for (const model of Object.values(models)) model.dispose();
    };
  }, [left, right]);

  if (isLoaded && (left === null || right === null)) {
    const size = (bytes: Uint8Array | null | undefined) => bytes?.length.toLocaleString('en') ?? '–';
    return <p className="empty">{t('conflict.binary', { mine: size(original), theirs: size(modified) })}</p>;
  }
  return <div ref={host} className="differences" />;
}
