import { useEffect, useState } from 'react';
import type { CoreRegisters } from '../../../session/api/debug.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useBoard, useBoardLab } from '../../lab/lab.ts';
import { hex64 } from '../../machine/format.ts';
import { describePstate } from '../../machine/pstate.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { RegisterTable } from '../../widgets/RegisterTable.tsx';
import './registers.css';

interface Shown {
  readonly now: CoreRegisters;
  /** The same core at the previous stop. */
  readonly before: CoreRegisters | null;
}

/** The registers of one core of a machine that is paused or has ended. */
export default function Registers() {
  const t = useTranslate();
  const { machine, commands } = useBoardLab();
  const state = useBoard((view) => view.status?.state ?? 'empty');
  const cores = useBoard((view) => view.status?.machine.cpus ?? 1);
  const core = useBoard((view) => view.core);
  const isStopped = state === 'paused' || state === 'ended';
  const shown = useStoppedRegisters(isStopped);

  if (state === 'empty') return <Empty text={t('registers.empty')} command={commands.get('guest.helloElf')} />;
  if (!isStopped) return <Empty text={t('registers.running')} command={commands.get('machine.pause')} />;
  return (
    <div className="registers">
      {cores > 1 && (
        <label className="field">
          {t('registers.core')}
          <select value={core} onChange={(event) => machine.selectCore(Number(event.target.value))}>
            {Array.from({ length: cores }, (_, n) => n).map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
          </select>
        </label>
      )}
      {shown && <Content {...shown} />}
    </div>
  );
}

/** The chosen core's registers, asked for at each stop. */
function useStoppedRegisters(isStopped: boolean): Shown | null {
  const { machine } = useBoardLab();
  const core = useBoard((view) => view.core);
  const epoch = useBoard((view) => view.epoch);
  // The count of instructions tells one stop from the next; the cores of one machine share it.
  const instructions = useBoard((view) => view.status?.instructions ?? 0);
  const at = isStopped ? `${epoch}/${core}/${instructions}` : null;
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (at === null) return;
    let stale = false;
    void machine.look('registers', { core }).then((now) => {
      if (stale || !now) return;
      setShown((last) => ({ now, before: last?.now.core === now.core ? last.now : null }));
    });
    return () => {
      stale = true;
    };
  }, [machine, core, at]);
  return shown?.now.core === core ? shown : null;
}

function Content({ now, before }: Shown) {
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
