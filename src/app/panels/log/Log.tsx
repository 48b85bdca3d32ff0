import { useEffect, useRef, useState } from 'react';
import type { LogEntry } from '../../../session/api/console.ts';
import { logInJapanese } from '../../i18n/machine/logJa.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { chooseFault } from '../../lab/chosenFault.ts';
import { useLab, useMachine, useSettings } from '../../lab/lab.ts';
import { formatVirtualTime } from '../../machine/text/format.ts';
import { Empty } from '../../widgets/Empty.tsx';
import './log.css';

/** The number of entries that are shown, the last ones. */
const limit = 1000;

/** The machine's messages. */
export default function Log() {
  const t = useTranslate();
  const { mode, commands, dock } = useLab();
  const language = useSettings((settings) => settings.language);
  const entries = useLog();
  const faults = useFaults(entries);
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the last entry when entries come
  useEffect(() => {
    if (follows.current) end.current?.scrollIntoView({ block: 'end' });
  }, [entries]);

  const textOf = ({ text }: LogEntry): string => (language === 'ja' ? logInJapanese(text) : text);
  if (entries.length === 0)
    return <Empty text={t('log.empty')} {...(mode === 'board' && { command: commands.get('guest.helloElf') })} />;
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
              <td>
                {textOf(entry)}
                {faults.has(entry.index) && (
                  <>
                    {' '}
                    <button
                      type="button"
                      className="quiet"
                      aria-label={t('log.whyOf', { text: textOf(entry) })}
                      onClick={() => {
                        chooseFault(entry.index);
                        dock.focus('translation');
                      }}
                    >
                      {t('log.why')}
                    </button>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div ref={end} />
    </div>
  );
}

/** The last entries of the machine's log. */
function useLog(): readonly LogEntry[] {
  const { machine } = useLab();
  const epoch = useMachine((view) => view.epoch);
  const logEnd = useMachine((view) => view.status?.logEnd ?? 0);
  const [log, setLog] = useState<{ readonly epoch: number; readonly entries: readonly LogEntry[] }>({
    epoch,
    entries: [],
  });
  // A machine that has gone back has fewer.
  const entries = log.epoch === epoch ? log.entries.filter(({ index }) => index < logEnd) : [];
  const next = Math.max((entries.at(-1)?.index ?? -1) + 1, logEnd - limit);
  useEffect(() => {
    if (logEnd <= next) return;
    let stale = false;
    void machine.look('log', { from: next, budget: limit }).then((window) => {
      if (stale || !window || window.entries.length === 0) return;
      setLog((last) => ({
        epoch,
        entries: [
          ...(last.epoch === epoch ? last.entries.filter(({ index }) => index < next) : []),
          ...window.entries,
        ].slice(-limit),
      }));
    });
    return () => {
      stale = true;
    };
  }, [machine, epoch, logEnd, next]);
  return entries;
}

/** Sources of entries that may be faults, which the Translation panel explains. */
const faultSources: ReadonlySet<string> = new Set(['stage2', 'smmu']);

/** The entries that are faults, by their indices. */
function useFaults(entries: readonly LogEntry[]): ReadonlySet<number> {
  const { machine } = useLab();
  const newest = entries.findLast(({ source }) => faultSources.has(source))?.index ?? -1;
  const epoch = useMachine((view) => view.epoch);
  const [faults, setFaults] = useState<ReadonlySet<number>>(new Set());
  // biome-ignore lint/correctness/useExhaustiveDependencies: there are others when there is a newer entry, or another machine
  useEffect(() => {
    if (newest < 0) return;
    let isStale = false;
    void machine.look('faults').then((list) => {
      if (!isStale && list) setFaults(new Set(list.map(({ entry }) => entry)));
    });
    return () => {
      isStale = true;
    };
  }, [machine, newest, epoch]);
  return faults;
}
