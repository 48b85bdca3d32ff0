import { isMac, keyLabel } from '../../commands/keys.ts';
import { isEnabled } from '../../commands/registry.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine } from '../../lab/lab.ts';
import { Icon, type IconName } from '../../widgets/Icon.tsx';
import { MenuBar } from './MenuBar.tsx';

/** The page's name, menus, run control, and the buttons for palette, language and theme. */
export function Header() {
  const t = useTranslate();
  return (
    <header className="header">
      <h1 title={t('app.tagline')}>EL2 Lab</h1>
      <MenuBar />
      <ModeChooser />
      <div className="controls" role="toolbar" aria-label={t('app.controls')}>
        <CommandButton command="machine.run" icon="run" label="short.run" />
        <CommandButton command="machine.pause" icon="pause" label="short.pause" />
        <CommandButton command="machine.step" icon="step" label="short.step" />
        <CommandButton command="machine.reset" icon="reset" label="short.reset" />
      </div>
      <span className="space" />
      <CommandButton command="help.palette" label="short.palette" />
      <CommandButton command="language.switch" label="short.language" />
      <CommandButton command="theme.toggle" icon="theme" label="short.theme" />
    </header>
  );
}

const systems = { xen: 'mode.xen', real: 'mode.real', board: 'mode.board' } as const;

/** Chooses the system, by the page's address. The other one waits meanwhile, with all that is in it. */
function ModeChooser() {
  const t = useTranslate();
  const { mode } = useLab();
  const isReal = useMachine((view) => 'real' in view && view.real);
  const shown = isReal && mode === 'xen' ? 'real' : mode;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups the fields of a form
    <div className="mode" role="group" aria-label={t('mode.label')}>
      {Object.entries(systems).map(([each, name]) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === shown}
          title={each === shown ? undefined : t('mode.waits')}
          onClick={() => {
            // After a story the address may say so already.
            if (location.hash === `#${each}`) window.dispatchEvent(new HashChangeEvent('hashchange'));
            else location.hash = each;
          }}
        >
          {t(name)}
        </button>
      ))}
    </div>
  );
}

interface CommandButtonProps {
  readonly command: string;
  readonly label: PlainKey;
  /** Shown instead of the label. */
  readonly icon?: IconName;
}

function CommandButton({ command: id, label, icon }: CommandButtonProps) {
  const t = useTranslate();
  const { commands } = useLab();
  // Whether a command can be done depends on these two, so the button is drawn when they change.
  useMachine((view) => view.status?.state);
  useMachine((view) => view.crash);
  const command = commands.get(id);
  const key = command.keys?.[0];
  const name = command.label(t);
  return (
    <button
      type="button"
      className="tool"
      // `disabled` would take the focus from the button that was just pressed.
      aria-disabled={!isEnabled(command)}
      aria-label={t(label)}
      title={key ? `${name} (${keyLabel(key, isMac())})` : name}
      onClick={() => commands.perform(id)}
    >
      {icon ? <Icon name={icon} /> : t(label)}
    </button>
  );
}
