import { isMac, keyLabel } from '../commands/keys.ts';
import { useLab, useTranslate } from '../lab.ts';

interface EmptyProps {
  /** What would be here. */
  readonly text: string;
  /** The one command that fills the panel. */
  readonly command?: string;
}

/** An empty panel says what would be here and gives the command that fills it. */
export function Empty({ text, command: id }: EmptyProps) {
  const t = useTranslate();
  const { commands } = useLab();
  const command = id ? commands.get(id) : null;
  const key = command?.keys?.[0];
  return (
    <div className="empty">
      <p>{text}</p>
      {command && (
        <button type="button" onClick={() => commands.perform(command.id)}>
          {command.label(t)}
          {key && <kbd>{keyLabel(key, isMac())}</kbd>}
        </button>
      )}
    </div>
  );
}
