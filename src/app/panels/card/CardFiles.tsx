import { useEffect, useState } from 'react';
import { useGuide } from '../../i18n/guide.ts';
import { useRefusals } from '../../i18n/machine/useRefusals.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/files/browserFiles.ts';
import type { CardContents } from '../../machine/board/cardImage.ts';
import { sizeOfCard } from '../../machine/board/cardSlot.ts';
import type { UserGuest } from '../../machine/guests.ts';
import { formatSize } from '../../machine/text/format.ts';

/** More files than this are not listed. */
const most = 500;

/** The files on a card, to be downloaded. */
export function CardFiles({ card }: { readonly card: UserGuest }) {
  const t = useTranslate();
  const g = useGuide();
  const { fault } = useRefusals();
  const contents = useContents(card);
  if (contents === null) return null;
  if (typeof contents === 'string') return <p className="fault">{g('card.damaged', { reason: fault(contents) })}</p>;
  const { type, files, read } = contents;
  if (type === null) return <p className="muted">{g('card.noFiles')}</p>;
  return (
    <div className="figures">
      <table aria-label={g('card.files', { type })}>
        <caption>{g('card.files', { type })}</caption>
        <tbody>
          {files.slice(0, most).map(({ path, size }) => (
            <tr key={path}>
              <th scope="row" className="mono">
                {path}
              </th>
              <td className="figure">{formatSize(size)}</td>
              <td>
                <button
                  type="button"
                  className="quiet"
                  aria-label={g('card.downloadNamed', { name: path })}
                  // The bytes are no SharedArrayBuffer, which the type does not say.
                  onClick={() => download(path.slice(path.lastIndexOf('/') + 1), read(path) as BlobPart)}
                >
                  {t('files.download')}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {files.length > most && <p className="muted">{g('card.more', { count: files.length - most })}</p>}
    </div>
  );
}

/** What is on a card; a clause if it cannot be read; null before it is known. */
function useContents(card: UserGuest): CardContents | string | null {
  const [contents, setContents] = useState<CardContents | string | null>(null);
  useEffect(() => {
    let stale = false;
    const read = async () => {
      const { openCard } = await import('../../machine/board/cardImage.ts');
      const bytes = new Uint8Array(await card.file.arrayBuffer());
      try {
        return openCard(bytes, sizeOfCard(card));
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    void read().then((found) => stale || setContents(found));
    return () => {
      stale = true;
    };
  }, [card]);
  return contents;
}
