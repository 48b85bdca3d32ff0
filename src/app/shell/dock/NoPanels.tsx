import { isMac, keyLabel } from '../../commands/keys.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';

/** In place of the panels when all are closed: the way back to the first layout, and to each of them. */
export function NoPanels() {
  const t = useTranslate();
  const { commands } = useLab();
  const ways = commands.all().filter(({ id }) => id.startsWith('panel.') || id.startsWith('console.'));
  return (
    <div className="no-panels">
      <p>{t('layout.empty')}</p>
      <button type="button" onClick={() => commands.perform('layout.reset')}>
        {t('layout.restore')}
      </button>
      <ul>
        {ways
          .filter(({ keys }) => /^Mod\+\d$/.test(keys?.[0] ?? ''))
          .map(({ id, label, keys }) => (
            <li key={id}>
              <button type="button" className="quiet" onClick={() => commands.perform(id)}>
                <span>{label(t)}</span>
                {keys?.[0] && <kbd>{keyLabel(keys[0], isMac())}</kbd>}
              </button>
            </li>
          ))}
      </ul>
    </div>
  );
}
