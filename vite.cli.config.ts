import { defineConfig } from 'vite';

/** The command line: one bundle for Node, built by bin/el2lab. */
export default defineConfig({
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: 'src/cli/main.ts',
    outDir: 'dist-cli',
    target: 'node20',
    sourcemap: true,
  },
  ssr: { noExternal: true },
});
