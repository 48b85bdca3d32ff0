import { useEffect, useId, useState } from 'react';
import { Term } from '../../guide/Term.tsx';
import type { Word } from '../../guide/words.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useXenLab } from '../../lab/lab.ts';
import { shellLine, typeInDom0 } from '../../lab/xenActions.ts';

interface EditableProps {
  readonly label: string;
  /** What the machine says. */
  readonly value: string;
  /** The words of the command that makes it another value. */
  readonly command: (value: string) => readonly string[];
  /** The values that xl takes, for a hint. */
  readonly takes: string;
  /** For a field whose label stands in a table's header. */
  readonly isLabelHidden?: boolean;
  /** The word of the glossary that explains the label. */
  readonly word?: Word;
}

/**
 * A value of a domain that xl can change. Once it is edited, the command for it appears; Enter or a click types that
 * into Domain-0's shell, where the user's own Enter runs it.
 */
export function Editable({ label, value, command, takes, isLabelHidden = false, word }: EditableProps) {
  const t = useTranslate();
  const lab = useXenLab();
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const wanted = text.trim();
  const line = wanted === '' || wanted === value ? null : shellLine(command(wanted));
  return (
    <form
      className="editable"
      onSubmit={(event) => {
        event.preventDefault();
        if (line !== null) void typeInDom0(lab, line);
      }}
    >
      {word ? (
        <Term word={word}>{label}</Term>
      ) : (
        <label htmlFor={id} className={isLabelHidden ? 'for-screen-readers' : undefined}>
          {label}
        </label>
      )}
      <input
        id={id}
        aria-label={word && label}
        type="text"
        value={text}
        title={takes}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText(value);
        }}
      />
      {line !== null && (
        <button type="submit" className="command" title={t('latency.types')}>
          {line}
        </button>
      )}
    </form>
  );
}
