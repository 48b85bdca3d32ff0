import { useEffect, useState } from 'react';
import type { TimeInput, TimeMarks } from '../../../session/api/time.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';

const mib = 2 ** 20;
/** The length of a slice in nanoseconds: moments are as far apart, at least. */
const sliceNs = 50_000;
const ways = ['time.stop', 'time.exception', 'time.hypercall', 'time.contextSwitch', 'time.consoleLine'] as const;
/** So many marks are drawn, and so many inputs listed: the newest. */
const most = 500;
const none: TimeMarks = { moments: [], inputs: [] };

/**
 * The machine's time from the first moment that is kept to the present: where it is, and, while it stands still, the ways to
 * elsewhere. While it runs the room is the plot's.
 */
export function TimeBar() {
  const t = useTranslate();
  const { machine, commands } = useLab();
  const [way, setWay] = useState<(typeof ways)[number]>('time.stop');
  const [isOpen, setIsOpen] = useState(false);
  const [bookmarks, setBookmarks] = useState<readonly number[]>([]);
  const [watched, setWatched] = useState('');
  const epoch = useMachine((view) => view.epoch);
  const begin = useMachine((view) => view.status?.time?.beginNs ?? null);
  const isPaused = useMachine(({ status }) => status?.state === 'paused' || status?.state === 'ended');
  // In tenths of a second while it runs, so that it is not drawn at each frame.
  const step = isPaused ? sliceNs : 1e8;
  const present = useMachine(({ status }) => Math.ceil((status?.time?.presentNs ?? 0) / step) * step);
  const at = useMachine(({ status }) => Math.floor((status?.virtualNs ?? 0) / step) * step);
  const used = useMachine(({ status }) => Math.round((status?.time?.bytes ?? 0) / mib));
  const limit = useMachine(({ status }) => (status?.time?.limit ?? 0) / mib);
  const version = useMachine(({ status }) => (isPaused ? status?.time?.version : present));
  const marks = useMarks(isOpen || isPaused ? version : 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: they are of one machine
  useEffect(() => {
    setBookmarks([]);
    setWatched('');
  }, [epoch]);

  if (begin === null) return null;
  const goTo = (ns: number) => void machine.travel('goToTime', { ns });
  const left = (ns: number) => ({ left: `${((ns - begin) / Math.max(1, present - begin)) * 100}%` });
  return (
    <section className={isPaused ? 'time-bar' : 'time-bar running'} aria-label={t('time.bar')}>
      <div className="track">
        <div className="marks" aria-hidden="true">
          {marks.moments.slice(-most).map((ns) => (
            <i key={ns} className="moment" style={left(ns)} />
          ))}
          {marks.inputs.slice(-most).map((input, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: inputs are added at the end alone
            <i key={index} className="input" style={left(input.ns)} />
          ))}
          {bookmarks.map((ns) => (
            <i key={ns} className="bookmark" style={left(ns)} />
          ))}
        </div>
        <input
          type="range"
          aria-label={t('time.at')}
          min={begin}
          max={present}
          step={sliceNs}
          value={Math.min(at, present)}
          aria-valuetext={formatSeconds(at)}
          onChange={(event) => goTo(Number(event.target.value))}
        />
      </div>
      {isPaused && (
        <div className="ways">
          <span className="figure">{formatSeconds(at)}</span>
          <button type="button" className="quiet" onClick={() => commands.perform('time.stepBack')}>
            {t('time.stepBack')}
          </button>
          <select
            aria-label={t('time.back')}
            value={way}
            onChange={(event) => setWay(ways.find((each) => each === event.target.value) ?? 'time.stop')}
          >
            {ways.map((each) => (
              <option key={each} value={each}>
                {t(each)}
              </option>
            ))}
          </select>
          <button type="button" className="quiet" onClick={() => commands.perform(way)}>
            {t('time.back')}
          </button>
          <Watch text={watched} setText={setWatched} />
          <button
            type="button"
            className="quiet"
            onClick={() => setBookmarks((last) => [...new Set([...last, at])].sort((a, b) => a - b))}
          >
            {t('time.bookmark')}
          </button>
          {bookmarks.map((ns) => (
            <button key={ns} type="button" className="quiet" onClick={() => goTo(ns)}>
              ⚑ {formatSeconds(ns)}
            </button>
          ))}
          <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {t('time.inputs')}
          </button>
        </div>
      )}
      {isPaused && isOpen && (
        <div className="details">
          <label>
            {t('time.memory', { used })}{' '}
            <input
              type="number"
              min={16}
              max={4096}
              step={16}
              defaultValue={limit}
              onChange={({ target: { valueAsNumber } }) => {
                if (valueAsNumber >= 16 && valueAsNumber <= 4096)
                  void machine.request(() => machine.ask('keepPast', { bytes: Math.round(valueAsNumber) * mib }));
              }}
            />{' '}
            MiB
          </label>
          {marks.inputs.length === 0 && <p>{t('time.noInputs')}</p>}
          <ol>
            {marks.inputs
              .slice(-most)
              .map((input, index) => ({ input, index }))
              .toReversed()
              .map(({ input, index }) => (
                <li key={index}>
                  <button type="button" className="quiet" onClick={() => goTo(input.ns)}>
                    {formatSeconds(input.ns)}
                  </button>{' '}
                  {input.console} <code>{textOf(input)}</code>
                </li>
              ))}
          </ol>
        </div>
      )}
    </section>
  );
}

/** The address of 8 bytes: the machine stops where something is stored to them, and a way back leads there. */
function Watch({ text, setText }: { readonly text: string; readonly setText: (text: string) => void }) {
  const t = useTranslate();
  const { machine } = useLab();
  const isValid = /^\s*((0x)?[0-9a-f]{1,16})?\s*$/i.test(text);
  const watch = () => {
    if (!isValid) return;
    const digits = text.trim().replace(/^0x/i, '');
    const address = BigInt(`0x${digits || 0}`);
    const points = digits === '' ? [] : [{ kind: 'watchpoint', id: 1, address, length: 8, access: 'write' } as const];
    void machine.request(() => machine.ask('setStopPoints', { points }));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        watch();
      }}
    >
      <label>
        {t('time.watch')}{' '}
        <input
          size={12}
          placeholder="0x…"
          spellCheck={false}
          aria-invalid={!isValid}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={watch}
        />
      </label>
    </form>
  );
}

/** What has entered, in one line. */
const textOf = ({ kind, text }: TimeInput): string => (kind === 'keys' ? JSON.stringify(text) : `${kind} ${text}`);

/** The marks of the time bar, asked for when the version changes. */
function useMarks(version: number | undefined): TimeMarks {
  const { machine } = useLab();
  const [marks, setMarks] = useState(none);
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new version
  useEffect(() => {
    let isStale = false;
    void machine.look('timeMarks').then((found) => {
      if (!isStale) setMarks(found ?? none);
    });
    return () => {
      isStale = true;
    };
  }, [machine, version]);
  return marks;
}
