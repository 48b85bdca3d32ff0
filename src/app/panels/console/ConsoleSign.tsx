import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDomains } from '../../lab/lab.ts';
import type { PanelProps } from '../panel.ts';
import { domainOf } from './subject.ts';

/** Before the title of a console's tab: the domain's colour, or a sign that it has crashed, stopped or ended. */
export function ConsoleSign({ subject }: PanelProps) {
  const domain = domainOf(subject);
  return domain === null ? null : <DomainSign domain={domain} />;
}

function DomainSign({ domain }: { readonly domain: string }) {
  const t = useTranslate();
  const state = useDomains((domains) => {
    const found = domains.find(({ name }) => name === domain);
    // Before the machine has said which domains there are, none has ended.
    if (!found) return domains.length === 0 ? null : 'ended';
    return found.shutdown === null ? null : found.shutdown === 'crash' ? 'crashed' : 'stopped';
  });
  if (state === null) return <DomainSwatch domain={domain} />;
  const text = t(`consoleTab.${state}`);
  return (
    <span className={`tab-state${state === 'crashed' ? ' fault' : ''}`} role="img" aria-label={`${text}:`} title={text}>
      {state === 'crashed' ? '✕' : '■'}
    </span>
  );
}
