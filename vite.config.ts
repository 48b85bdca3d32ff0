import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { compress } from './scripts/compress.mjs';
import { contentSecurityPolicy, headersFile, isolationHeaders } from './scripts/headers.mjs';
import { imagesOf } from './scripts/serve.mjs';
import { versionOfSources } from './scripts/version.mjs';

/** The page. Relative URLs (`base`), so that `dist/` works from any folder of a plain static host. */
export default defineConfig(({ command }) => ({
  base: './',
  // Sources that are served as they are have changed by tomorrow.
  define: command === 'build' ? { EL2LAB_VERSION: JSON.stringify(versionOfSources()) } : {},
  plugins: [
    react(),
    // The service worker by which the page works offline: src/app/shell/update/update.ts registers it and offers new versions.
    VitePWA({
      strategies: 'generateSW',
      // A new version waits until the user takes it.
      registerType: 'prompt',
      injectRegister: false,
      manifest: false,
      workbox: {
        // All of the page, at the first visit. Compressed copies are the server's.
        globPatterns: ['index.html', 'icon.svg', 'assets/*'],
        globIgnores: ['**/*.{br,gz}'],
        maximumFileSizeToCacheInBytes: 8e6,
        navigateFallback: 'index.html',
        navigateFallbackDenylist: [/\/images\//],
        // The images that have been booted: a version of one as it is kept, others as the server has them or had them.
        runtimeCaching: (['CacheFirst', 'NetworkFirst'] as const).map((handler) => ({
          urlPattern:
            handler === 'CacheFirst'
              ? ({ sameOrigin, url }) => sameOrigin && /\/images\/[^/]+$/.test(url.pathname) && url.search !== ''
              : ({ sameOrigin, url }) => sameOrigin && /\/images\/[^/]+$/.test(url.pathname),
          handler,
          options: { cacheName: 'images', expiration: { maxEntries: 8, purgeOnQuotaError: true } },
        })),
        clientsClaim: true,
        // The policy lets a service worker load no other script.
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
    {
      // As scripts/serve.mjs does for the built page.
      name: 'images',
      configureServer: (server) => void server.middlewares.use(imagesOf(join(import.meta.dirname, 'images'))),
    },
    {
      name: 'for servers',
      apply: 'build',
      transformIndexHtml: (html) =>
        html.replace(
          '<meta charset="utf-8" />',
          `$&\n    <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />`,
        ),
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile() });
      },
      closeBundle: {
        order: 'post',
        sequential: true,
        handler: async () => void (await compress(join(import.meta.dirname, 'dist'))),
      },
    },
  ],
  assetsInclude: ['**/*.elf', '**/*.img'],
  worker: { format: 'es' },
  build: {
    // Guest images stay files of their own: they are fetched when they are booted.
    assetsInlineLimit: 0,
    // Monaco is one large chunk by nature and is loaded only with an editor; scripts/size.mjs holds the real budgets.
    chunkSizeWarningLimit: 8000,
    rolldownOptions: {
      output: {
        // Monaco has a chunk for Japanese, too.
        chunkFileNames: ({ facadeModuleId }) =>
          facadeModuleId?.includes('/app/i18n/') ? 'assets/texts-[name]-[hash].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  server: { headers: isolationHeaders },
}));
