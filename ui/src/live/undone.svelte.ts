import { SvelteSet } from 'svelte/reactivity';

/** Keys of actions that were taken back here: what they did is claimed nowhere any more. */
export const undone = new SvelteSet<string>();
