import { useState } from 'react';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine, type XenLab } from '../../lab/lab.ts';

const seconds = (ns: number): string => (ns / 1e9).toFixed(3);

/** A link or a file has brought the machine: how far it is, and what becomes of its files. */
export function OpenedNotice() {
  const t = useTranslate();
  const lab = useLab();
  const opened = useMachine((view) => view.opened);
  const epoch = useMachine((view) => view.epoch);
  const [dismissed, dismiss] = useState(-1);
  if (!opened || (dismissed === epoch && opened.at !== 'playing')) return null;
  const { at, by, hash, endNs } = opened;
  const end = seconds(endNs);
  const texts = {
    playing: t('opened.playing'),
    moment:
      by === 'link'
        ? `${t('opened.moment', { end })} ${hash === '' ? '' : t('opened.same')}`
        : by === 'kept'
          ? t('opened.kept.moment', { end })
          : '',
    other: t('opened.other', { end }),
    stuck: t('opened.stuck'),
    reset: '',
  };
  const isKept = lab.mode === 'board' || opened.keeps;
  if (texts[at] === '' && isKept) return null;
  return (
    <section className="banner notice">
      <p role="status">
        {texts[at]} {!isKept && at !== 'playing' && t('opened.files')}
      </p>
      {at === 'playing' ? (
        <Progress endNs={endNs} />
      ) : (
        <>
          {by === 'kept' && at === 'moment' && (
            <button type="button" onClick={() => void lab.machine.reset()}>
              {t('opened.afresh')}
            </button>
          )}
          {lab.mode === 'xen' && !isKept && (
            <button type="button" onClick={() => void keep(lab)}>
              {t('opened.keep')}
            </button>
          )}
          <button type="button" onClick={() => dismiss(epoch)}>
            {t('refusal.dismiss')}
          </button>
        </>
      )}
    </section>
  );
}

function Progress({ endNs }: { readonly endNs: number }) {
  const t = useTranslate();
  const nowNs = useMachine(({ status }) => status?.virtualNs ?? 0);
  const text = t('opened.progress', { now: seconds(nowNs), end: seconds(endNs) });
  return (
    <>
      <progress aria-label={t('opened.playing')} max={endNs} value={Math.min(nowNs, endNs)} />
      <span className="figure">{text}</span>
    </>
  );
}

/** The opened machine's files take the place of the user's, which can be taken back. */
async function keep({ machine, undo }: XenLab): Promise<void> {
  machine.showOpened({ keeps: true });
  const before = await machine.files.adopt();
  undo.offer({
    text: (t) => t('opened.kept'),
    undo: async () => {
      machine.showOpened({ keeps: false });
      await machine.files.forget();
      await machine.files.restore(before);
    },
  });
}
