import { isMac, keyLabel } from '../commands/keys.ts';
import { type Command, perform } from '../commands/registry.ts';
import { useTranslate } from '../i18n/useTranslate.ts';

interface EmptyProps {
  /** Says what the panel will show. */
  readonly text: string;
  /** The one command that fills the panel. */
  readonly command?: Command;
}

/** The content of an empty panel: what it will show, and the command that fills it. */
export function Empty({ text, command }: EmptyProps) {
  const t = useTranslate();
  const key = command?.keys?.[0];
  return (
    <div className="empty">
      <p>{text}</p>
      {command && (
        <button type="button" onClick={() => perform(command)}>
          {command.label(t)}
          {key && <kbd>{keyLabel(key, isMac())}</kbd>}
        </button>
      )}
    </div>
  );
}
