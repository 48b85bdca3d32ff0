import { useEffect, useState } from 'react';
import { useLab } from '../../lab/lab.ts';

export type DomainNames = ReadonlyMap<number, { readonly name: string; readonly colour: number }>;

const none: DomainNames = new Map();

/** The names and colours of the domains by their numbers, also of those that are gone. */
export function useDomainNames(): DomainNames {
  const lab = useLab();
  const [names, setNames] = useState(none);
  useEffect(() => {
    if (lab.mode !== 'xen') return;
    const { store } = lab.machine.domains;
    let { epoch } = lab.machine.view;
    const look = () => {
      const isNew = lab.machine.view.epoch !== epoch;
      epoch = lab.machine.view.epoch;
      const { domains } = store.getState();
      setNames((last) => {
        const before = isNew ? none : last;
        const isKnown = domains.every(({ id, name, colour }) => {
          const one = before.get(id);
          return one?.name === name && one.colour === colour;
        });
        if (isKnown) return before;
        return new Map([...before, ...domains.map(({ id, name, colour }) => [id, { name, colour }] as const)]);
      });
    };
    look();
    return store.subscribe(look);
  }, [lab]);
  return names;
}
