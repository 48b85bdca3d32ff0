import { useStore } from 'zustand';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/files/browserFiles.ts';
import { useBoard, useBoardLab, useKeeping } from '../../lab/lab.ts';
import { sizeOfCard } from '../../machine/board/cardSlot.ts';
import type { UserGuest } from '../../machine/guests.ts';
import { formatSeconds, formatSize } from '../../machine/text/format.ts';
import { CardFiles } from './CardFiles.tsx';
import { NewCard } from './NewCard.tsx';
import './card.css';

/** The card in the board's SD slot: what is on it, and making another. */
export default function Card() {
  const g = useGuide();
  const { machine } = useBoardLab();
  const card = useStore(machine.card.store, (view) => view.card);
  return (
    <div className="card">
      <h2>{g('card.slot')}</h2>
      {card ? <Inserted card={card} /> : <EmptySlot />}
      <h2>{g('card.new')}</h2>
      <NewCard />
    </div>
  );
}

/** Bytes of zeros behind an image that ends before the card does. */
const zeros = new Uint8Array(2 ** 20);

/** The whole of a card, as a reader of cards would give it. */
function imageOf(card: UserGuest): BlobPart[] {
  const parts: BlobPart[] = [card.file];
  for (let at = card.file.size; at < sizeOfCard(card); at += zeros.length)
    parts.push(zeros.subarray(0, Math.min(zeros.length, sizeOfCard(card) - at)));
  return parts;
}

function Inserted({ card }: { readonly card: UserGuest }) {
  const g = useGuide();
  const { machine } = useBoardLab();
  const readAt = useStore(machine.card.store, (view) => view.readAt);
  return (
    <>
      <dl className="facts">
        <dt>{g('card.name')}</dt>
        <dd>{card.name}</dd>
        <dt>{g('card.size')}</dt>
        <dd>{formatSize(sizeOfCard(card))}</dd>
        <dt>{g('card.contents')}</dt>
        <dd>
          {readAt === null ? g('card.asInserted') : g('card.asRead', { time: formatSeconds(readAt) })}{' '}
          <Kept card={card} />
        </dd>
      </dl>
      <p className="buttons">
        <button type="button" data-takes-focus title={g('card.readHow')} onClick={() => void machine.card.read()}>
          {g('card.read')}
        </button>
        <button type="button" onClick={() => download(card.name, new Blob(imageOf(card)))}>
          {g('card.download')}
        </button>
        <button type="button" title={g('card.ejectHow')} onClick={() => void machine.card.eject()}>
          {g('card.eject')}
        </button>
      </p>
      <CardFiles card={card} />
    </>
  );
}

/** Whether the browser has these contents. */
function Kept({ card }: { readonly card: UserGuest }) {
  const g = useGuide();
  const isUnkept = useKeeping((view) => view.unkept.includes(card.name));
  const isWriting = useKeeping((view) => view.writing.includes(card.name));
  const isPersistent = useKeeping((view) => view.isPersistent);
  if (isWriting) return null;
  return (
    <span className={isUnkept ? 'fault' : 'muted'}>
      {g(isUnkept ? 'card.unkept' : isPersistent ? 'card.kept' : 'card.stored')}
    </span>
  );
}

function EmptySlot() {
  const t = useTranslate();
  const g = useGuide();
  const { machine } = useBoardLab();
  const guests = useBoard((view) => view.guests);
  const cards = guests.filter((guest): guest is UserGuest => guest.origin === 'user' && guest.role === 'card');
  return (
    <>
      <p className="muted">{g('card.empty')}</p>
      <ul className="cards">
        {cards.map((card) => (
          <li key={card.name}>
            <span className="name">{card.name}</span>
            <span className="muted">{formatSize(sizeOfCard(card))}</span>
            <button
              type="button"
              aria-label={g('card.insertNamed', { name: card.name })}
              onClick={() => void machine.card.insert(card)}
            >
              {g('card.insert')}
            </button>
            <button
              type="button"
              aria-label={t('board.removeNamed', { name: card.name })}
              onClick={() => void machine.remove(card)}
            >
              {t('files.remove')}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
