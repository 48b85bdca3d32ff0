import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useBoard, useBoardLab } from '../../lab/lab.ts';
import { alone, type Guest, linuxOf, type UserRole } from '../../machine/guests.ts';
import { Icon } from '../../widgets/Icon.tsx';

const origins: Readonly<Record<Guest['origin'], PlainKey>> = {
  'built-in': 'board.builtIn',
  fetched: 'board.fetched',
  user: 'board.yours',
};

/** The names of the roles. */
export const roles: Readonly<Record<UserRole, PlainKey>> = {
  kernel: 'role.kernel',
  initrd: 'role.initrd',
  deviceTree: 'role.deviceTree',
  card: 'role.card',
};

/** The guests that can be booted, and the user's other files. */
export function GuestList() {
  const t = useTranslate();
  const { machine, settings, commands, undo } = useBoardLab();
  const guests = useBoard((view) => view.guests);
  const booted = useBoard((view) => view.booted?.set);
  const linux = linuxOf(guests);
  const bootsLinux = booted?.kernel.origin === 'fetched';
  return (
    <>
      <ul className="guests">
        {linux && (
          <li aria-current={bootsLinux ? 'true' : undefined}>
            <span className="name">Linux</span>
            <span className="muted">{t('board.linux')}</span>
            <button
              type="button"
              aria-label={t('board.bootNamed', { name: 'Linux' })}
              onClick={() => commands.perform('guest.linux')}
            >
              {t('board.boot')}
            </button>
          </li>
        )}
        {guests
          .filter(({ origin, role }) => origin !== 'fetched' && role !== 'card')
          .map((guest) => (
            <li
              key={`${guest.origin} ${guest.name}`}
              aria-current={guest === booted?.kernel && !bootsLinux ? 'true' : undefined}
            >
              <span className="name">{guest.name}</span>
              <span className="muted">{t(guest.role === 'kernel' ? origins[guest.origin] : roles[guest.role])}</span>
              {guest.role === 'kernel' ? (
                <button
                  type="button"
                  aria-label={t('board.bootNamed', { name: guest.name })}
                  onClick={() => void machine.boot(alone(guest), settings.getState().machine)}
                >
                  {t('board.boot')}
                </button>
              ) : (
                <span className="space" />
              )}
              {guest.origin === 'user' && (
                <button
                  type="button"
                  className="remove"
                  aria-label={t('board.removeNamed', { name: guest.name })}
                  title={t('board.removeNamed', { name: guest.name })}
                  onClick={async () => {
                    const back = await machine.remove(guest);
                    undo.offer({ text: (t) => t('undo.deleted', { name: guest.name }), undo: back });
                  }}
                >
                  <Icon name="close" />
                </button>
              )}
            </li>
          ))}
      </ul>
      {!linux && <p className="muted">{t('board.noLinux')}</p>}
      <p className="open">
        <button type="button" onClick={() => commands.perform('guest.open')}>
          {t('command.open')}
        </button>{' '}
        <span className="muted">{t('board.dropHint')}</span>
      </p>
    </>
  );
}
