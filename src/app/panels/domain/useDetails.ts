import { useEffect, useState } from 'react';
import type { DomainDetails } from '../../../session/api/domain-details.ts';
import { useXenLab } from '../../lab/lab.ts';

/** Wall time between two looks while the machine runs: nobody reads faster. */
const intervalMs = 250;

/** The details of a domain, followed while the panel is there; null until they are known. */
export function useDetails(domain: number): DomainDetails | null {
  const { machine } = useXenLab();
  const [details, setDetails] = useState<DomainDetails | null>(null);
  useEffect(() => {
    let isOver = false;
    let isWaiting = false;
    /** The machine's time at the last look, and the number of its domain list, which an action changes while it stands still. */
    let seen = '';
    const now = (): string => {
      const { status, epoch } = machine.view;
      return `${epoch} ${status?.virtualNs} ${status?.hypervisor?.domains}`;
    };
    const look = async () => {
      isWaiting = false;
      if (isOver) return;
      seen = now();
      const found = await machine.look('domain', { domain });
      if (!isOver && found) setDetails(found);
    };
    const follow = () => {
      if (isWaiting || seen === now()) return;
      isWaiting = true;
      setTimeout(() => void look(), seen === '' ? 0 : intervalMs);
    };
    follow();
    const ends = machine.onChange(follow);
    return () => {
      isOver = true;
      ends();
    };
  }, [machine, domain]);
  return details?.id === domain ? details : null;
}
