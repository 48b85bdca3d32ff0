// The headers with which the page is sent: by scripts/serve.mjs, by `npm run dev`, and by static hosts that read `_headers`.

/** These headers let the page use SharedArrayBuffer and precise timers (HTML Standard, "cross-origin isolation"). */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Content-Security-Policy: what the page may load, run and reach. All of it comes from the page's own origin.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const policy = {
  'default-src': ["'none'"],
  // Compiling WebAssembly is allowed; `eval` and scripts inside HTML are not.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  // Monaco's lines and xterm's theme are `style` attributes and elements, which cannot run anything. What a style could
  // load is bound by the directives below.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  // No string becomes HTML, a script or a worker but by these named functions: Monaco's, which escape or sanitise, and
  // that of src/app/trustedScript.ts.
  'require-trusted-types-for': ["'script'"],
  'trusted-types': [
    'el2lab',
    'defaultWorkerFactory',
    'diffEditorWidget',
    'diffReview',
    'domLineBreaksComputer',
    'dompurify',
    'editorGhostText',
    'editorViewLayer',
    'richScreenReaderContent',
    'standaloneColorizer',
    'stickyScrollViewLayer',
    'tokenizeToString',
  ],
};

/** The policy for a `<meta>` in the page, by which plain hosts that send no headers have it too. */
export const contentSecurityPolicy = Object.entries(policy)
  .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
  .join('; ');

/** @type {Readonly<Record<string, string>>} */
export const pageHeaders = {
  ...isolationHeaders,
  // A `<meta>` cannot say who may frame the page.
  'Content-Security-Policy': `${contentSecurityPolicy}; frame-ancestors 'self'`,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The file `_headers` of static hosts such as Netlify and Cloudflare Pages. The page works without it, too. */
export const headersFile = () =>
  `/*\n${Object.entries(pageHeaders)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join('')}`;
