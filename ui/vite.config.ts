import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** The product's content policy, without its bridge to the core: the page in a browser may do no more than the window's. */
const POLICY =
  "default-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The invented rows of the plain-browser mode must never reach a person who watches real systems. */
function noFixturesInTheProduct(): Plugin {
  return {
    name: 'no-fixtures-in-the-product',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const fake = Object.keys(chunk.modules).find((id) => id.includes('/host/fake/') || id.endsWith('/text/pseudo.ts'));
        if (fake) this.error(`${fake} is bundled into the product build`);
      }
    },
  };
}

function underThePolicy(): Plugin {
  const meta = { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' as const };
  return { name: 'under-the-policy', apply: 'build', transformIndexHtml: () => [meta] };
}

export default defineConfig(({ mode }) => {
  const browser = mode === 'browser';
  return {
    plugins: [svelte(), browser ? underThePolicy() : noFixturesInTheProduct()],
    resolve: {
      alias: {
        $host: here(browser ? './src/host/fake/browser.ts' : './src/host/tauri.ts'),
        $locale: here(browser ? './src/text/pseudo.ts' : './src/text/locale.ts'),
        $src: here('./src'),
      },
    },
    build: {
      target: 'safari18',
      emptyOutDir: true,
      // The content policy allows fonts and scripts from the application itself only: no data: URLs, no injected preload script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: { host: '127.0.0.1', port: 5173, strictPort: true },
    preview: { host: '127.0.0.1', port: 4173, strictPort: true },
  };
});
