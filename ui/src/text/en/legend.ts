/** What the marks mean, on the sheet of keys. */
export const legend = {
  title: 'Marks',
  marks: {
    paging: 'Paging: somebody is being called',
    failing: 'Failing',
    warn: 'Warning',
    waiting: 'Waits for a person',
    unknown: 'Unknown: never counted as fine',
    running: 'Under way',
    ok: 'Fine when it was last read',
    inactive: 'Skipped, cancelled or closed',
    informs: 'Fires for information: asks for nobody',
    silenced: 'Silenced or taken by somebody',
    stale: 'Hatched: the last known state, not the present one',
  },
} as const;
