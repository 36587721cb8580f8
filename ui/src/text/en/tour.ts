/** The tour of the demo, a sentence or two for each chapter, and the card at its end. */
export const tour = {
  label: 'Tour',
  at: (step: number, of: number) => `Tour ${step}/${of}`,
  steps: {
    calm: 'A calm afternoon. What needs somebody stands on top, worst first, each with its reason. Space looks into a row, Ctrl K finds and does anything.',
    'bad-deploy': 'v412 of checkout is live in prod-eu: a triangle on the watch strip. The matrix shows what runs where, and Enter on a cell how it came there.',
    alert: 'Three minutes after the deployment began, the latency budget burns. Enter opens the alert with what can be done about it: a silence made here is one at the server.',
    tickets: 'Customers write. The keys [ and ] put a window of time on the watch strip, and every view shows what happened in it.',
    rollback: 'v411 is back and the alert is over. In the matrix, Enter on checkout in prod-eu shows the rollback, and compares two versions.',
    fix: 'The fix is merged, and v413 is on its way. A run shows its first failure, what it usually takes, and since which commit it fails.',
  } as Record<string, string>,
  look: (view: string) => `Look: ${view}`,
  next: (chapter: string) => `Next: ${chapter}`,
  hide: 'Hide the tour',
  end: 'v413 is everywhere, and the tickets are closed: that was the story. With connections of your own, all of it works the same.',
  connect: 'Connect your own',
  again: 'Begin again',
};
