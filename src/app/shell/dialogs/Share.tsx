import { useEffect, useRef, useState } from 'react';
import { packedToFile } from '../../../session/snapshot/container.ts';
import { linkOf, maxLink } from '../../../session/snapshot/link.ts';
import type { Packed } from '../../../session/snapshot/pack.ts';
import { useRefusals } from '../../i18n/machine/useRefusals.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/files/browserFiles.ts';
import { useLab } from '../../lab/lab.ts';
import { PageLibrary } from '../../lab/links/pageLibrary.ts';
import { Modal } from '../../widgets/Modal.tsx';
import './share.css';

/** What leads to a moment: a link, or one sentence why there is none. */
type Way =
  | { readonly of: string; readonly packed: Packed; readonly endNs: number; readonly link: string }
  | { readonly of: string; readonly refusal: string };

/** A link that leads to this moment of the machine, or to an earlier one; a file where it would be too long. */
export default function Share() {
  const t = useTranslate();
  const { refusal } = useRefusals();
  const { overlay, mode } = useLab();
  /** A virtual time in seconds; null is now. */
  const [chosen, choose] = useState<string | null>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const way = useWay(chosen);
  const close = () => overlay.setState({ open: null });
  const page = `${location.origin}${location.pathname}`;
  const link = way && 'link' in way ? `${page}#${mode}=${way.link}` : '';
  const isTooLong = way !== null && 'link' in way && way.link.length > maxLink;
  const seconds = chosen ?? (way && 'link' in way ? (way.endNs / 1e9).toFixed(6) : '');
  const name = `${mode}-${Number(seconds).toFixed(2)}s.snap`;
  const figures = {
    length: (way && 'link' in way ? way.link.length : 0).toLocaleString('en'),
    limit: maxLink.toLocaleString('en'),
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      field.current?.select();
      setCopied(false);
    }
  };
  return (
    <Modal label={t('share.title')} className="key-list share" onClose={close}>
      <h2>{t('share.title')}</h2>
      <p>{t('share.text')}</p>
      <label className="field">
        {t('share.seconds')}
        <input
          type="number"
          min={0}
          step="any"
          value={seconds}
          onChange={(event) => {
            choose(event.target.value);
            setCopied(null);
          }}
        />
      </label>
      {!isTooLong && (
        <label className="field">
          {t('share.link')}
          <input
            ref={field}
            type="text"
            className="mono"
            readOnly
            data-takes-focus
            value={link}
            onFocus={(event) => event.target.select()}
          />
        </label>
      )}
      <p role="status">
        {way === null
          ? t('share.making')
          : 'refusal' in way
            ? refusal(way.refusal)
            : copied !== null
              ? t(copied ? 'share.copied' : 'share.notCopied')
              : t(isTooLong ? 'share.tooLong' : 'share.length', figures)}
      </p>
      {isTooLong && <p className="mono">{`${page}?session=${name}#${mode}`}</p>}
      <div className="choices">
        {!isTooLong && (
          <button type="button" aria-disabled={link === ''} onClick={() => link !== '' && void copy()}>
            {t('share.copy')}
          </button>
        )}
        <button
          type="button"
          aria-disabled={link === ''}
          onClick={() => way && 'link' in way && void save(name, way.packed)}
        >
          {t('share.file')}
        </button>
        <button type="button" onClick={close}>
          {t('dialog.close')}
        </button>
      </div>
    </Modal>
  );
}

const save = async (name: string, packed: Packed): Promise<void> =>
  download(name, (await packedToFile(packed)) as BlobPart[]);

/** The way to a virtual time in seconds, or with null to now; null until it is there. */
function useWay(seconds: string | null): Way | null {
  const { machine } = useLab();
  const [known, setKnown] = useState<Way | null>(null);
  const [library] = useState(() => new PageLibrary());
  const of = seconds ?? '';
  useEffect(() => {
    let isOver = false;
    const make = async (): Promise<Way> => {
      try {
        const packed = await machine.ask('wayToMoment', { seconds: seconds === null ? null : Number(seconds) });
        return { of, packed, endNs: packed.endNs, link: await linkOf(packed, library) };
      } catch (error) {
        return { of, refusal: error instanceof Error ? error.message : String(error) };
      }
    };
    void make().then((way) => !isOver && setKnown(way));
    return () => {
      isOver = true;
    };
  }, [machine, library, of, seconds]);
  return known?.of === of ? known : null;
}
