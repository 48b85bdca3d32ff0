import type { DomainInfo } from '../../session/api/hypervisor.ts';
import { type Language, type Translate, translator } from '../i18n/translate.ts';
import type { XenLab } from './lab.ts';

type Domains = readonly DomainInfo[];

/** Says when domains are created, crash, shut down and end. */
export function announceDomains({ machine, announcer, settings }: XenLab): void {
  machine.domains.store.subscribe(({ domains }, before) => {
    const { language } = settings.getState();
    for (const sentence of changesOf(before.domains, domains, translator(language), language)) announcer.say(sentence);
  });
}

/** What has become of the domains, in words. An empty list is that of a machine that has only started. */
export function changesOf(before: Domains, now: Domains, t: Translate, language: Language): string[] {
  if (before.length === 0 || now.length === 0) return [];
  const list = new Intl.ListFormat(language);
  const created = now.filter(({ id }) => !before.some((other) => other.id === id));
  const ended = before.filter(({ id }) => !now.some((other) => other.id === id));
  const isIn = (domains: Domains, { name }: DomainInfo) => domains.some((other) => other.name === name);
  const namesOf = (domains: Domains) => list.format(domains.map(({ name }) => name));
  const restarted = created.filter((domain) => isIn(ended, domain));
  const fresh = created.filter((domain) => !isIn(ended, domain));
  const gone = ended.filter((domain) => !isIn(created, domain));
  const sentences = [];
  if (fresh.length > 0) sentences.push(t('announce.created', { domains: namesOf(fresh) }));
  if (restarted.length > 0) sentences.push(t('announce.restarted', { domains: namesOf(restarted) }));
  for (const { id, name, letters } of now) {
    const were = before.find((other) => other.id === id)?.letters ?? '';
    const has = (letter: string) => letters.includes(letter) && !were.includes(letter);
    if (has('c')) sentences.push(t('announce.crashed', { domain: name }));
    else if (has('s')) sentences.push(t('announce.shutDown', { domain: name }));
  }
  if (gone.length > 0) sentences.push(t('announce.ended', { domains: namesOf(gone) }));
  return sentences;
}
