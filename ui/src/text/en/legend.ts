/** What the marks mean, on the sheet of keys. */
export const legend = {
  title: 'Marks',
  marks: {
    paging: 'Paging, critical: somebody is called, or should be',
    failing: 'Failing',
    warn: 'Warning',
    waiting: 'Waits for a person',
    unknown: 'Unknown: never counted as fine',
    running: 'Under way',
    ok: 'Fine when it was last read',
    inactive: 'Nothing to do now: skipped, cancelled, closed, or not begun',
    informs: 'Fires for information: asks for nobody',
    silenced: 'Silenced or taken by somebody',
    stale: 'Hatched: the last known state, not the present one',
  },
} as const;
