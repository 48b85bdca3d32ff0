import { useEffect, useRef, useState } from 'react';
import { useLab } from '../../lab/lab.ts';

/** Wall time between two looks while the machine runs: nobody reads faster. */
const intervalMs = 500;
/** And so many times what the last answer took, for which the machine stands still: Linux has many pages. */
const pause = 30;

/**
 * What a question about the machine has for an answer now, asked again as the machine runs on if it `follows`; null until
 * there is one. `key` says which question it is.
 */
export function useLooked<T>(key: string, look: () => Promise<T | null>, follows: boolean): T | null {
  const { machine } = useLab();
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: T } | null>(null);
  const question = useRef(look);
  question.current = look;
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen = '';
    let took = 0;
    const now = (): string => `${machine.view.epoch} ${follows ? machine.view.status?.virtualNs : ''}`;
    const ask = async () => {
      seen = now();
      const asked = performance.now();
      const value = await question.current();
      took = performance.now() - asked;
      timer = undefined;
      if (isOver) return;
      if (value !== null) setAnswer({ key, value });
      follow();
    };
    const follow = () => {
      if (timer !== undefined || seen === now()) return;
      timer = setTimeout(() => void ask(), seen === '' ? 0 : Math.max(intervalMs, pause * took));
    };
    follow();
    const ends = machine.onChange(follow);
    return () => {
      isOver = true;
      clearTimeout(timer);
      ends();
    };
  }, [machine, key, follows]);
  return answer?.key === key ? answer.value : null;
}
