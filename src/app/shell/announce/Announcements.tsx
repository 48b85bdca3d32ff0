import { useStore } from 'zustand';
import { useLab } from '../../lab/lab.ts';

/** The page's live region: the last announcement. */
export function Announcements() {
  const { number, text } = useStore(useLab().announcer.store);
  return (
    <div className="for-screen-readers" role="log" aria-live="polite" aria-relevant="additions" data-announcements>
      {text !== '' && <p key={number}>{text}</p>}
    </div>
  );
}
