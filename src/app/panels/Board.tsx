import { type CoreState, maxCpus } from '../../session/api.ts';
import type { PlainKey } from '../i18n/translate.ts';
import { useLab, useMachine, useSettings, useTranslate } from '../lab.ts';
import type { Guest } from '../machine/guests.ts';
import { memorySizesMiB } from '../settings/settings.ts';

/** What the machine is, what runs on it, and what it can boot next. */
export function Board() {
  const t = useTranslate();
  return (
    <div className="board">
      <h2>{t('board.title')}</h2>
      <MachineFacts />
      <h2>{t('board.guest')}</h2>
      <GuestFacts />
      <h2>{t('board.guests')}</h2>
      <GuestList />
      <h2>{t('board.nextBoot')}</h2>
      <NextBoot />
    </div>
  );
}

const coreStates: Readonly<Record<CoreState, PlainKey>> = {
  off: 'core.off',
  running: 'core.running',
  waiting: 'core.waiting',
};

function MachineFacts() {
  const t = useTranslate();
  const machine = useMachine((view) => view.status?.machine);
  const states = useMachine((view) => view.status?.cores.map((core) => core.state).join(' '));
  if (!machine) return null;
  return (
    <dl className="facts">
      <dt>{t('board.cores')}</dt>
      <dd>{t('board.coreCount', { count: machine.cpus })}</dd>
      {states && (
        <>
          <dt>{t('board.coreStates')}</dt>
          <dd>
            {(states.split(' ') as CoreState[]).map((state, core) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a core is its number
              <div key={core}>{t('board.core', { core, state: t(coreStates[state]) })}</div>
            ))}
          </dd>
        </>
      )}
      <dt>{t('board.memory')}</dt>
      <dd>{machine.memoryMiB} MiB</dd>
      <dt>{t('board.console')}</dt>
      <dd>{t('board.uart')}</dd>
    </dl>
  );
}

function GuestFacts() {
  const t = useTranslate();
  const language = useSettings((settings) => settings.language);
  const booted = useMachine((view) => view.booted);
  const el = useMachine((view) => view.status?.machine.el);
  if (!booted) return <p className="muted">{t('board.noGuest')}</p>;
  const { guest, summary } = booted;
  return (
    <dl className="facts">
      <dt>{t('board.name')}</dt>
      <dd>{guest.name}</dd>
      <dt>{t('board.format')}</dt>
      <dd>{summary.format === 'ELF' ? 'ELF64' : 'arm64 Image'}</dd>
      <dt>{t('board.entry')}</dt>
      <dd className="mono">0x{summary.entry.toString(16)}</dd>
      <dt>{t('board.loaded')}</dt>
      <dd>{t('board.bytes', { count: summary.loaded.toLocaleString(language) })}</dd>
      {el && (
        <>
          <dt>{t('board.el')}</dt>
          <dd>EL{el}</dd>
        </>
      )}
    </dl>
  );
}

function GuestList() {
  const t = useTranslate();
  const { machine, settings, commands } = useLab();
  const guests = useMachine((view) => view.guests);
  const booted = useMachine((view) => view.booted?.guest);
  const boot = (guest: Guest) => void machine.boot(guest, settings.getState().machine);
  return (
    <>
      <ul className="guests">
        {guests.map((guest) => (
          <li key={`${guest.origin} ${guest.name}`} aria-current={guest === booted ? 'true' : undefined}>
            <span className="name">{guest.name}</span>
            <span className="muted">{t(guest.origin === 'user' ? 'board.yours' : 'board.builtIn')}</span>
            <button type="button" aria-label={t('board.bootNamed', { name: guest.name })} onClick={() => boot(guest)}>
              {t('board.boot')}
            </button>
          </li>
        ))}
      </ul>
      <p className="open">
        <button type="button" onClick={() => commands.perform('guest.open')}>
          {t('command.open')}
        </button>{' '}
        <span className="muted">{t('board.dropHint')}</span>
      </p>
    </>
  );
}

/** The machine that the next boot builds. */
function NextBoot() {
  const t = useTranslate();
  const { settings } = useLab();
  const machine = useSettings((s) => s.machine);
  return (
    <div className="fields">
      <label className="field">
        {t('board.cores')}
        <select value={machine.cpus} onChange={(event) => settings.setMachine({ cpus: Number(event.target.value) })}>
          {Array.from({ length: maxCpus }, (_, n) => n + 1).map((cpus) => (
            <option key={cpus} value={cpus}>
              {cpus}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {t('board.memory')}
        <select
          value={machine.memoryMiB}
          onChange={(event) => {
            const memoryMiB = memorySizesMiB.find((size) => size === Number(event.target.value));
            if (memoryMiB) settings.setMachine({ memoryMiB });
          }}
        >
          {memorySizesMiB.map((size) => (
            <option key={size} value={size}>
              {size} MiB
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {t('board.el')}
        <select
          value={machine.el}
          onChange={(event) => settings.setMachine({ el: event.target.value === '2' ? 2 : 1 })}
        >
          <option value={1}>EL1</option>
          <option value={2}>EL2</option>
        </select>
      </label>
    </div>
  );
}
