import { useCallback, useEffect, useState } from 'react';
import type { NetworkInfo } from '../../session/api/network.ts';
import { useLab } from './lab.ts';

/** Wall time between two looks while the machine runs: nobody reads faster. */
const intervalMs = 400;

/** The machine's networks and captures, followed while the panel is there, and what looks at them at once. */
export function useNetwork(): { readonly network: NetworkInfo | null; readonly look: () => void } {
  const { machine } = useLab();
  const [network, setNetwork] = useState<NetworkInfo | null>(null);
  const look = useCallback(async () => {
    const { epoch } = machine.view;
    const found = await machine.look('network');
    if (epoch === machine.view.epoch) setNetwork(found);
  }, [machine]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen: string | undefined;
    const follow = () => {
      const { status, epoch } = machine.view;
      const now = `${epoch} ${status?.virtualNs}`;
      if (timer !== undefined || now === seen) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          seen = now;
          void look();
        },
        seen === undefined ? 0 : intervalMs,
      );
    };
    follow();
    const ends = machine.onChange(follow);
    return () => {
      clearTimeout(timer);
      ends();
    };
  }, [machine, look]);
  return { network, look: () => void look() };
}
