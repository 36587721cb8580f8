import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Nothing reaches the core but through the host. */
const TAURI = { group: ['@tauri-apps/*'], message: 'only host/ talks to the shell' };

/** Rooms, lowest first: a room imports from itself and from the rooms before it. */
const ROOMS = ['tokens', 'host', 'api', 'text', 'live', 'kit', 'parts', 'app', 'views', 'frame'];
const ALONE = { kit: ['host', 'api', 'text', 'live'] };

const directions = ROOMS.map((room, index) => {
  const above = [...ROOMS.slice(index + 1), ...(ALONE[room] ?? [])];
  const upward = `^(\\$src|(\\.\\./)+)/?(${above.join('|')})/`;
  return {
    files: [`src/${room}/**/*.{ts,svelte}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(above.length ? [{ regex: upward, message: `${room} must not know what lies above it` }] : []),
            ...(room === 'host' ? [] : [TAURI]),
          ],
        },
      ],
    },
  };
});

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/gen.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-undef': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write', 'setHTMLUnsafe', 'srcdoc'].map((property) => ({
          property,
          message: 'text from a backend is hostile: use text nodes',
        })),
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      // The content policy refuses style attributes; `style:` directives go through the CSSOM and are allowed.
      'no-restricted-syntax': [
        'error',
        { selector: "SvelteAttribute[key.name='style']", message: 'use style: directives, the content policy refuses style attributes' },
        { selector: 'SvelteDirective[kind="Transition"]', message: 'transitions inject style sheets, the content policy refuses them' },
      ],
      'svelte/require-each-key': 'error',
      'svelte/no-target-blank': 'error',
      'max-lines': ['error', { max: 200 }],
    },
  },
  ...directions,
  // The invented backends answer in the core's own types; they are no part of the product.
  { files: ['src/host/fake/**'], rules: { 'no-restricted-imports': ['error', { patterns: [TAURI] }] } },
  { files: ['*.config.{js,ts}', 'tests/**'], languageOptions: { globals: { ...globals.node } } },
  // Tests read markup to prove what is not in it.
  { files: ['tests/**'], rules: { 'no-restricted-properties': 'off' } },
);
