import { useCallback } from 'react';
import type { ConsoleId } from '../../../session/api/console.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useDomains, useXenLab } from '../../lab/lab.ts';
import type { PanelProps } from '../panel.ts';
import { domainOf } from './subject.ts';
import Terminal from './Terminal.tsx';

/** A console of the machine with Xen: Xen's own, Domain-0's, or a guest's. */
export default function Console({ subject }: PanelProps) {
  const t = useTranslate();
  const { machine } = useXenLab();
  const domain = domainOf(subject);
  // A domain that was created again has a new console.
  const find = useCallback((): ConsoleId | null => {
    if (domain === null) return 'serial';
    return domain === 'Domain-0' ? 'dom0' : (machine.domains.find(domain)?.consoles[0] ?? null);
  }, [machine, domain]);
  const type = useCallback((console: ConsoleId, bytes: Uint8Array) => machine.consoles.type(console, bytes), [machine]);
  return (
    <div className="console">
      <Terminal
        panel={`console ${subject}`}
        label={domain === null ? t('console.xenLabel') : t('console.label', { domain })}
        find={find}
        type={type}
      />
      {domain !== null && <NoDomain domain={domain} />}
    </div>
  );
}

/** A note on the console of a domain that is gone. */
function NoDomain({ domain }: { readonly domain: string }) {
  const t = useTranslate();
  const isThere = useDomains((domains) => domains.some(({ name }) => name === domain));
  const isListed = useDomains((domains) => domains.length > 0);
  if (isThere || !isListed) return null;
  return <p className="console-note">{t('console.gone', { domain })}</p>;
}
