// The headers with which the page is sent: by scripts/serve.mjs, by `npm run dev`, and by static hosts that read `_headers`.

/** These headers let the page use SharedArrayBuffer and precise timers (HTML Standard, "cross-origin isolation"). */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @type {Readonly<Record<string, string>>} */
export const pageHeaders = { ...isolationHeaders, 'X-Content-Type-Options': 'nosniff' };

/** The file `_headers` of static hosts such as Netlify and Cloudflare Pages. The page works without it, too. */
export const headersFile = () =>
  `/*\n${Object.entries(pageHeaders)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join('')}`;
