import { useTranslate } from '../../i18n/useTranslate.ts';
import { useMachine } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';

/** Nanoseconds for which samples are kept. */
const keptNs = 600e9;

interface ScrubProps {
  readonly held: number | null;
  readonly seconds: number;
  readonly hold: (to: number | null) => void;
}

/** Moves the plot back in virtual time. At the right end, the plot follows the machine again. */
export function Scrub({ held, seconds, hold }: ScrubProps) {
  const t = useTranslate();
  // In tenths of a second, so that it is not drawn at each frame.
  const now = useMachine((view) => Math.floor((view.status?.sampled ?? 0) / 1e8) * 1e8);
  const oldest = Math.max(Math.min(seconds * 1e9, now), now - keptNs);
  const text = held === null ? t('cpu.live') : formatSeconds(held);
  return (
    <label className="scrub">
      <span>{t('cpu.until')}</span>
      <input
        type="range"
        // Before the window is full there is nothing to go back to, and the thumb stays at the right.
        disabled={oldest >= now}
        min={oldest >= now ? now - 1e9 : oldest}
        max={now}
        step={1e8}
        value={held ?? now}
        aria-valuetext={text}
        onChange={(event) => {
          const to = Number(event.target.value);
          hold(to >= now ? null : to);
        }}
      />
      <span className="figure">{text}</span>
    </label>
  );
}
