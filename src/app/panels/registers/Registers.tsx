import { useEffect, useState } from 'react';
import type { CoreRegisters } from '../../../session/api/debug.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine } from '../../lab/lab.ts';
import { hex64 } from '../../machine/text/format.ts';
import { describePstate } from '../../machine/text/pstate.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { RegisterTable } from '../../widgets/RegisterTable.tsx';
import './registers.css';

interface Shown {
  readonly now: CoreRegisters;
  /** The same core at the previous stop. */
  readonly before: CoreRegisters | null;
  /** With Xen, the vCPU that each core runs by its name, null for an idle core; empty without. */
  readonly users: readonly (string | null)[];
}

/** The registers of one core of a machine that is paused or has ended. */
export default function Registers() {
  const t = useTranslate();
  const { machine, mode, commands } = useLab();
  const state = useMachine((view) => view.status?.state ?? 'empty');
  const cores = useMachine((view) => view.status?.machine.cpus ?? 1);
  const core = useMachine((view) => view.core);
  const isStopped = state === 'paused' || state === 'ended';
  const shown = useStoppedRegisters(isStopped);

  if (state === 'empty') {
    const boot = mode === 'board' ? commands.get('guest.helloElf') : undefined;
    return <Empty text={t('registers.empty')} {...(boot && { command: boot })} />;
  }
  if (!isStopped) return <Empty text={t('registers.running')} command={commands.get('machine.pause')} />;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form
    <div
      role="group"
      className="registers"
      aria-label={t('panel.registers')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {cores > 1 && (
        <label className="field">
          {t('registers.core')}
          <select value={core} onChange={(event) => machine.selectCore(Number(event.target.value))}>
            {Array.from({ length: cores }, (_, n) => n).map((n) => (
              <option key={n} value={n}>
                {shown?.users[n] === undefined ? n : `${n}: ${shown.users[n] ?? t('cpu.idle')}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {shown && shown.users[core] === null && <p className="muted">{t('registers.idle')}</p>}
      {shown && <Content {...shown} />}
    </div>
  );
}

/** The chosen core's registers, asked for at each stop. */
function useStoppedRegisters(isStopped: boolean): Shown | null {
  const { machine, mode } = useLab();
  const core = useMachine((view) => view.core);
  const epoch = useMachine((view) => view.epoch);
  // Virtual time and the count of instructions tell one stop from the next; the cores of one machine share them.
  const instant = useMachine(({ status }) => `${status?.instructions} ${status?.virtualNs}`);
  const at = isStopped ? `${epoch}/${core}/${instant}` : null;
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (at === null) return;
    let stale = false;
    const look = async () => {
      const [now, running, list] = await Promise.all([
        machine.look('registers', { core }),
        mode === 'xen' ? machine.look('running') : null,
        mode === 'xen' ? machine.look('domains') : null,
      ]);
      if (stale || !now) return;
      const nameOf = (id: number) => list?.domains.find((domain) => domain.id === id)?.name ?? `domain ${id}`;
      const users = (running ?? []).map((vcpu) => vcpu && `${nameOf(vcpu.domain)} v${vcpu.vcpu}`);
      setShown((last) => ({ now, users, before: last?.now.core === now.core ? last.now : null }));
    };
    void look();
    return () => {
      stale = true;
    };
  }, [machine, mode, core, at]);
  return shown?.now.core === core ? shown : null;
}

function Content({ now, before }: Omit<Shown, 'users'>) {
  const t = useTranslate();
  const rowsOf = ({ pc, sp, pstate, el, x }: CoreRegisters) => [
    { name: 'PC', value: hex64(pc) },
    { name: 'SP', value: hex64(sp) },
    { name: 'PSTATE', value: describePstate(pstate, el) },
    ...x.map((value, n) => ({ name: `X${n}`, value: hex64(value) })),
  ];
  const last = before && rowsOf(before);
  const rows = rowsOf(now).map((row, n) => ({ ...row, isChanged: last !== null && last[n]?.value !== row.value }));
  return (
    <>
      <RegisterTable label={t('registers.table', { core: now.core })} rows={rows} />
      <dl className="facts">
        <dt>{t('registers.instruction')}</dt>
        <dd className="mono">
          {now.instruction === null
            ? t('registers.notFetched')
            : `${now.instruction.toString(16).padStart(8, '0')} ${now.assembly}`}
        </dd>
      </dl>
    </>
  );
}
