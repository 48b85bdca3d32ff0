import { isMac, keyLabel } from '../commands/keys.ts';
import { type Command, perform } from '../commands/registry.ts';
import { useTranslate } from '../i18n/useTranslate.ts';

interface EmptyProps {
  /** What would be here. */
  readonly text: string;
  /** The one command that fills the panel. */
  readonly command?: Command;
}

/** An empty panel says what would be here and gives the command that fills it. */
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
