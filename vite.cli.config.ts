import { defineConfig } from 'vite';
import { versionOfSources } from './scripts/version.mjs';

/** The command line: one bundle for Node, built by bin/el2lab. */
export default defineConfig({
  publicDir: false,
  define: { EL2LAB_VERSION: JSON.stringify(versionOfSources()) },
  logLevel: 'warn',
  build: {
    ssr: 'src/cli/main.ts',
    outDir: 'dist-cli',
    target: 'node20',
    sourcemap: true,
  },
  ssr: { noExternal: true },
});
