import { useEffect, useRef } from 'react';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDomains } from '../../lab/lab.ts';
import type { PanelProps } from '../panel.ts';
import { domainOf } from './subject.ts';

/** Before the title of a console's tab: the domain's colour, or a sign that it has crashed, stopped or is not there. */
export function ConsoleSign({ subject }: PanelProps) {
  const domain = domainOf(subject);
  return domain === null ? null : <DomainSign domain={domain} />;
}

function DomainSign({ domain }: { readonly domain: string }) {
  const state = useDomains((domains) => {
    const found = domains.find(({ name }) => name === domain);
    // Before the machine has said which domains there are, none is missing.
    if (!found) return domains.length === 0 ? null : 'ended';
    return found.shutdown === null ? null : found.shutdown === 'crash' ? 'crashed' : 'stopped';
  });
  return state === null ? <DomainSwatch domain={domain} /> : <StateSign state={state} />;
}

function StateSign({ state }: { readonly state: 'ended' | 'stopped' | 'crashed' }) {
  const t = useTranslate();
  const sign = useRef<HTMLSpanElement>(null);
  const text = t(`consoleTab.${state}`);
  // The tab's name hides what is in it from screen readers.
  useEffect(() => {
    const tab = sign.current?.closest('[role="tab"]');
    tab?.setAttribute('aria-description', text);
    return () => tab?.removeAttribute('aria-description');
  }, [text]);
  return (
    <span ref={sign} className={`tab-state${state === 'crashed' ? ' fault' : ''}`} title={text} aria-hidden="true">
      {state === 'crashed' ? '✕' : '■'}
    </span>
  );
}
