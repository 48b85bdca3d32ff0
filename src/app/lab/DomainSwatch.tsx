import { domainCss } from '../xen/palette.ts';
import { useDomains } from './lab.ts';

/** A domain's colour, beside its name; an empty square where there is no such domain. */
export function DomainSwatch({ domain }: { readonly domain: string }) {
  const colour = useDomains((domains) => domains.find(({ name }) => name === domain)?.colour);
  return (
    <span
      className="swatch"
      aria-hidden="true"
      style={colour === undefined ? undefined : { background: domainCss(colour), borderColor: 'transparent' }}
    />
  );
}
