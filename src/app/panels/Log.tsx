import { useEffect, useRef, useState } from 'react';
import type { LogEntry } from '../../session/api/console.ts';
import { WorkerLost } from '../../worker/client.ts';
import { useControl, useLab, useTranslate } from '../lab.ts';
import { formatVirtualTime } from '../machine/format.ts';
import { Empty } from './Empty.tsx';

/** Entries shown; older ones leave the panel. */
const limit = 1000;

/** The machine's messages about itself. */
export function Log() {
  const t = useTranslate();
  const { mode } = useLab();
  const entries = useLog();
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the last entry when entries come
  useEffect(() => {
    if (follows.current) end.current?.scrollIntoView({ block: 'end' });
  }, [entries]);

  if (entries.length === 0)
    return <Empty text={t('log.empty')} {...(mode === 'board' && { command: 'guest.helloElf' })} />;
  return (
    <div
      className="log"
      role="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      data-takes-focus
      aria-label={t('log.table')}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        follows.current = scrollTop + clientHeight >= scrollHeight - 4;
      }}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t('log.time')}</th>
            <th scope="col">{t('log.source')}</th>
            <th scope="col">{t('log.text')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.index}>
              <td className="figure">{formatVirtualTime(entry.virtualNs)}</td>
              <td>{entry.source}</td>
              <td>{entry.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div ref={end} />
    </div>
  );
}

/** The last entries of this machine's log, asked for as they come. */
function useLog(): readonly LogEntry[] {
  const { client } = useLab().control;
  const epoch = useControl((view) => view.epoch);
  const logEnd = useControl((view) => view.status?.logEnd ?? 0);
  const [log, setLog] = useState<{ readonly epoch: number; readonly entries: readonly LogEntry[] }>({
    epoch,
    entries: [],
  });
  const entries = log.epoch === epoch ? log.entries : [];
  const next = Math.max((entries.at(-1)?.index ?? -1) + 1, logEnd - limit);
  useEffect(() => {
    if (logEnd <= next) return;
    let stale = false;
    client.ask('log', { from: next, budget: limit }).then(
      (window) => {
        if (stale || window.entries.length === 0) return;
        setLog((last) => ({
          epoch,
          entries: [...(last.epoch === epoch ? last.entries : []), ...window.entries].slice(-limit),
        }));
      },
      (error) => {
        if (!(error instanceof WorkerLost)) throw error;
      },
    );
    return () => {
      stale = true;
    };
  }, [client, epoch, logEnd, next]);
  return entries;
}
